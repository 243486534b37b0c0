"""Insurance funds in projects."""
