"""What a validator measures: who is told apart, how well calibrated, how steady, what leaks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import (
    Card,
    MasterScale,
    TreeCard,
    Words,
    auc,
    average_precision,
    brier_score,
    ks_distance,
    read_inputs,
)
from techflow.credit.calibration import jeffreys_interval
from techflow.credit.score import LN2, LN_GOOD_ODDS, POINTS_AT_ODDS, POINTS_TO_DOUBLE
from techflow.credit.validation import (
    hosmer_lemeshow,
    label_of_the_firm,
    leaky_column,
    mean_test,
    mid_p,
    spiegelhalter,
    stability_index,
)
from techflow_service.rawsets import find_set, read_layout
from techflow_service.scoring import card_inputs, score_rows
from techflow_service.validating.labels import label_columns, read_labels
from techflow_service.validating.sensitivity import measure_sensitivity

Progress = Callable[[str], None]
NORMAL_95, BINS_N, ROC_POINTS_N = 1.959963984540054, 10, 101
SIZES = ("assets_lcy", "amount_lcy")
MOVED_SHOWN_N = 8
THIRDS = (
    Words("规模：小", "Size: small"),
    Words("规模：中", "Size: middle"),
    Words("规模：大", "Size: large"),
)


def validate_card(
    rows: pl.DataFrame, card: Card | TreeCard, scale: MasterScale, *, say: Progress
) -> dict[str, Any]:
    """Every figure of a validation.

    Args:
        rows: Raw rows of the card's set with labels, or rows with the card's features and a
            column `event` (1 event, 0 none).
        card: The card.
        scale: Master scale.
        say: Told what is being done.

    Raises:
        InvalidInput: There is no label, or fewer than 10 events or non-events are scored.
    """
    say("scoring")
    labels, period, firms = read_labels(rows, card)
    scored = score_rows(rows, card, scale)
    kept = labels.is_not_null() & scored["pd"].is_not_null()
    table = scored.filter(kept)
    y = labels.filter(kept).to_numpy().astype(np.float64)
    if min(y.sum(), y.size - y.sum()) < 10:
        raise InvalidInput(
            f"validation needs 10 events and 10 non-events that are scored; got {y.sum():.0f} "
            f"events in {y.size} rows"
        )
    chance = horizon_pd(table["score"].to_numpy())
    say("changing one input at a time")
    sensitivity = measure_sensitivity(card_inputs(rows, card)[kept.to_numpy()], y, card)
    say("testing")
    return {
        "card": card,
        "rows_n": rows.height,
        "scored_n": int(y.size),
        "events_n": int(y.sum()),
        "refused": dict(scored["reason"].drop_nulls().value_counts(sort=True).iter_rows()),
        "seen": y.size >= card.fitted["sample"]["rows_n"],
        "discrimination": discriminate(y, chance),
        "calibration": calibrate(y, chance),
        "grades": grade_table(y, chance, table["grade"].to_list()),
        "stability": stabilise(chance, period.filter(kept)),
        "characteristics": move_characteristics(rows.filter(kept), card, period.filter(kept)),
        "groups": compare_groups(rows.filter(kept), card, y, chance),
        "sensitivity": sensitivity,
        "leaks": find_leaks(rows, card, labels, firms, say=say),
    }


def horizon_pd(points: Floats) -> Floats:
    """Probability over the card's own horizon, which the labels are about, from points."""
    log_odds = (POINTS_AT_ODDS - points) * (LN2 / POINTS_TO_DOUBLE) - LN_GOOD_ODDS
    chance: Floats = np.clip(1.0 / (1.0 + np.exp(-log_odds)), 1e-12, 1.0 - 1e-12)
    return chance


def discriminate(y: Floats, chance: Floats) -> dict[str, Any]:
    """AUC with its DeLong interval, other measures, and the ROC curve."""
    area, order = auc(y, chance), np.argsort(-chance, kind="stable")
    hits = np.concatenate([[0.0], np.cumsum(y[order]) / y.sum()])
    alarms = np.concatenate([[0.0], np.cumsum(1.0 - y[order]) / (1.0 - y).sum()])
    at = np.linspace(0, y.size, ROC_POINTS_N).astype(int)
    return {
        "auc": area.value,
        "auc_low": area.value - NORMAL_95 * area.se,
        "auc_high": min(1.0, area.value + NORMAL_95 * area.se),
        "ks": ks_distance(y, chance),
        "average_precision": average_precision(y, chance),
        "brier": brier_score(y, chance),
        "roc": [[float(a), float(h)] for a, h in zip(alarms[at], hits[at], strict=True)],
    }


def calibrate(y: Floats, chance: Floats) -> dict[str, Any]:
    """Tests of calibration, and observed against expected in tenths of the rows."""
    tests = {
        "mean": mean_test(y, chance),
        "hosmer_lemeshow": hosmer_lemeshow(y, chance),
        "spiegelhalter": spiegelhalter(y, chance),
    }
    bins = [
        observe_rate(y[rows], chance[rows])
        for rows in np.array_split(np.argsort(chance, kind="stable"), BINS_N)
    ]
    return {
        "observed_rate": float(y.mean()),
        "expected_rate": float(chance.mean()),
        "tests": {name: asdict(found) for name, found in tests.items()},
        "bins": bins,
    }


def observe_rate(y: Floats, chance: Floats) -> dict[str, float]:
    """Expected and observed rate of some rows, with the Jeffreys interval of the observed."""
    events, rows = np.array([y.sum()]), np.array([float(y.size)])
    low, high = jeffreys_interval(rows, events, confidence=0.95)
    return {
        "rows_n": int(y.size),
        "events_n": int(y.sum()),
        "expected": float(chance.mean()),
        "observed": float(y.mean()),
        "low": float(low[0]),
        "high": float(high[0]),
    }


def grade_table(y: Floats, chance: Floats, grades: list[str]) -> list[dict[str, Any]]:
    """Each grade: rows, events, expected, observed, chance of so many events."""
    own, found = np.array(grades), []
    for grade in sorted(set(grades), key=lambda name: (len(name), name)):
        at = own == grade
        row = observe_rate(y[at], chance[at])
        p = mid_p(row["events_n"], row["rows_n"], row["expected"])
        found.append({"grade": grade, "p_so_many": p} | row)
    return found


def stabilise(chance: Floats, period: pl.Series) -> list[dict[str, Any]]:
    """Population stability of the score in each period against the first half of periods."""
    if period.null_count() == period.len():
        return []
    time = period.fill_null(period.min()).to_numpy()
    years = np.unique(time)
    base = chance[time <= years[(len(years) - 1) // 2]]
    edges = np.unique(np.quantile(base, np.linspace(0, 1, BINS_N + 1)[1:-1]))
    before = np.bincount(np.searchsorted(edges, base), minlength=edges.size + 1).astype(float)
    found = []
    for year in years[(len(years) - 1) // 2 + 1 :]:
        own = np.searchsorted(edges, chance[time == year])
        after = np.bincount(own, minlength=edges.size + 1).astype(float)
        index = stability_index(np.maximum(before, 0.5), after)
        found.append({"period": int(year), "rows_n": int(after.sum())} | asdict(index))
    return found


def move_characteristics(
    rows: pl.DataFrame, card: Card | TreeCard, period: pl.Series
) -> list[dict[str, Any]]:
    """The inputs whose distribution moved most from the first half of periods to the second."""
    if not isinstance(card, TreeCard) or period.null_count() == period.len():
        return []
    layout = find_set(card.sample)
    featured = layout.features(nw.from_native(read_layout(rows, layout).lazy()))
    asked = read_inputs(featured, card.features).to_native().collect()
    time = period.fill_null(period.min()).to_numpy()
    years = np.unique(time)
    early = time <= years[(len(years) - 1) // 2]
    found = []
    for feature in card.features:
        number = asked[feature.name].fill_null(float("nan")).to_numpy()
        edges = np.unique(np.nanquantile(number[early], np.linspace(0, 1, BINS_N + 1)[1:-1]))
        place = np.where(np.isnan(number), edges.size + 1, np.searchsorted(edges, number))
        before, after = (
            np.bincount(place[at], minlength=edges.size + 2).astype(float) for at in (early, ~early)
        )
        index = stability_index(np.maximum(before, 0.5), after)
        label = {"zh": feature.label.zh, "en": feature.label.en}
        found.append({"name": feature.name, "label": label} | asdict(index))
    return sorted(found, key=lambda item: -item["value"])[:MOVED_SHOWN_N]


def compare_groups(
    rows: pl.DataFrame, card: Card | TreeCard, y: Floats, chance: Floats
) -> list[dict[str, Any]]:
    """AUC and calibration by size and by region, where the rows tell them."""
    if isinstance(card, TreeCard) and card.features[0].name not in rows.columns:
        rows = read_layout(rows, find_set(card.sample))
    found: list[dict[str, Any]] = []
    for name in (name for name in SIZES if name in rows.columns):
        size = rows[name].cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
        cuts = np.quantile(size, [1 / 3, 2 / 3])
        third = np.searchsorted(cuts, size)
        for k, label in enumerate(THIRDS):
            found += _group(label, third == k, y, chance)
    if "firm_state" in rows.columns:
        states = rows["firm_state"].fill_null("?")
        for state in states.value_counts(sort=True)["firm_state"].head(5):
            label = Words(f"地区：{state}", f"Region: {state}")
            found += _group(label, (states == state).to_numpy(), y, chance)
    return found


def _group(name: Words, at: Any, y: Floats, chance: Floats) -> list[dict[str, Any]]:
    own = y[at]
    if min(own.sum(), own.size - own.sum()) < 10:
        return [
            {
                "group": asdict(name),
                "rows_n": int(own.size),
                "events_n": int(own.sum()),
                "auc": None,
            }
        ]
    area = auc(own, chance[at])
    spread = NORMAL_95 * area.se
    ends = {"auc": area.value, "auc_low": area.value - spread, "auc_high": area.value + spread}
    return [{"group": asdict(name)} | ends | observe_rate(own, chance[at])]


def find_leaks(
    rows: pl.DataFrame,
    card: Card | TreeCard,
    labels: pl.Series,
    firms: list[str],
    *,
    say: Progress,
) -> list[dict[str, Any]]:
    """Columns of the file that tell outcomes apart too well, and a label that is the firm's."""
    known = labels.is_not_null()
    y, table = labels.filter(known).to_numpy().astype(np.float64), rows.filter(known)
    used = _used_columns(card)
    found = []
    for name in table.columns:
        if name in label_columns(card):
            continue
        say(f"looking for leaks: {name}")
        leak = leaky_column(name, table[name].to_list(), y)
        if leak:
            found.append(asdict(leak) | {"used": name in used})
    own = [firm for firm, keep in zip(firms, known, strict=True) if keep]
    constant = label_of_the_firm(own, y)
    return found + ([asdict(constant) | {"used": True}] if constant else [])


def _used_columns(card: Card | TreeCard) -> set[str]:
    names = {f.name for f in card.features}
    if isinstance(card, TreeCard):
        layout = find_set(card.sample)
        names |= set(layout.numbers) | set(layout.texts)
    return names
