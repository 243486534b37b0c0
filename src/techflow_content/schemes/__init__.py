"""Risk-sharing schemes as folders."""
