"""Insurance of interrupted R&D."""
