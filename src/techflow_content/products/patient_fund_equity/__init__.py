"""Patient-capital fund in projects."""
