"""Store: Parquet parts and one manifest, replaced by one atomic rename."""

from techflow_service.store.check import Problem, check_store
from techflow_service.store.manifest import Part
from techflow_service.store.snapshot import Snapshot
from techflow_service.store.store import Store, Transaction
from techflow_service.store.summary import describe_store, source_freshness

__all__ = [
    "Part",
    "Problem",
    "Snapshot",
    "Store",
    "Transaction",
    "check_store",
    "describe_store",
    "source_freshness",
]
