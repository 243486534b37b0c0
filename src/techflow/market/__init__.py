"""Markets for capital: listing and exit, long-term capital, and a backstop for large losses."""
