"""Working-capital loan of up to one year."""
