"""Technology-innovation note."""
