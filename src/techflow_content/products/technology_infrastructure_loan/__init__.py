"""Long-term loan for technology infrastructure."""
