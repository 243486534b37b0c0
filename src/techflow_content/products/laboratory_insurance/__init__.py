"""All-risk insurance of a laboratory."""
