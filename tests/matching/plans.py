"""Random plans for the tests, and what others say about them."""

from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from techflow.matching import build_plan


def random_plan(seed, *, products_n=12, rooms_n=3, tight=0.7, products_n_max=3, whole=False):
    """Products with least and greatest amounts, fixed costs and shared rooms."""
    rng = np.random.default_rng(seed)
    amount = float(rng.choice([1.0, 5e5, 2e8]))
    cost = rng.uniform(0.02, 0.25, products_n)
    fixed = np.where(rng.random(products_n) < 0.3, rng.uniform(0, 0.05, products_n), 0.0) * amount
    high = amount * rng.choice([0.15, 0.3, 0.5, 0.8, 2.0], products_n)
    low = high * rng.choice([0.0, 0.0, 0.3, 0.9, 1.0], products_n)
    if whole:
        cost = np.round(cost, 2)
    shape = (rooms_n, products_n)
    use = np.where(rng.random(shape) < 0.5, rng.choice([0.5, 1.0, 1.25], shape), 0.0)
    fixed_use = np.where(rng.random(shape) < 0.1, 0.02 * amount, 0.0)
    room = amount * tight * rng.uniform(0.2, 1.2, rooms_n)
    return build_plan(
        (cost, fixed),
        (low, high),
        (use, fixed_use, room),
        amount_cny=amount,
        products_n_max=products_n_max,
    )


def scipy_value(problem):
    """Cost by the mixed-integer solver HiGHS in SciPy; infinite if it finds none."""
    n, unit = problem.products_n, problem.amount_cny_max
    if not n:
        return np.inf
    high = np.minimum(problem.high_cny, unit) / unit
    rows = [
        (np.concatenate([np.ones(n), np.zeros(n)]), problem.amount_cny_min / unit, 1.0),
        (np.concatenate([np.zeros(n), np.ones(n)]), 0.0, problem.products_n_max),
        *(
            (np.concatenate([use * unit, fixed]), -np.inf, room)
            for use, fixed, room in zip(problem.use, problem.fixed_use, problem.room, strict=True)
        ),
    ]
    upper = np.hstack([np.eye(n), -np.diag(high)])
    lower = np.hstack([np.eye(n), -np.diag(problem.low_cny / unit)])
    matrix = np.vstack([*(row for row, _, _ in rows), upper, lower])
    low = [*(least for _, least, _ in rows), *[-np.inf] * n, *[0.0] * n]
    most = [*(limit for _, _, limit in rows), *[0.0] * n, *[np.inf] * n]
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12)
    done = milp(
        np.concatenate([problem.cost * unit, problem.fixed_cost_cny]) / unit,
        constraints=LinearConstraint(
            matrix / scale[:, None], np.array(low) / scale, np.array(most) / scale
        ),
        bounds=Bounds(np.zeros(2 * n), np.concatenate([high, np.ones(n)])),
        integrality=np.concatenate([np.zeros(n), np.ones(n)]),
        options={"mip_rel_gap": 1e-10},
    )
    return done.fun * unit if done.status == 0 else np.inf


def brute_value(problem):
    """Cost by trying every set of products, each a linear problem of SciPy."""
    n, unit = problem.products_n, problem.amount_cny_max
    best = np.inf
    for count in range(1, problem.products_n_max + 1):
        for chosen in map(list, combinations(range(n), count)):
            room = problem.room - problem.fixed_use[:, chosen].sum(axis=1)
            bounds = np.stack([problem.low_cny[chosen], problem.high_cny[chosen]], axis=1) / unit
            if (room < 0).any() or (bounds[:, 0] > bounds[:, 1]).any():
                continue
            done = linprog(
                problem.cost[chosen],
                A_ub=problem.use[:, chosen] if len(room) else None,
                b_ub=room / unit if len(room) else None,
                A_eq=np.ones((1, count)),
                b_eq=[1.0],
                bounds=bounds,
            )
            if done.status == 0:
                fixed = problem.fixed_cost_cny[chosen].sum()
                best = min(best, done.fun * unit + fixed)
    return best


def check_plan(problem, amounts):
    """Every bound holds, to a share of what is asked for."""
    slip = 1e-6 * problem.amount_cny_max
    used = amounts > 0
    assert problem.amount_cny_min - slip <= amounts.sum() <= problem.amount_cny_max + slip
    assert (amounts[used] >= problem.low_cny[used] - slip).all()
    assert (amounts <= problem.high_cny + slip).all()
    assert used.sum() <= problem.products_n_max
    taken = problem.use @ amounts + problem.fixed_use @ used
    assert (taken <= problem.room + slip).all()
