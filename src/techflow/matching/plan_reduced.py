"""What a hard plan can do without: products that others replace, choices that cannot add up."""

import numpy as np

from techflow.matching.plan_problem import Flags, PlanProblem

SLIP = 1e-9


def undominated(problem: PlanProblem) -> Flags:
    """Products that may be needed: fewer others replace them than a plan can use.

    Another product replaces one if it costs no more, takes every amount the one takes, and uses
    no more of any room; of equals, the first. Where as many replace a product as a plan uses at
    most, one of them is free in any plan that uses it.

    Args:
        problem: What is on offer.

    Returns:
        Which products to keep; the best plan of these is the best of all.

    Examples:
        >>> from techflow.matching.plan_problem import build_plan
        >>> none = np.zeros((0, 3))
        >>> problem = build_plan(
        ...     (np.array([0.06, 0.05, 0.05]), np.zeros(3)), (np.zeros(3), np.ones(3)),
        ...     (none, none, np.zeros(0)), amount_cny=1.0, products_n_max=1,
        ... )
        >>> undominated(problem)
        array([False,  True, False])
    """
    lows = (problem.cost, problem.fixed_cost_cny, problem.low_cny, -problem.high_cny)
    better = np.ones((problem.products_n, problem.products_n), dtype=np.bool_)
    for values in (*lows, *problem.use, *problem.fixed_use):
        better &= values[:, None] <= values[None, :]
    first = np.triu(np.ones_like(better), 1)
    return np.asarray((better & (~better.T | first)).sum(axis=0) < problem.products_n_max)


def can_add_up(problem: PlanProblem, settled: Flags, allowed: Flags) -> bool:
    """Whether the settled products and up to two more can bring the amount, rooms aside.

    Args:
        problem: What is asked for and on offer.
        settled: Products that are used.
        allowed: Products that may be used.

    Returns:
        True also where more than two places are left, which is not looked into.
    """
    left = problem.products_n_max - int(settled.sum())
    if left > 2:
        return True
    low = np.append(problem.low_cny[allowed & ~settled], 0.0)
    high = np.append(problem.high_cny[allowed & ~settled], 0.0)
    low, high = low + problem.low_cny[settled].sum(), high + problem.high_cny[settled].sum()
    if left == 0:
        low, high = low[-1:], high[-1:]
    if left == 2:
        more = np.append(problem.low_cny[allowed & ~settled], 0.0)
        most = np.append(problem.high_cny[allowed & ~settled], 0.0)
        apart = ~np.eye(len(more), dtype=np.bool_)
        apart[-1, -1] = True
        low, high = (low[:, None] + more)[apart], (high[:, None] + most)[apart]
    fits = (low <= problem.amount_cny_max + SLIP) & (high >= problem.amount_cny_min - SLIP)
    return bool(fits.any())
