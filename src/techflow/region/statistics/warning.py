"""Early warning by field: concentration, funding gap, froth, and failures within a tolerance."""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput
from techflow.region.statistics.warning_groups import Group
from techflow.region.statistics.warning_signals import FORMS, RELATIVE, TOP_N, Statistic, top_share

AT_ONCE = 50
"""Draws held in memory together."""
STATUSES = ("calm", "watch", "warn", "tolerated", "beyond", "unknown", "none")


@dataclass(frozen=True, slots=True)
class Watch:
    """What a signal is held against.

    Attributes:
        thresholds: Signal -> most that is calm; a signal without one is only shown.
        tolerances: Signals of micro failures: up to their threshold they are tolerated.
        warn_firms_n_min: Fewest firms of a figure that may warn: intervals of fewer are too
            narrow.
        draws_n: Draws of the bootstrap, 2 or more.
        level: Level of the intervals, in (0, 1).
        seed: Seed of the draws.
    """

    thresholds: Mapping[str, float]
    tolerances: frozenset[str] = frozenset()
    warn_firms_n_min: int = 20
    draws_n: int = 1000
    level: float = 0.95
    seed: int = 7

    def __post_init__(self) -> None:
        if self.draws_n < 2 or not 0.0 < self.level < 1.0:
            raise InvalidInput(
                f"draws_n must be 2 or more and level in (0, 1); got {self.draws_n}, {self.level}"
            )
        strange = sorted({*self.thresholds, *self.tolerances} - {*FORMS})
        if strange:
            raise InvalidInput(f"signals are {', '.join(FORMS)}; got {', '.join(strange)}")
        wrong = {k: v for k, v in self.thresholds.items() if not math.isfinite(v)}
        if wrong:
            raise InvalidInput(f"thresholds must be finite numbers; got {wrong}")


class Figure(NamedTuple):
    """A figure with its interval; null where it is unknown."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNKNOWN = Figure(None)


def draw_times(strata: Sequence[tuple[str, int]], draws_n: int, seed: int) -> Iterator[Floats]:
    """How often each firm is drawn, with replacement within its stratum.

    Args:
        strata: Name and firms of each; a stratum is drawn alike whatever the others are.
        draws_n: Draws.
        seed: Seed.

    Yields:
        Some draws, shape (some, firms).

    Examples:
        >>> [times.sum(axis=1).tolist() for times in draw_times([("a", 3), ("b", 4)], 2, seed=1)]
        [[7.0, 7.0]]
    """
    random = [np.random.default_rng([seed, zlib.crc32(name.encode())]) for name, _ in strata]
    for start in range(0, draws_n, AT_ONCE):
        some = min(AT_ONCE, draws_n - start)
        times = [
            _tally(rng.integers(0, n, (some, n)))
            for rng, (_, n) in zip(random, strata, strict=True)
        ]
        yield np.concatenate(times, axis=1).astype(float)


def _tally(picks: NDArray[np.int64]) -> NDArray[np.int64]:
    some, n = picks.shape
    places = picks + n * np.arange(some)[:, None]
    return np.bincount(places.ravel(), minlength=some * n).reshape(some, n)


def estimate(
    measure: Statistic, strata: Sequence[tuple[str, int]], watch: Watch, *, reflect: bool = False
) -> Figure:
    """A figure and its interval over firms.

    Args:
        measure: The figure, from how often each firm counts.
        strata: Name and firms of each stratum, in the order of the firms.
        watch: Draws, level and seed.
        reflect: Reflect the quantiles about the figure, for one of 0 or more whose draws lie too
            high; the upper end is the figure at least.

    Returns:
        No interval if some draw has no denominator.

    Source:
        Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile
        interval); reflected (basic) and with strata: Davison and Hinkley 1997, Bootstrap Methods
        and their Application, sections 5.2 and 3.2.

    Examples:
        >>> from techflow.region.statistics.warning_signals import firm_hhi
        >>> found = estimate(firm_hhi(np.array([[1.0], [1.0]])), [("a", 2)], Watch({}))
        >>> found.value, found.low, found.high
        (0.5, 0.5, 0.5)
    """
    value = float(measure(np.ones((1, sum(n for _, n in strata))))[0])
    if not math.isfinite(value):
        return UNKNOWN
    draws = draw_times(strata, watch.draws_n, watch.seed)
    drawn = np.concatenate([measure(times) for times in draws])
    if not np.isfinite(drawn).all():
        return Figure(value)
    tail = (1.0 - watch.level) / 2.0
    low, high = (float(end) for end in np.quantile(drawn, [tail, 1.0 - tail]))
    if not reflect:
        return Figure(value, low, high)
    return Figure(value, max(2.0 * value - high, 0.0), max(2.0 * value - low, value))


def judge_signal(name: str, figure: Figure, watch: Watch, *, firms_n: int) -> str:
    """`warn` only if the whole interval lies beyond the threshold.

    Args:
        name: Signal.
        figure: Its figure. An interval without width comes from firms that are all alike: it
            says nothing of what others would show, so it never warns.
        watch: Thresholds and tolerances.
        firms_n: Firms behind it; too few never warn.

    Examples:
        >>> watch = Watch({"debt_hhi": 0.25})
        >>> [
        ...     judge_signal("debt_hhi", Figure(0.3, low, 0.4), watch, firms_n=40)
        ...     for low in (0.2, 0.26)
        ... ]
        ['watch', 'warn']
    """
    if figure.value is None:
        return "unknown"
    threshold = watch.thresholds.get(name)
    if threshold is None:
        return "none"
    micro = name in watch.tolerances
    if figure.value <= threshold:
        return "tolerated" if micro else "calm"
    known = figure.low is not None and figure.high is not None
    whole = known and firms_n >= watch.warn_firms_n_min
    if whole and figure.high > figure.low > threshold:  # type: ignore[operator]
        return "beyond" if micro else "warn"
    return "watch"


def measure_signal(
    name: str, groups: Sequence[Group], watch: Watch, *, labels: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """One row per group that may be shown, and the total over just these groups.

    Args:
        name: Signal, a key of `FORMS`.
        groups: Groups fit to be shown; for growth, of `pair_groups`.
        watch: Thresholds, draws, level, seed.
        labels: Firm -> its label, where the signal spreads over one.

    Returns:
        `field` (null: total), `signal`, `value`, `low`, `high`, `firms_n`, `threshold`, `status`.
    """
    rows: list[tuple[str | None, Sequence[Group]]] = []
    rows += [] if FORMS[name].total_only else [(group.name, [group]) for group in groups]
    rows += [(None, groups)] if groups and name != RELATIVE else []
    made: list[dict[str, Any]] = []
    for field, part in rows:
        strata = _against(part[0], groups) if name == RELATIVE else part
        figure = _figure(name, strata, watch, labels or {})
        firms_n = sum(len(group.firms) for group in part)
        made.append(
            {
                "field": field,
                "signal": name,
                **figure._asdict(),
                "firms_n": firms_n,
                "threshold": watch.thresholds.get(name),
                "status": judge_signal(name, figure, watch, firms_n=firms_n),
            }
        )
    return made


def _figure(name: str, strata: Sequence[Group], watch: Watch, labels: Mapping[str, str]) -> Figure:
    form = FORMS[name]
    if form.prepare is top_share and sum(len(group.firms) for group in strata) <= TOP_N:
        return UNKNOWN
    amounts = np.concatenate([group.amounts for group in strata])
    if form.spread:
        amounts = _spread([labels[f] for g in strata for f in g.firms], amounts[:, 0])
    sizes = [(group.name, len(group.firms)) for group in strata]
    return estimate(form.prepare(amounts), sizes, watch, reflect=form.spread is not None)


def _spread(labels: Sequence[str], amount: Floats) -> Floats:
    kinds, place = np.unique(np.array(labels), return_inverse=True)
    made = np.zeros((len(labels), len(kinds)))
    made[np.arange(len(labels)), place] = amount
    return made


def _against(group: Group, groups: Sequence[Group]) -> list[Group]:
    """Each group with its amounts beside those of the one field: 0 elsewhere."""
    return [
        g._replace(amounts=np.hstack([g.amounts * (g.name == group.name), g.amounts]))
        for g in groups
    ]
