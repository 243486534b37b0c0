"""Small linear programmes of one technology, compiled. Needs the extra `simulate`.

The multiplier form of a unit o, scaled by its own inputs and outputs:
`max u.y_o (+ w)` under `v.x_o (+ w) <= 1` and `u.Y_j - v.X_j (+-) w <= 0` for each unit j, with
u, v >= 0. The intercept w is absent for constant returns; in the objective for inputs, in the norm
for outputs. Weights of the peers are the shadow prices of the unit rows, so each result carries
its own proof.
"""

import numba
import numpy as np

kernel = numba.njit(cache=True, error_model="numpy")

CONSTANT, BY_INPUTS, BY_OUTPUTS = 0, 1, 2
"""Intercept: absent (CCR), in the objective (BCC by inputs), in the norm (BCC by outputs)."""
EPS = 1e-11
"""Below this a reduced cost or a pivot counts as zero; columns are scaled to about 1."""
DANTZIG_N, PIVOTS_N_MAX = 60, 2000
"""Pivots by steepest cost before Bland's rule, which cannot cycle, and the end of trying."""


@kernel
def _fill(table, technology, point, form):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Columns of the tableau, one per row of `table`: v, u, w+, w-, right side.

    Row 0 of the tableau is the objective, row 1 the norm, row 2 + j unit j.
    """
    inputs, outputs = technology
    x, y = point
    units_n, inputs_n = inputs.shape
    outputs_n = outputs.shape[1]
    for k in range(inputs_n):
        scale = x[k] if x[k] > 0 else inputs[:, k].max()
        scale = scale if scale > 0 else 1.0
        table[k, 0], table[k, 1] = 0.0, x[k] / scale
        for j in range(units_n):
            table[k, 2 + j] = -inputs[j, k] / scale
    for r in range(outputs_n):
        scale = y[r] if y[r] > 0 else outputs[:, r].max()
        scale = scale if scale > 0 else 1.0
        c = inputs_n + r
        table[c, 0], table[c, 1] = -y[r] / scale, 0.0
        for j in range(units_n):
            table[c, 2 + j] = outputs[j, r] / scale
    last = inputs_n + outputs_n
    if form != CONSTANT:
        inside = form == BY_INPUTS
        for sign, c in ((1.0, last), (-1.0, last + 1)):
            table[c, 0], table[c, 1] = (-sign, 0.0) if inside else (0.0, sign)
            for j in range(units_n):
                table[c, 2 + j] = sign if inside else -sign
        last += 2
    table[last, :] = 0.0
    table[last, 1] = 1.0


@kernel
def _pivot(table, names, basis, column, row):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Exchange a column with the basic variable of a row; the slack takes the column's place."""
    columns_n, rows_n = table.shape
    turn = 1.0 / table[column, row]
    for c in range(columns_n):
        if c == column:
            continue
        factor = table[c, row] * turn
        if factor != 0.0:
            for i in range(rows_n):
                table[c, i] -= factor * table[column, i]
        table[c, row] = factor
    for i in range(rows_n):
        table[column, i] *= -turn
    table[column, row] = turn
    names[column], basis[row] = basis[row], names[column]


@kernel
def _enter(table, names, bland):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Column that raises the objective, or -1."""
    best, cost = -1, -EPS
    for c in range(table.shape[0] - 1):
        if table[c, 0] < -EPS and bland and (best < 0 or names[c] < names[best]):
            best = c
        if table[c, 0] < cost and not bland:
            best, cost = c, table[c, 0]
    return best


@kernel
def _leave(table, basis, column):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Row that bounds the column first, or -1; of equal ones that with the least name."""
    best, least = -1, np.inf
    right = table[table.shape[0] - 1]
    for i in range(1, table.shape[1]):
        if table[column, i] > EPS:
            bound = max(right[i], 0.0) / table[column, i]
            if bound < least or (bound == least and best >= 0 and basis[i] < basis[best]):
                best, least = i, bound
    return best


@kernel
def solve_unit(technology, point, form, work):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Efficiency of a unit against a technology; NaN if the technology cannot reach it.

    The work arrays hold the last tableau afterwards: `names[c] = columns + row` of a slack that is
    zero, and its shadow price in `table[c, 0]`.
    """
    table, names, basis = work
    x = point[0]
    _fill(table, technology, point, form)
    columns_n, rows_n = table.shape
    for c in range(columns_n - 1):
        names[c] = c
    for i in range(rows_n):
        basis[i] = columns_n + i
    for k in range(x.shape[0]):
        if x[k] > 0:
            # v_k = 1 / x_k makes each slack x_jk / x_k: a start without ties.
            _pivot(table, names, basis, k, 1)
            break
    for count in range(PIVOTS_N_MAX):
        column = _enter(table, names, count >= DANTZIG_N)
        if column < 0:
            return table[columns_n - 1, 0]
        row = _leave(table, basis, column)
        if row < 0:
            return np.nan
        _pivot(table, names, basis, column, row)
    return np.nan


@kernel
def solve_all(technology, points, form, scores, weights):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Scores of units (rows of the points) against a technology; weights of peers if asked for."""
    inputs, outputs = technology
    xs, ys = points
    columns_n = inputs.shape[1] + outputs.shape[1] + (0 if form == CONSTANT else 2) + 1
    rows_n = inputs.shape[0] + 2
    table = np.empty((columns_n, rows_n))
    names, basis = np.empty(columns_n, np.int64), np.empty(rows_n, np.int64)
    for o in range(xs.shape[0]):
        scores[o] = solve_unit(technology, (xs[o], ys[o]), form, (table, names, basis))
        if weights.shape[0] == 0 or np.isnan(scores[o]):
            continue
        for c in range(columns_n - 1):
            unit = names[c] - columns_n - 2
            if unit >= 0:
                weights[o, unit] = table[c, 0]


@kernel
def solve_draws(technology, stretch, form, by_outputs, scores):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Scores of the units against technologies stretched by draw and unit, shape (draws, units)."""
    inputs, outputs = technology
    none = np.empty((0, 0))
    for b in range(stretch.shape[0]):
        side = outputs if by_outputs else inputs
        drawn = np.empty_like(side)
        for j in range(side.shape[0]):
            for k in range(side.shape[1]):
                drawn[j, k] = side[j, k] * stretch[b, j]
        if by_outputs:
            solve_all((inputs, drawn), technology, form, scores[b], none)
        else:
            solve_all((drawn, outputs), technology, form, scores[b], none)
