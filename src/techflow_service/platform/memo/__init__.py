"""The page of a firm, read like a credit memo: what its sheets say, in words, with sources."""

from techflow_service.platform.memo.writing import Memo

__all__ = ["Memo"]
