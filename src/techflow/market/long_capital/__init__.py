"""Long-term capital: what it may hold, what is left after tax, how to spread it, whom it suits.

`techflow.market.long_capital.allocation` needs SciPy (extra `train`) and is not imported here.
"""
