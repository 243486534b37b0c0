"""Portfolio: what a book can lose, in how many worlds, and who and what makes it so.

The simulations (`techflow.portfolio.loss` and its neighbours) need the extra `simulate`, tails by
Sobol points and the closed forms also SciPy (extra `train`); none is imported here.
"""
