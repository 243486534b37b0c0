"""Store: Parquet parts and one manifest, replaced by one atomic rename."""

from techflow_service.store.manifest import Part
from techflow_service.store.snapshot import Snapshot
from techflow_service.store.store import Store, Transaction

__all__ = ["Part", "Snapshot", "Store", "Transaction"]
