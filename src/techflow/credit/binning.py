"""Bins of a number: exact, monotone where asked, unknown and special values apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.credit.binning_kernel import (
    FALLING,
    FREE,
    PEAK,
    RISING,
    VALLEY,
    WIDTH,
    best_cuts_of_all,
    count_codes,
    encode,
)

SHAPES: Mapping[str, tuple[int, ...]] = {
    "any": (FREE,),
    "rising": (RISING,),
    "falling": (FALLING,),
    "monotone": (RISING, FALLING),
    "peak": (PEAK,),
    "valley": (VALLEY,),
    "one_turn": (PEAK, VALLEY),
}
"""Shape of the event rate over the bins: candidates tried; the best information value is kept.
A peak or a valley may lie at an end, so `one_turn` includes `monotone`."""
NAMES = {FREE: "any", RISING: "rising", FALLING: "falling", PEAK: "peak", VALLEY: "valley"}
PREBINS_MAX, SAMPLE_ROWS_MAX = WIDTH, 20_000
ZERO_CELL = 0.5
"""Added to both counts of an unknown or special bin that lacks events or non-events."""
CHI_AT = {0.1: 2.705543454095404, 0.05: 3.841458820694124, 0.01: 6.6348966010212145, 1.0: 0.0}
"""Quantiles of chi-square with one degree of freedom, by the p allowed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What bins must keep.

    Attributes:
        bins_max: Most bins of known numbers, 2 or more.
        size_share_min: Least share of all rows in a bin, fraction.
        shape: A key of `SHAPES`.
        p_max: Neighbours must differ at this level of the chi-square test: 0.1, 0.05 or 0.01;
            1 asks for nothing.
        special: Numbers with a meaning of their own (such as -1 for "never"), each its own bin.
    """

    bins_max: int = 8
    size_share_min: float = 0.05
    shape: str = "monotone"
    p_max: float = 0.05
    special: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the rules.

        Raises:
            InvalidInput: A rule is not among those allowed.
        """
        if self.shape not in SHAPES:
            raise InvalidInput(f"shape must be one of {', '.join(SHAPES)}; got {self.shape}")
        if self.p_max not in CHI_AT:
            raise InvalidInput(f"p_max must be one of {sorted(CHI_AT)}; got {self.p_max}")
        if self.bins_max < 2 or not 0.0 <= self.size_share_min < 1.0:
            raise InvalidInput(
                f"bins_max must be 2 or more and size_share_min in [0, 1); "
                f"got {self.bins_max} and {self.size_share_min}"
            )


@dataclass(frozen=True, slots=True)
class Binned:
    """The bins of one feature.

    Attributes:
        name: Feature.
        edges: Rising; a number up to but not at edge k lies in bin k. Empty: one bin.
        special: Numbers with a bin of their own, after the bins of the edges.
        good_n: Non-events in each bin, shape (bins,): edges, special, unknown last.
        bad_n: Events in each bin.
        shape: Shape the bins keep.
        information_value: Of all bins.
        reason: Why there is one bin only; null if there are more.
    """

    name: str
    edges: Floats
    special: tuple[float, ...]
    good_n: Floats
    bad_n: Floats
    shape: str
    information_value: float
    reason: str | None

    @property
    def woe(self) -> Floats:
        """Weight of evidence of each bin: log of its share of non-events over that of events.

        Positive is safer. An empty bin has zero; one without either gets `ZERO_CELL` of both.

        Source:
            Siddiqi, Credit Risk Scorecards (2006), ch. 6.
        """
        return weights_of_evidence(self.good_n, self.bad_n)

    def to_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "edges": self.edges.tolist(),
            "special": list(self.special),
            "good_n": self.good_n.tolist(),
            "bad_n": self.bad_n.tolist(),
            "shape": self.shape,
            "information_value": self.information_value,
            "reason": self.reason,
        }


def weights_of_evidence(good_n: Floats, bad_n: Floats) -> Floats:
    """Weight of evidence of bins with these counts; see `Binned.woe`.

    Examples:
        >>> weights_of_evidence(np.array([90.0, 10.0]), np.array([5.0, 5.0])).round(4).tolist()
        [0.5878, -1.6094]
    """
    empty = (good_n + bad_n) == 0.0
    added = np.where((good_n == 0.0) | (bad_n == 0.0), ZERO_CELL, 0.0)
    good, bad = good_n + added, bad_n + added
    with np.errstate(divide="ignore", invalid="ignore"):
        woe = np.log(good / good_n.sum()) - np.log(bad / bad_n.sum())
    return np.where(empty, 0.0, woe)


def bin_features(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    rules: Rules | Sequence[Rules] = Rules(),
    *,
    period: Sequence[int] | None = None,
    seed: int = 0,
) -> tuple[Binned, ...]:
    """Bins of every feature at once: those of greatest information value that keep the rules.

    Args:
        x: Features, shape (n, p); NaN is unknown, infinities are numbers like any other.
        y: 1 event, 0 none, shape (n,).
        names: Names, one a column.
        rules: What the bins must keep: for all, or one entry a feature; `bins_max`,
            `size_share_min` and `p_max` must then agree.
        period: From 0, shape (n,): neighbours must then differ in the same direction in every
            period. Null does not look at time.
        seed: Of the sample of rows that sets the pre-bins where there are more than
            `SAMPLE_ROWS_MAX`.

    Returns:
        One entry a feature. A feature that cannot be cut has one bin and a reason.

    Raises:
        InvalidInput: Shapes differ, or there is no event or no non-event.
    """
    columns, each = _check(x, y, names, rules)
    known, special_codes = _take_special(columns, each)
    edges, edges_n = _prebins(known, seed)
    codes = encode(known, edges, edges_n)
    bins_n, periods_n = int(edges_n.max(initial=0)) + 2, 1 if period is None else max(period) + 1
    time = np.zeros(y.size, np.uint8) if period is None else np.asarray(period, np.uint8)
    events = y.astype(np.uint8)
    counts = count_codes(codes, events, time, bins_n, periods_n)
    sums = _running(counts, by_period=period is not None)
    first, shapes, size_min = each[0], _candidates(each), each[0].size_share_min * y.size
    _, cuts, cuts_n, taken = best_cuts_of_all(
        sums, edges_n + 1, shapes, (size_min, first.bins_max, CHI_AT[first.p_max])
    )
    found = []
    for j, name in enumerate(names):
        chosen = edges[j, cuts[j, : cuts_n[j]] - 1]
        good, bad = _merge(counts[j].sum(axis=0), edges_n[j], cuts[j, : cuts_n[j]])
        extra = _count_special(special_codes[j], events, len(each[j].special))
        good, bad = _insert(good, extra[:, 0]), _insert(bad, extra[:, 1])
        reason = None if cuts_n[j] else _why_single(edges_n[j], counts[j])
        shape = NAMES[int(taken[j])] if cuts_n[j] else "any"
        found.append(
            Binned(name, chosen, each[j].special, good, bad, shape, _total(good, bad), reason)
        )
    return tuple(found)


def _check(
    x: Floats, y: Floats, names: Sequence[str], rules: Rules | Sequence[Rules]
) -> tuple[Floats, list[Rules]]:
    if x.ndim != 2 or x.shape != (y.size, len(names)):
        raise InvalidInput(
            f"x must have a row an outcome and a column a name; got {x.shape} for {y.size} "
            f"outcomes and {len(names)} names"
        )
    if not np.isin(y, (0.0, 1.0)).all() or not 0 < y.sum() < y.size:
        raise InvalidInput(
            f"binning needs events (1) and non-events (0); got {y.sum():.0f} in {y.size} rows"
        )
    each = [rules] * len(names) if isinstance(rules, Rules) else list(rules)
    return np.ascontiguousarray(x.T, dtype=np.float64), each


def _take_special(columns: Floats, each: Sequence[Rules]) -> tuple[Floats, list[Any]]:
    """Numbers without the special ones (NaN in their place), and which special one each was."""
    if not any(rules.special for rules in each):
        return columns, [None] * len(each)
    known, codes = columns.copy(), []
    for j, rules in enumerate(each):
        code = np.full(columns.shape[1], -1)
        for place, number in enumerate(rules.special):
            code[columns[j] == number] = place
        known[j, code >= 0] = np.nan
        codes.append(code)
    return known, codes


def _prebins(known: Floats, seed: int) -> tuple[Floats, np.typing.NDArray[np.int64]]:
    """At most `PREBINS_MAX` pre-bins of each feature, cut at quantiles of a sample of rows."""
    p, n = known.shape
    rows = np.arange(n)
    if n > SAMPLE_ROWS_MAX:
        rows = np.random.default_rng(seed).choice(n, SAMPLE_ROWS_MAX, replace=False)
    edges, edges_n = np.full((p, WIDTH), np.nan), np.zeros(p, dtype=np.int64)
    for j in range(p):
        values = np.sort(known[j, rows])
        values = values[~np.isnan(values)]
        if not values.size:
            continue
        at = (np.arange(1, PREBINS_MAX) * values.size) // PREBINS_MAX
        cut = np.unique(values[at])
        if cut.size < PREBINS_MAX // 2 and np.unique(values).size <= PREBINS_MAX:
            cut = np.unique(values)
        cut = cut[cut > values[0]]
        edges[j, : cut.size], edges_n[j] = cut, cut.size
    return edges, edges_n


def _running(counts: np.typing.NDArray[np.int64], *, by_period: bool) -> Floats:
    """Running sums over the pre-bins: over all rows, then by period if asked."""
    known = counts[:, :, :-1, :]
    layers = known.sum(axis=1, keepdims=True)
    if by_period:
        layers = np.concatenate([layers, known], axis=1)
    p, t, m, _ = layers.shape
    sums = np.zeros((p, t, m + 1, 2))
    np.cumsum(layers, axis=2, out=sums[:, :, 1:, :])
    return sums


def _candidates(each: Sequence[Rules]) -> np.typing.NDArray[np.int64]:
    return np.array([(SHAPES[r.shape] * 2)[:2] for r in each], dtype=np.int64)


def _merge(
    counts: np.typing.NDArray[np.int64], edges_n: int, cuts: np.typing.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Counts of the final bins, unknown last."""
    starts = np.concatenate([[0], cuts])
    known = np.add.reduceat(counts[: edges_n + 1], starts, axis=0)
    both = np.vstack([known, counts[edges_n + 1]]).astype(np.float64)
    return both[:, 0], both[:, 1]


def _count_special(code: Any, events: Any, special_n: int) -> Floats:
    """Non-events and events of each special number."""
    found = np.zeros((special_n, 2))
    if code is not None:
        np.add.at(found, (code[code >= 0], events[code >= 0]), 1.0)
    return found


def _insert(counts: Floats, special: Floats) -> Floats:
    """Special bins between the known ones and the unknown, whose rows they are taken from."""
    return np.concatenate([counts[:-1], special, [counts[-1] - special.sum()]])


def _total(good: Floats, bad: Floats) -> float:
    """Information value of all bins."""
    gap = good / good.sum() - bad / bad.sum()
    return float((gap * weights_of_evidence(good, bad)).sum())


def _why_single(edges_n: int, counts: np.typing.NDArray[np.int64]) -> str:
    known = counts.sum(axis=0)[: edges_n + 1]
    if not known.sum():
        return "never known"
    if not edges_n:
        return "constant"
    if not known[:, 0].sum() or not known[:, 1].sum():
        return "known rows have one outcome only"
    return "no two bins keep the rules"
