"""US SBA 7(a) guaranty."""
