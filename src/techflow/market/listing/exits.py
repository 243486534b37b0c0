"""What an open holding may still bring, by which route, and when."""

from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput, ratio, require_columns
from techflow.market.listing.incidence import Incidence, Integers, cumulative_incidence

KNOWN_DRAWS_SHARE_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where holdings that are open now stand at the end of a horizon.

    Attributes:
        left_share: Chance that it is still open, shape (n,).
        share: Chance of each route, shape (n, routes).
        years: Mean time until then, given the route, from now, shape (n, routes); NaN where the
            route has no chance or is not known.
    """

    left_share: Floats
    share: Floats
    years: Floats


def open_outlook(found: Incidence, age_years: Floats, *, horizon_years: float) -> Outlook:
    """Outlook of holdings by their age, from a history.

    Args:
        found: Cumulative incidence by route.
        age_years: Time each has been held, at least 0, shape (n,).
        horizon_years: How far to look, above 0.

    Returns:
        The outlook; NaN where age and horizon reach beyond what the history saw, or where none
        of the history was open at that age.

    Raises:
        InvalidInput: The horizon is not above 0.

    Examples:
        >>> years, cause = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 1, 0])
        >>> found = cumulative_incidence(years, cause, causes_n=2)
        >>> open_outlook(found, np.array([1.0]), horizon_years=2.0).share.round(4).tolist()
        [[0.3333, 0.3333]]
    """
    _check_horizon(horizon_years)
    left_now, share_now, _ = found.at(age_years)
    left_then, share_then, _ = found.at(age_years + horizon_years)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(left_now > 0.0, left_then / left_now, np.nan)
        share = np.where(left_now > 0.0, 1.0 / left_now, np.nan)[:, None] * (share_then - share_now)
        steps = np.diff(found.share, axis=0, prepend=0.0) * found.years[:, None]
        moments = replace(found, share=np.cumsum(steps, axis=0))
        moment = moments.at(age_years + horizon_years)[1] - moments.at(age_years)[1]
        gone = share_then - share_now
        mean = np.where(gone > 0.0, moment / gone, np.nan) - age_years[:, None]
    return Outlook(left, share, mean)


def constant_outlook(rates_pa: Floats, *, n: int, horizon_years: float) -> Outlook:
    """Outlook of holdings that leave by each route at a constant rate, whatever their age.

    Args:
        rates_pa: Rate of each route, at least 0, shape (routes,).
        n: How many holdings.
        horizon_years: How far to look, above 0.

    Raises:
        InvalidInput: The horizon is not above 0.

    Source:
        Closed form of competing exponential times: rate / sum x (1 - exp(-sum x horizon)).

    Examples:
        >>> found = constant_outlook(np.array([0.1, 0.3]), n=1, horizon_years=5.0)
        >>> found.share.round(4).tolist(), found.years.round(4).tolist()
        ([[0.2162, 0.6485]], [[1.7174, 1.7174]])
    """
    _check_horizon(horizon_years)
    total = float(rates_pa.sum())
    left = np.exp(-total * horizon_years)
    share = rates_pa / total * (1.0 - left) if total > 0.0 else np.zeros_like(rates_pa)
    mean = 1.0 / total - horizon_years * left / (1.0 - left) if total > 0.0 else np.nan
    years = np.where(rates_pa > 0.0, mean, np.nan)
    return Outlook(np.full(n, left), np.tile(share, (n, 1)), np.tile(years, (n, 1)))


def _check_horizon(horizon_years: float) -> None:
    if not horizon_years > 0.0:
        raise InvalidInput(f"horizon_years must be above 0; got {horizon_years}")


def expect_multiple(share: Floats, multiples: Floats) -> Floats:
    """Expected proceeds over what was invested, from the ends within the horizon alone.

    Args:
        share: Chance of each route, shape (n, routes).
        multiples: Proceeds over investment of each route, NaN if not known, shape (routes,).

    Returns:
        Shape (n,). What is still open at the horizon counts nothing. NaN where a route with a
        chance has no known multiple.

    Examples:
        >>> expect_multiple(np.array([[0.2, 0.5, 0.0]]), np.array([3.0, 1.0, np.nan])).tolist()
        [1.1]
    """
    return np.asarray(np.where(share == 0.0, 0.0, share * multiples).sum(axis=1))


def multiple_interval(
    years: Floats,
    cause: Integers,
    money: tuple[Floats, Floats],
    *,
    entry_years: Floats | None = None,
    horizon_years: float,
    causes_n: int,
    draws_n: int,
    seed: int,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of the expected multiple of a new holding: the whole history drawn again.

    Args:
        years: As in `cumulative_incidence`.
        cause: As there.
        money: What each holding cost and what it brought, yuan, NaN if not known, shapes (n,).
        entry_years: As there.
        horizon_years: How far to look.
        causes_n: How many routes.
        draws_n: How many histories are drawn.
        seed: Seed of the draws.
        level: Confidence.

    Returns:
        Lower and upper bound (percentiles); NaN if more than half of the draws hold a route
        without a known multiple. Holdings are drawn one by one, as if they were independent.
    """
    entry = np.zeros(years.size) if entry_years is None else entry_years
    numbers = np.random.default_rng(seed)
    found = np.full(draws_n, np.nan)
    for draw in range(draws_n):
        rows = numbers.integers(0, years.size, years.size)
        drawn = cumulative_incidence(
            years[rows], cause[rows], causes_n=causes_n, entry_years=entry[rows]
        )
        share = replace(drawn, seen_years=np.inf).at(np.array([horizon_years]))[1]
        multiples = _multiples(cause[rows], money[0][rows], money[1][rows], causes_n)
        found[draw] = expect_multiple(share, multiples)[0]
    known = found[np.isfinite(found)]
    if known.size < KNOWN_DRAWS_SHARE_MIN * draws_n:
        return (float("nan"), float("nan"))
    low, high = np.quantile(known, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return float(low), float(high)


def _multiples(cause: Integers, cost: Floats, brought: Floats, causes_n: int) -> Floats:
    known = np.isfinite(cost) & np.isfinite(brought)
    place = np.where(known, cause, 0)
    sums = [
        np.bincount(place, weights=np.where(known, part, 0.0), minlength=causes_n + 1)[1:]
        for part in (cost, brought)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sums[0] > 0.0, sums[1] / sums[0], np.nan)


def route_multiples(exits: Frame) -> Frame:
    """What the holdings that ended brought, by route.

    Args:
        exits: One row per holding that ended: `route`, `invested_cny`, `proceeds_cny`.

    Returns:
        One row per route: `ends_n`, `known_n` (both amounts known), `invested_cny`,
        `proceeds_cny` of those, and `multiple`, null where nothing is known.

    Raises:
        MissingColumn: A column is absent.

    Examples:
        >>> import polars as pl
        >>> rows = {"route": ["merger"] * 3, "invested_cny": [1e6, 3e6, 5e6],
        ...         "proceeds_cny": [2e6, 3e6, None]}
        >>> found = route_multiples(nw.from_native(pl.LazyFrame(rows))).collect()
        >>> found["multiple"][0], found["ends_n"][0], found["known_n"][0]
        (1.25, 3, 2)
    """
    require_columns(exits, ("route", "invested_cny", "proceeds_cny"), needed_by="route_multiples")
    known = ~nw.col("invested_cny").is_null() & ~nw.col("proceeds_cny").is_null()
    marked = exits.with_columns(
        _one=nw.lit(1, dtype=nw.Int64),
        _known=nw.when(known).then(nw.lit(1)).otherwise(nw.lit(0)),
        _cost=nw.when(known).then(nw.col("invested_cny")),
        _brought=nw.when(known).then(nw.col("proceeds_cny")),
    )
    routes = marked.group_by("route").agg(nw.col("_one", "_known", "_cost", "_brought").sum())
    return routes.select(
        "route",
        ends_n=nw.col("_one").cast(nw.Int64),
        known_n=nw.col("_known").cast(nw.Int64),
        invested_cny=nw.col("_cost"),
        proceeds_cny=nw.col("_brought"),
        multiple=ratio(nw.col("_brought"), nw.col("_cost")),
    )
