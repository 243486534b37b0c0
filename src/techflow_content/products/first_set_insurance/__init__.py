"""Insurance of first-set equipment."""
