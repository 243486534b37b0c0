"""Technology-innovation bond."""
