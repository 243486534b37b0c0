"""Store: Parquet parts and one manifest, replaced by one atomic rename."""
