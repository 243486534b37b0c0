"""How wrong forecasts of growth were, beside plain ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats
from techflow_service.training.trees import Rows

DRAWS_N = 500
Texts = np.typing.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecasts of rows that were not fitted on.

    Attributes:
        y: What came, shape (n,), as all below.
        median: What the card said.
        low: Lower end of its interval.
        high: Upper end.
        plain: Name -> a plain forecast: `median` and `mean` of the training rows, `last` (the
            growth of the year before; the mean where unknown), `ar1` (least squares on it).
        firms: Firm of each row.
    """

    y: Floats
    median: Floats
    low: Floats
    high: Floats
    plain: Mapping[str, Floats]
    firms: Texts

    @classmethod
    def against_plain(
        cls,
        y: Floats,
        last: Floats,
        firms: Texts,
        *,
        train: Rows,
        test: Rows,
        said: tuple[Floats, Floats, Floats],
    ) -> "Forecast":
        """Set what the card said of the test rows beside what plain forecasts say."""
        return cls(y[test], *said, plain_forecasts(y, last, train=train, test=test), firms[test])

    @classmethod
    def join(cls, parts: Sequence["Forecast"]) -> "Forecast":
        """All rows of several forecasts."""
        arrays = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("y", "median", "low", "high", "firms")
        }
        plain = {
            name: np.concatenate([part.plain[name] for part in parts]) for name in parts[0].plain
        }
        return cls(**arrays, plain=plain)


def plain_forecasts(y: Floats, last: Floats, *, train: Rows, test: Rows) -> dict[str, Floats]:
    """Forecasts that need no card.

    Args:
        y: Growth that followed, shape (n,).
        last: Growth of the year before, NaN where unknown.
        train: Rows the forecasts may learn from.
        test: Rows they are of.
    """
    mean, before = float(y[train].mean()), last[test]
    pairs, seen = train & np.isfinite(last), np.isfinite(before)
    # Without a pair of years nothing is known of how growth goes on, and the mean is all there is.
    slope, constant = np.polyfit(last[pairs], y[pairs], 1) if pairs.sum() > 1 else (0.0, mean)
    return {
        "median": np.full(before.size, np.median(y[train])),
        "mean": np.full(before.size, mean),
        "last": np.where(seen, before, mean),
        "ar1": np.where(seen, constant + slope * before, mean),
    }


def measure_forecast(
    forecast: Forecast, *, how: str, seed: int, suffix: str = ""
) -> list[dict[str, Any]]:
    """Error, fit and coverage, each with a 95 % interval by drawing firms with replacement.

    Args:
        forecast: Forecasts of rows held out.
        how: How they were held out, in both languages.
        seed: Of the draws.
        suffix: Added to the names.

    Returns:
        `mae_ratio` (mean absolute error over that of the median of the training rows, the best
        constant), `mae_ratio_<plain>`, `r2` (of the median, against the mean of the training
        rows), `coverage`, and `width_median` (of the intervals, in log growth).

    Source:
        Percentile bootstrap over clusters: Efron and Tibshirani (1993), ch. 13. Firms of one year
        share its shocks, so the intervals are too narrow for a year to come.
    """
    y, errors = forecast.y, {name: np.abs(forecast.y - p) for name, p in forecast.plain.items()}
    own = np.abs(y - forecast.median)
    inside = ((forecast.low <= y) & (y <= forecast.high)).astype(np.float64)
    squares = (y - forecast.median) ** 2, (y - forecast.plain["mean"]) ** 2
    quotients = {
        "mae_ratio": (own, errors["median"]),
        **{f"mae_ratio_{name}": (own, errors[name]) for name in ("mean", "last", "ar1")},
        "unexplained": squares,
        "coverage": (inside, np.ones(y.size)),
    }
    draws = draw_firms(forecast.firms, seed)
    found = {name: quotient(*parts, *draws) for name, parts in quotients.items()}
    low, value, high = found.pop("unexplained")
    found["r2"] = (1.0 - high, 1.0 - value, 1.0 - low)
    metrics = [
        {"name": name + suffix, "low": low, "value": value, "high": high, "rows_n": y.size}
        for name, (low, value, high) in found.items()
    ]
    width = float(np.median(forecast.high - forecast.low))
    metrics.append({"name": f"width_median{suffix}", "value": width, "rows_n": y.size})
    return [metric | {"how": how} for metric in metrics]


def draw_firms(firms: Texts, seed: int) -> tuple[Any, Any]:
    """Number of the firm of each row, and how often each firm is drawn, shape (draws, firms)."""
    known, member = np.unique(firms, return_inverse=True)
    chance = np.full(known.size, 1.0 / known.size)
    times = np.random.default_rng(seed).multinomial(known.size, chance, DRAWS_N)
    return member, times.astype(np.float64)


def quotient(part: Floats, whole: Floats, member: Any, times: Any) -> tuple[float, float, float]:
    """Sum over sum of all rows, between the ends of its interval."""
    parts, wholes = (times @ np.bincount(member, weights=item) for item in (part, whole))
    low, high = np.quantile(parts / wholes, [0.025, 0.975])
    return float(low), float(part.sum() / whole.sum()), float(high)
