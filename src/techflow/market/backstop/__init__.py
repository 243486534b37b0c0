"""A backstop fund for large short-term losses of a market, against none."""
