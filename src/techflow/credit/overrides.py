"""Overrides: a grade given by a person instead of the model's, judged, applied and counted."""

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.credit.words import Words

PROBLEMS: Mapping[str, Words] = {
    "unknown_firm": Words("评估结果中没有该企业", "the firm is not in the assessment"),
    "no_grade": Words("模型未给出等级，无可调整", "the model gave no grade to override"),
    "other_card": Words("等级由其他模型给出", "another card gave the grade"),
    "before_assessment": Words(
        "调整日期早于评估截至日期", "it is dated before the day of the assessment"
    ),
    "other_grade": Words("grade_from与模型等级不符", "grade_from is not the grade the model gave"),
    "unknown_grade": Words(
        "grade_to不在该模型的等级表中", "grade_to is not on the scale of the model's grade"
    ),
    "same_grade": Words("调整前后等级相同", "both grades are the same"),
    "no_reason_text": Words("原因为“其他”时须说明", "the reason other needs reason_text"),
    "own_approval": Words("批准人不得是调整人本人", "nobody approves an override of their own"),
    "needs_approval": Words(
        "上调级数超过个人权限，须有批准人",
        "so many notches up need a second person: fill approved_by",
    ),
}
"""Why an override does not count, in the order in which it is looked at."""

GIVEN = ("overridden_on", "grade_to", "reason_code", "reason_text", "by", "approved_by")
OUT = {name: f"override_{name.removeprefix('overridden_')}" for name in GIVEN}
NEEDED = ("firm_id", "card_id", "grade_from", *GIVEN)


def judge_overrides(
    overrides: Frame,
    assessed: Frame,
    *,
    ladders: Sequence[Sequence[str]],
    notches_up_max: int,
) -> Frame:
    """Say of each override whether it counts, and why not.

    Args:
        overrides: Rows of the table `override`.
        assessed: Rows of the table `assessment`: `firm_id`, `as_of`, `card_id`, `grade`.
        ladders: Scales of grades, best grade first; an override stays on its scale.
        notches_up_max: Notches up that need no `approved_by`.

    Returns:
        The same rows plus `notches_n` (better is positive; null if the grades do not share a
        scale), `problem_code` (a key of `PROBLEMS`, null if it counts) and `in_force`: true for
        the latest override of a firm that counts.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: A grade stands on two ladders.
    """
    require_columns(overrides, NEEDED, needed_by="judge_overrides")
    require_columns(assessed, ("firm_id", "as_of", "card_id", "grade"), needed_by="judge_overrides")
    _check_ladders(ladders)
    names = overrides.collect_schema().names()
    model = assessed.select(
        "firm_id", model_as_of="as_of", model_card_id="card_id", model_grade="grade"
    )
    joined = overrides.join(model, on="firm_id", how="left").with_columns(
        notches_n=_notches(nw.col("grade_from"), nw.col("grade_to"), ladders)
    )
    tests = _problems(notches_up_max)
    code = nw.coalesce(*(nw.when(test).then(nw.lit(name)) for name, test in tests.items()))
    judged = joined.with_columns(problem_code=code)
    latest = (
        judged.filter(nw.col("problem_code").is_null())
        .group_by("firm_id")
        .agg(latest_on=nw.col("overridden_on").max())
    )
    last = judged.join(latest, on="firm_id", how="left").with_columns(
        in_force=nw.col("problem_code").is_null()
        & (nw.col("overridden_on") == nw.col("latest_on")).fill_null(value=False)
    )
    return last.select(*names, "notches_n", "problem_code", "in_force")


def _check_ladders(ladders: Sequence[Sequence[str]]) -> None:
    grades = [grade for ladder in ladders for grade in ladder]
    if twice := sorted({grade for grade in grades if grades.count(grade) > 1}):
        raise InvalidInput(f"a grade must stand on one ladder, once; got {', '.join(twice)} twice")


def _notches(before: nw.Expr, after: nw.Expr, ladders: Sequence[Sequence[str]]) -> nw.Expr:
    """Rungs up from one grade to another of the same ladder; else null."""

    def rung(grade: nw.Expr, ladder: Sequence[str]) -> nw.Expr:
        return nw.coalesce(
            *(nw.when(grade == name).then(nw.lit(place)) for place, name in enumerate(ladder))
        )

    return nw.coalesce(*(rung(before, own) - rung(after, own) for own in ladders)).cast(nw.Int64)


def _problems(notches_up_max: int) -> dict[str, nw.Expr]:
    """Each problem with the test that finds it."""
    notches, approver = nw.col("notches_n"), nw.col("approved_by")
    tests = {
        "unknown_firm": nw.col("model_as_of").is_null(),
        "no_grade": nw.col("model_grade").is_null(),
        "other_card": (nw.col("model_card_id") != nw.col("card_id")).fill_null(value=True),
        "before_assessment": nw.col("overridden_on") < nw.col("model_as_of"),
        "other_grade": nw.col("model_grade") != nw.col("grade_from"),
        "unknown_grade": notches.is_null(),
        "same_grade": notches == 0,
        "no_reason_text": (nw.col("reason_code") == "other") & nw.col("reason_text").is_null(),
        "own_approval": approver == nw.col("by"),
        "needs_approval": (notches > notches_up_max) & approver.is_null(),
    }
    return {name: tests[name] for name in PROBLEMS}


def apply_overrides(assessed: Frame, judged: Frame) -> Frame:
    """Add the final grade: the override in force, else the model's, which is kept.

    Args:
        assessed: Rows of the table `assessment`.
        judged: Result of `judge_overrides` on them.

    Returns:
        The same rows plus `grade_final`, `override_notches_n` (better is positive), and
        `override_on`, `override_grade_to`, `override_reason_code`, `override_reason_text`,
        `override_by`, `override_approved_by`; null where nobody overrode the model.
    """
    require_columns(judged, (*NEEDED, "notches_n", "in_force"), needed_by="apply_overrides")
    kept = judged.filter(nw.col("in_force")).select(
        "firm_id",
        override_notches_n="notches_n",
        **{new: nw.col(old) for old, new in OUT.items()},
    )
    joined = assessed.join(kept, on="firm_id", how="left")
    return joined.with_columns(
        grade_final=nw.coalesce(nw.col("override_grade_to"), nw.col("grade"))
    )


def count_overrides(applied: Frame, *, by: Sequence[str] = ()) -> Frame:
    """Overrides in force, in all or by a column.

    Args:
        applied: Result of `apply_overrides`.
        by: Columns to group by, such as `override_reason_code` or `override_by`.

    Returns:
        One row per group, of firms that were overridden: `overridden_n`, `up_n`, `down_n`,
        `approved_n`, `notches_n` (sum of notches, better is positive). Without an override
        there is no row.
    """
    require_columns(applied, ("override_notches_n", *by), needed_by="count_overrides")
    notches = nw.col("override_notches_n")
    rows = applied.filter(~notches.is_null())
    flags = rows.with_columns(
        all_rows=nw.lit("all"),
        up=(notches > 0).cast(nw.Int64),
        down=(notches < 0).cast(nw.Int64),
        approved=(~nw.col("override_approved_by").is_null()).cast(nw.Int64),
        one=nw.lit(1).cast(nw.Int64),
    )
    keys = list(by) or ["all_rows"]
    counted = flags.group_by(*keys).agg(
        overridden_n=nw.col("one").sum().cast(nw.Int64),
        up_n=nw.col("up").sum().cast(nw.Int64),
        down_n=nw.col("down").sum().cast(nw.Int64),
        approved_n=nw.col("approved").sum().cast(nw.Int64),
        notches_n=notches.sum().cast(nw.Int64),
    )
    return counted if by else counted.drop("all_rows")


def count_outcomes(applied: Frame, outcomes: Frame) -> Frame:
    """What became of graded firms, by what was done to the model's grade.

    Args:
        applied: Result of `apply_overrides`.
        outcomes: One row per firm: `firm_id`, `event` (1.0 default, 0.0 none; null unknown).

    Returns:
        One row per `treatment` (`kept`, `up`, `down`) with firms whose outcome is known:
        `firms_n`, `events_n`, and of those with a PD `with_pd_n` and `pd_sum`, the events
        the model expected of them.
    """
    require_columns(outcomes, ("firm_id", "event"), needed_by="count_outcomes")
    notches, known = nw.col("override_notches_n"), ~nw.col("pd").is_null()
    treatment = nw.coalesce(
        nw.when(notches > 0).then(nw.lit("up")),
        nw.when(notches < 0).then(nw.lit("down")),
        nw.lit("kept"),
    )
    seen = applied.filter(~nw.col("grade").is_null()).join(
        outcomes.select("firm_id", "event"), on="firm_id", how="inner"
    )
    rows = seen.filter(~nw.col("event").is_null()).with_columns(
        treatment=treatment, with_pd=known.cast(nw.Int64), one=nw.lit(1).cast(nw.Int64)
    )
    return rows.group_by("treatment").agg(
        firms_n=nw.col("one").sum().cast(nw.Int64),
        events_n=nw.col("event").sum().cast(nw.Int64),
        with_pd_n=nw.col("with_pd").sum().cast(nw.Int64),
        pd_sum=nw.col("pd").sum().cast(nw.Float64),
    )
