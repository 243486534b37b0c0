"""Direct equity investment."""
