"""Technology flow of a firm: score, level, contributions, evidence and reasons."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.basics.lines import known, line
from techflow.innovation.model import FlowItem, FlowModel

STAGE_COLUMNS = ("age_years", "revenue_cny")


def technology_flow(firms: Frame, *, model: FlowModel) -> Frame:
    """Score the technology flow of each firm from what is known about it.

    An unknown item carries no weight: the score is the weighted mean of the points of known
    items, so ignorance lowers `flow_known_share`, never the score itself. What ignorance may
    hide is in the bounds: the score if every unknown item earned 0, and if each earned 100.

    Args:
        firms: One row per firm with the columns of the items and `age_years` (0 or more),
            `revenue_cny`; null or not finite means unknown.
        model: Dimensions, stages, weights, levels.

    Returns:
        The same rows plus

        - `flow_stage`: null if age or revenue is unknown;
        - `flow_known_share`: known part of the weight, 0 to 1;
        - `flow_score` (0 to 100) and `flow_level`: null below `known_share_min`;
        - `flow_score_min`, `flow_score_max`: bounds under ignorance, 0 to 100, never null;
        - `flow_<dimension>_points`: contribution of each dimension; they add up to the score;
          null if nothing of the dimension is known or there is no score;
        - `flow_strong_zh`, `flow_weak_zh`, `flow_missing_zh` and the same in `_en`: items with
          their points, joined; null if none.

        It ranks technology evidence; it is no default probability.

    Raises:
        MissingColumn: A column of an item, or of the stage, is absent.

    Source:
        Own proposal. Bounds: Manski 1989, Anatomy of the selection problem, J. Human Resources
        24(3), for a bounded quantity with missing parts.

    Examples:
        >>> import polars as pl
        >>> item = {"name": "rnd_share", "zh": "研发强度", "en": "R&D intensity", "weight": 1,
        ...         "points": [[0.0, 0], [0.1, 100]], "reference": "example"}
        >>> model = FlowModel.from_data({
        ...     "id": "x", "mark": "proposal", "known_share_min": 0.5,
        ...     "strong_points": 70, "weak_points": 30,
        ...     "dimension": [{"name": "input", "zh": "投入", "en": "Input", "item": [item]}],
        ...     "stage": [{"name": "any", "zh": "全部", "en": "Any", "weights": {"input": 100}}],
        ...     "unstaged": {"input": 100},
        ...     "level": [{"name": "T1", "zh": "强", "en": "Strong", "score_min": 0}]})
        >>> firm = pl.LazyFrame({"rnd_share": [0.08], "age_years": [3.0], "revenue_cny": [1e6]})
        >>> found = technology_flow(nw.from_native(firm), model=model).collect()
        >>> found["flow_score"][0], found["flow_level"][0], found["flow_strong_en"][0]
        (80.0, 'T1', 'R&D intensity 80')
    """
    names = [*(item.name for item in model.items), *STAGE_COLUMNS]
    require_columns(firms, names, needed_by=model.id)
    pointed = firms.with_columns(
        flow_stage=_stage(model), **{_own(item): _earned(item) for item in model.items}
    )
    parts = pointed.with_columns(**_dimension_parts(model)).with_columns(**_weighed(model))
    score = parts.with_columns(**_score(model)).with_columns(**_contributions(model))
    worded = score.with_columns(flow_level=_level(model), **_reasons(model))
    return worded.drop([name for name in worded.columns if name.startswith("_flow_")])


def _own(item: FlowItem) -> str:
    """Working column with the points of an item."""
    return f"_flow_item_{item.name}"


def _earned(item: FlowItem) -> nw.Expr:
    # Sums of rounded steps may miss the last point by a hair; points stay in their range.
    return line(known(item.name), item.points).clip(0.0, 100.0)


def _stage(model: FlowModel) -> nw.Expr:
    age, revenue = (known(name) for name in STAGE_COLUMNS)
    chosen = nw.lit(model.stages[-1].name)
    for stage in reversed(model.stages[:-1]):
        inside = _at_most(age, stage.age_years_max) & _at_most(revenue, stage.revenue_cny_max)
        chosen = nw.when(inside).then(nw.lit(stage.name)).otherwise(chosen)
    return nw.when(~age.is_null() & ~revenue.is_null()).then(chosen)


def _at_most(value: nw.Expr, bound: float | None) -> nw.Expr:
    return ~value.is_null() if bound is None else value <= bound


def _dimension_parts(model: FlowModel) -> dict[str, nw.Expr]:
    """Of each dimension: weight in the firm's stage, known share, points earned on it."""
    parts = {}
    for dimension in model.dimensions:
        columns = [(nw.col(_own(item)), item.share) for item in dimension.items]
        present = [_or_zero(~c.is_null(), nw.lit(share)) for c, share in columns]
        earned = [_or_zero(~c.is_null(), c * share) for c, share in columns]
        weights = {stage.name: stage.weights[dimension.name] for stage in model.stages}
        name = dimension.name
        parts[f"_flow_weight_{name}"] = _by_stage(weights, model.unstaged[name])
        parts[f"_flow_known_{name}"] = _sum(present)
        parts[f"_flow_earned_{name}"] = _sum(earned)
    return parts


def _by_stage(weights: Mapping[str, float], unstaged: float) -> nw.Expr:
    chosen = nw.lit(unstaged)
    for stage, weight in weights.items():
        at = nw.col("flow_stage") == stage
        chosen = nw.when(at).then(nw.lit(weight)).otherwise(chosen)
    return chosen


def _or_zero(condition: nw.Expr, amount: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(amount).otherwise(nw.lit(0.0))


def _sum(parts: Iterable[nw.Expr]) -> nw.Expr:
    return reduce(add, parts)


def _weighed(model: FlowModel) -> dict[str, nw.Expr]:
    names = [one.name for one in model.dimensions]
    at = {name: nw.col(f"_flow_weight_{name}") for name in names}
    return {
        "_flow_known": _sum(at[name] * nw.col(f"_flow_known_{name}") for name in names),
        "_flow_earned": _sum(at[name] * nw.col(f"_flow_earned_{name}") for name in names),
    }


def _score(model: FlowModel) -> dict[str, nw.Expr]:
    # Sums of weights miss 100 by rounding; what is a share or a score must not leave its range.
    known, earned = nw.col("_flow_known").clip(0.0, 100.0), nw.col("_flow_earned")
    low = (earned / 100.0).clip(0.0, 100.0)
    enough = (known > 0.0) & (known >= 100.0 * model.known_share_min - 1e-9)
    divisor = nw.when(enough).then(nw.col("_flow_known"))
    return {
        "flow_known_share": known / 100.0,
        "flow_score": (earned / divisor).clip(0.0, 100.0),
        "flow_score_min": low,
        "flow_score_max": (low + (100.0 - known)).clip(0.0, 100.0),
    }


def _contributions(model: FlowModel) -> dict[str, nw.Expr]:
    found = {}
    for name in (one.name for one in model.dimensions):
        shown = ~nw.col("flow_score").is_null() & (nw.col(f"_flow_known_{name}") > 0.0)
        part = nw.col(f"_flow_weight_{name}") * nw.col(f"_flow_earned_{name}")
        divisor = nw.when(shown).then(nw.col("_flow_known"))
        found[f"flow_{name}_points"] = part / divisor
    return found


def _level(model: FlowModel) -> nw.Expr:
    score = nw.col("flow_score")
    reached = [nw.when(score >= lv.score_min).then(nw.lit(lv.name)) for lv in model.levels]
    return nw.coalesce(*reached)


def _reasons(model: FlowModel) -> dict[str, nw.Expr]:
    tests: dict[str, Callable[[nw.Expr], nw.Expr]] = {
        "strong": lambda points: points >= model.strong_points,
        "weak": lambda points: points <= model.weak_points,
        "missing": lambda points: points.is_null(),
    }
    found = {}
    for sort, test in tests.items():
        found[f"flow_{sort}_zh"] = _joined(model, test, lambda item: item.zh, "；")
        found[f"flow_{sort}_en"] = _joined(model, test, lambda item: item.en, "; ")
    return found


def _joined(
    model: FlowModel,
    test: Callable[[nw.Expr], nw.Expr],
    word: Callable[[FlowItem], str],
    separator: str,
) -> nw.Expr:
    """Items that pass, each with its whole points if it has any; null if none passes."""
    named = []
    for item in model.items:
        points = nw.col(_own(item))
        # Engines round and cast halves differently; floor is the same on all.
        whole = (points + 0.5).floor().cast(nw.Int64).cast(nw.String)
        text = nw.concat_str(nw.lit(word(item)), whole, separator=" ", ignore_nulls=True)
        named.append(nw.when(test(points)).then(text))
    joined = nw.concat_str(*named, separator=separator, ignore_nulls=True)
    return nw.when(joined != "").then(joined)
