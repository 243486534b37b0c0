"""Raw sets: how the columns of a published set become the columns a card's features need."""

from techflow_service.rawsets.layout import RawSet, read_layout
from techflow_service.rawsets.sets import RAW_SETS, find_set

__all__ = ["RAW_SETS", "RawSet", "find_set", "read_layout"]
