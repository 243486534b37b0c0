"""Insurance of a clinical trial."""
