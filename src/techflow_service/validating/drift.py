"""What moved between two files scored with one card, and what moved the score."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import Card, MasterScale, TreeCard, auc
from techflow.credit.drift import (
    BINS_N,
    ROWS_MIN,
    find_move,
    holm,
    share_change,
    split_shift,
)
from techflow.credit.score import LN2, POINTS_TO_DOUBLE
from techflow.credit.validation import chi_square_tail, mean_test
from techflow_service.scoring import score_parts
from techflow_service.validating.labels import has_labels, read_labels
from techflow_service.validating.measure import (
    NORMAL_95,
    Progress,
    horizon_pd,
    observe_rate,
)

EVENTS_MIN = 10
SIDES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Sample:
    """One file, scored.

    Attributes:
        rows: The file.
        made: What each score is made of.
        inputs: Numbers the card looks at, NaN where unknown, shape (rows, inputs).
        scored: True where the row has a score.
    """

    rows: pl.DataFrame
    made: pl.DataFrame
    inputs: Floats
    scored: np.typing.NDArray[np.bool_]

    @property
    def scored_n(self) -> int:
        """Rows with a score."""
        return int(self.scored.sum())

    def parts(self, card: Card | TreeCard) -> Floats:
        """Log-odds each input added to each scored row."""
        kept = self.made.filter(pl.Series(self.scored))
        return kept.select(f"part_{f.name}" for f in card.features).to_numpy()

    def points(self) -> Floats:
        """Score of each scored row."""
        return self.made["score"].filter(pl.Series(self.scored)).to_numpy()


def compare_samples(
    before: pl.DataFrame,
    after: pl.DataFrame,
    card: Card | TreeCard,
    scale: MasterScale,
    *,
    say: Progress,
) -> dict[str, Any]:
    """Every figure of a drift report.

    Args:
        before: Rows of the first day, as for `score_rows`.
        after: Rows of the second.
        card: The card.
        scale: Master scale.
        say: Told what is being done.

    Raises:
        InvalidInput: A file has fewer than `ROWS_MIN` rows that are scored.
    """
    samples = []
    for side, rows in zip(SIDES, (before, after), strict=True):
        say(f"scoring {side}")
        samples.append(_sample(rows, card, scale, side))
    first, second = samples
    say("comparing")
    return {
        "card": card,
        **{side: _count(s) for side, s in zip(SIDES, samples, strict=True)},
        "score": asdict(find_move(first.points(), second.points()))
        | {"bins": _score_bins(first.points(), second.points())},
        "shift": _shift(first, second, card),
        "inputs": _inputs(first, second, card),
        "outside": _outside(first, second),
        "outcomes": _outcomes(first, second, card),
    }


def _sample(rows: pl.DataFrame, card: Card | TreeCard, scale: MasterScale, side: str) -> Sample:
    made = score_parts(rows, card, scale)
    numbers = made.select(pl.col(f"input_{f.name}").fill_null(float("nan")) for f in card.features)
    scored = made["pd"].is_not_null().to_numpy()
    if scored.sum() < ROWS_MIN:
        refused = made["reason"].drop_nulls().value_counts(sort=True).head(1).rows()
        why = f"; most are refused: {refused[0][0]} ({refused[0][1]:,})" if refused else ""
        raise InvalidInput(
            f"drift needs {ROWS_MIN} scored rows in each file; the file {side} has "
            f"{scored.sum():,} of {rows.height:,}{why}"
        )
    return Sample(rows, made, numbers.to_numpy(), scored)


def _count(sample: Sample) -> dict[str, Any]:
    points = sample.points()
    return {
        "rows_n": sample.rows.height,
        "scored_n": sample.scored_n,
        "mean_score": float(points.mean()),
        "mean_pd": float(str(sample.made["pd"].mean())),
    }


def _score_bins(before: Floats, after: Floats) -> list[dict[str, float]]:
    """Share of each day's rows between the tenths of the first day's scores."""
    edges = np.unique(np.quantile(before, np.linspace(0.0, 1.0, BINS_N + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, s), minlength=edges.size + 1) for s in (before, after)
    ]
    tops = [*edges.tolist(), None]
    return [
        {"score_max": top, "before": float(a / before.size), "after": float(b / after.size)}
        for top, a, b in zip(tops, *counts, strict=True)
    ]


def _shift(first: Sample, second: Sample, card: Card | TreeCard) -> dict[str, Any]:
    """What moved the mean log-odds of scored rows: exact, input by input, greatest first."""
    unknown = [np.isnan(s.inputs[s.scored]).astype(np.float64) for s in (first, second)]
    found = split_shift(
        first.parts(card),
        second.parts(card),
        unknown_before=unknown[0],
        unknown_after=unknown[1],
    )
    to_points = -POINTS_TO_DOUBLE / LN2
    rows = [
        {
            "name": feature.name,
            "label": asdict(feature.label),
            "log_odds": float(found.parts[j]),
            "log_odds_se": float(found.se[j]),
            "points": float(found.parts[j]) * to_points,
            "unknown_log_odds": float(found.unknown[j]),
            "direction": _direction(float(found.parts[j])),
        }
        for j, feature in enumerate(card.features)
    ]
    spread = (found.total / found.total_se) ** 2 if found.total_se > 0.0 else 0.0
    return {
        "log_odds": found.total,
        "log_odds_se": found.total_se,
        "points": found.total * to_points,
        "points_se": found.total_se * -to_points,
        "p": chi_square_tail(spread, 1),
        "inputs": sorted(rows, key=lambda row: -abs(row["log_odds"])),
    }


def _direction(log_odds: float) -> str:
    return "riskier" if log_odds > 0.0 else "safer" if log_odds < 0.0 else "none"


def _inputs(first: Sample, second: Sample, card: Card | TreeCard) -> list[dict[str, Any]]:
    """How the distribution of each input moved among all rows, greatest index first."""
    rows = []
    for j, feature in enumerate(card.features):
        numbers = first.inputs[:, j], second.inputs[:, j]
        unknown = [int(np.isnan(own).sum()) for own in numbers]
        missing = share_change(unknown[0], numbers[0].size, unknown[1], numbers[1].size)
        middle = [
            float(np.nanmedian(x)) if n < x.size else None
            for x, n in zip(numbers, unknown, strict=True)
        ]
        rows.append(
            {"name": feature.name, "label": asdict(feature.label)}
            | asdict(find_move(*numbers))
            | {"median_before": middle[0], "median_after": middle[1]}
            | {"unknown_before": unknown[0] / numbers[0].size}
            | {"unknown_after": unknown[1] / numbers[1].size, "unknown_p": missing.p}
        )
    for name in ("p", "unknown_p"):
        adjusted = holm(np.array([row[name] for row in rows]))
        for row, value in zip(rows, adjusted, strict=True):
            row[f"{name}_holm"] = float(value)
    return sorted(rows, key=lambda row: -row["value"])


def _outside(first: Sample, second: Sample) -> dict[str, Any]:
    """Share out of the card's domain on each day, in all and by reason."""
    sizes = first.rows.height, second.rows.height
    counts = [
        dict(s.made["reason_code"].drop_nulls().value_counts().iter_rows()) for s in (first, second)
    ]
    words: dict[str, dict[str, str]] = {}
    for sample in (first, second):
        told = sample.made.select("reason_code", "reason_zh", "reason").drop_nulls().unique()
        words |= {code: {"zh": zh, "en": en} for code, zh, en in told.iter_rows()}
    gone = sizes[0] - first.scored_n, sizes[1] - second.scored_n
    change = share_change(gone[0], sizes[0], gone[1], sizes[1])
    return {
        "before": gone[0] / sizes[0],
        "after": gone[1] / sizes[1],
        "p": change.p,
        "reasons": [
            {
                "code": code,
                "label": words[code],
                "before": counts[0].get(code, 0) / sizes[0],
                "after": counts[1].get(code, 0) / sizes[1],
            }
            for code in sorted(words)
        ],
    }


def _outcomes(first: Sample, second: Sample, card: Card | TreeCard) -> dict[str, Any]:
    """Discrimination and calibration on both days, or why they cannot be told."""
    if not (has_labels(first.rows, card) and has_labels(second.rows, card)):
        return {"known": False, "why": "no_labels"}
    found: dict[str, Any] = {}
    for side, sample in zip(SIDES, (first, second), strict=True):
        labels = read_labels(sample.rows, card)[0]
        kept = labels.is_not_null() & pl.Series(sample.scored)
        y = labels.filter(kept).to_numpy().astype(np.float64)
        if min(y.sum(), y.size - y.sum()) < EVENTS_MIN:
            return {"known": False, "why": "few_events"}
        found[side] = _outcome(y, horizon_pd(sample.made["score"].filter(kept).to_numpy()))
    change = found["after"]["auc"] - found["before"]["auc"]
    spread = found["before"]["auc_se"] ** 2 + found["after"]["auc_se"] ** 2
    p = chi_square_tail(change**2 / spread, 1) if spread > 0.0 else 1.0
    return {"known": True} | found | {"auc_change": change, "auc_change_p": p}


def _outcome(y: Floats, chance: Floats) -> dict[str, Any]:
    """AUC and calibration of one day, with 95 % intervals."""
    area = auc(y, chance)
    spread = NORMAL_95 * area.se
    return {
        "auc": area.value,
        "auc_se": area.se,
        "auc_low": max(0.0, area.value - spread),
        "auc_high": min(1.0, area.value + spread),
        "mean_p": mean_test(y, chance).p,
        **observe_rate(y, chance),
    }
