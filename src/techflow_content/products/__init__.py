"""Products as folders: dated parameters with their clause and mark."""
