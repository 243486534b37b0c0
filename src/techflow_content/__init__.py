"""Content, not code: law, models, products and risk-sharing schemes, as folders."""
