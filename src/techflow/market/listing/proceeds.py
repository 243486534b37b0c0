"""What the proceeds of an issue were to pay for, and what they paid for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, day_number, ratio, require_columns

PROJECT = ("firm_id", "project_id")
PLAN = (*PROJECT, "purpose", "since", "until", "planned_cny")
SPENT = (*PROJECT, "purpose", "spent_on", "spent_cny")
CHANGES = (*PROJECT, "purpose", "approved_on")
FEN_PER_CNY = 100.0


@dataclass(frozen=True, slots=True)
class Bound:
    """A number beyond which a project must be looked at again.

    Attributes:
        value: The number.
        reference: Where it comes from.
        mark: How sure we are of it.
    """

    value: float
    reference: str
    mark: str


@dataclass(frozen=True, slots=True)
class ProceedsModel:
    """Bounds of a plan; content, dated by its references.

    Attributes:
        id: Name.
        deviation_share_max: Spent may differ from the plan of an ended period by this share.
        spent_share_min: Least share of its plan a project has spent when its plan ends.
        idle_days_max: Days a project may go without spending before its plan ends.
    """

    id: str
    deviation_share_max: Bound
    spent_share_min: Bound
    idle_days_max: Bound

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ProceedsModel":
        """Read a model as it comes from its file.

        Args:
            data: Parsed TOML.

        Raises:
            InvalidInput: A bound is below 0.
        """
        names = ("deviation_share_max", "spent_share_min", "idle_days_max")
        bounds = [
            Bound(data[name]["value"], data[name]["reference"], data[name]["status"])
            for name in names
        ]
        for name, bound in zip(names, bounds, strict=True):
            if not bound.value >= 0.0:
                raise InvalidInput(f"{name} must be at least 0; got {bound.value}")
        return cls(data["id"], *bounds)


def track_periods(plan: Frame, spent: Frame, *, on: date, model: ProceedsModel) -> Frame:
    """Planned against spent, project by project and period by period.

    Args:
        plan: One row per project, purpose and period: the columns of `PLAN`; `until` is the first
            day after the period.
        spent: Payments: the columns of `SPENT`.
        on: Payments after this day are not seen.
        model: The bounds.

    Returns:
        The plan rows plus `spent_cny` (payments of the same project and purpose within the
        period), `ended` (the period is over), `deviation_cny` and `deviation_share` (spent less
        planned, of an ended period; the share null where nothing was planned) and `ok_period`
        (null while the period runs or the share is not known). Sums are exact to the fen.

    Raises:
        MissingColumn: A column is absent.
    """
    require_columns(plan, PLAN, needed_by="track_periods")
    require_columns(spent, SPENT, needed_by="track_periods")
    keys = (*PROJECT, "purpose")
    seen = spent.filter(nw.col("spent_on") <= nw.lit(on)).select(
        *keys, "spent_on", _fen=_fen("spent_cny")
    )
    within = (nw.col("spent_on") >= nw.col("since")) & (nw.col("spent_on") < nw.col("until"))
    sums = (
        plan.select(*keys, "since", "until")
        .join(seen, on=list(keys), how="inner")
        .filter(within)
        .group_by(*keys, "since", "until")
        .agg(_spent=nw.col("_fen").sum())
    )
    joined = plan.join(sums, on=[*keys, "since", "until"], how="left")
    paid = nw.col("_spent").fill_null(0)
    ended = nw.col("until") <= nw.lit(on)
    off = paid - _fen("planned_cny")
    share = ratio(off.cast(nw.Float64), _fen("planned_cny").cast(nw.Float64))
    tracked = joined.with_columns(
        spent_cny=paid / FEN_PER_CNY,
        ended=ended,
        deviation_cny=nw.when(ended).then(off / FEN_PER_CNY),
        deviation_share=nw.when(ended).then(share),
    )
    close = nw.col("deviation_share").abs() <= model.deviation_share_max.value
    return tracked.with_columns(ok_period=close).drop("_spent")


def track_projects(plan: Frame, spent: Frame, *, on: date, model: ProceedsModel) -> Frame:
    """Each project as a whole: how far it is, whether it is late, idle or over its plan.

    Args:
        plan: As in `track_periods`.
        spent: As there; payments for any purpose of the project count.
        on: As there.
        model: The bounds.

    Returns:
        One row per `firm_id` and `project_id` of the plan: `planned_cny`, `due_cny` (of periods
        that are over), `spent_cny`, `spent_share`, `until` (end of the plan), `last_spent_on`,
        `idle_days` (since the last payment, or the start of the plan), and `ok_total` (not more
        than planned), `ok_pace` (once the plan is over, enough was spent), `ok_alive` (not idle
        for too long while money is left).

    Raises:
        MissingColumn: A column is absent.
    """
    require_columns(plan, PLAN, needed_by="track_projects")
    require_columns(spent, SPENT, needed_by="track_projects")
    day = nw.lit(on)
    due = nw.when(nw.col("until") <= day).then(_fen("planned_cny")).otherwise(nw.lit(0))
    projects = (
        plan.with_columns(_planned=_fen("planned_cny"), _due=due)
        .group_by(*PROJECT)
        .agg(
            nw.col("_planned", "_due").sum(),
            since=nw.col("since").min(),
            until=nw.col("until").max(),
        )
    )
    paid = (
        spent.filter(nw.col("spent_on") <= day)
        .with_columns(_spent=_fen("spent_cny"))
        .group_by(*PROJECT)
        .agg(nw.col("_spent").sum(), last_spent_on=nw.col("spent_on").max())
    )
    joined = projects.join(paid, on=list(PROJECT), how="left").with_columns(
        _spent=nw.col("_spent").fill_null(0)
    )
    begun = nw.col("last_spent_on").fill_null(nw.col("since"))
    told = joined.select(
        *PROJECT,
        "until",
        "last_spent_on",
        planned_cny=nw.col("_planned") / FEN_PER_CNY,
        due_cny=nw.col("_due") / FEN_PER_CNY,
        spent_cny=nw.col("_spent") / FEN_PER_CNY,
        spent_share=ratio(nw.col("_spent").cast(nw.Float64), nw.col("_planned").cast(nw.Float64)),
        ok_total=nw.col("_spent") <= nw.col("_planned"),
        idle_days=on.toordinal() - day_number(begun),
    )
    over, share = nw.col("until") <= day, nw.col("spent_share")
    done = share >= 1.0
    return told.with_columns(
        ok_pace=~over | (share >= model.spent_share_min.value),
        ok_alive=done | (nw.col("idle_days") <= int(model.idle_days_max.value)),
    )


def judge_payments(spent: Frame, plan: Frame, changes: Frame) -> Frame:
    """Whether each payment was for what the plan says, or for a purpose approved before it.

    Args:
        spent: Payments: the columns of `SPENT`.
        plan: As in `track_periods`.
        changes: Approved changes of purpose: the columns of `CHANGES`.

    Returns:
        The payments plus `use`: `planned`; `approved` (another purpose, approved by the day of
        payment); `changed` (another purpose, not approved by then); `no_project` (the plan does
        not know it); `unknown` (no purpose is given); `outside` (before or after the plan).

    Raises:
        MissingColumn: A column is absent.
    """
    for frame, names in ((spent, SPENT), (plan, PLAN), (changes, CHANGES)):
        require_columns(frame, names, needed_by="judge_payments")
    keys = [*PROJECT, "purpose"]
    known = plan.group_by(*PROJECT).agg(_since=nw.col("since").min(), _until=nw.col("until").max())
    planned = plan.select(*keys).unique().with_columns(_planned=nw.lit(value=True))
    approved = changes.group_by(*keys).agg(_approved=nw.col("approved_on").min())
    joined = (
        spent.join(known, on=list(PROJECT), how="left")
        .join(planned, on=keys, how="left")
        .join(approved, on=keys, how="left")
    )
    day = nw.col("spent_on")
    in_time = (day >= nw.col("_since")) & (day < nw.col("_until"))
    allowed = ~nw.col("_approved").is_null() & (nw.col("_approved") <= day)
    is_planned = nw.col("_planned").fill_null(value=False)
    use = (
        nw.when(nw.col("_since").is_null())
        .then(nw.lit("no_project"))
        .otherwise(
            nw.when(nw.col("purpose").is_null())
            .then(nw.lit("unknown"))
            .otherwise(
                nw.when(is_planned & in_time)
                .then(nw.lit("planned"))
                .otherwise(
                    nw.when(is_planned)
                    .then(nw.lit("outside"))
                    .otherwise(
                        nw.when(allowed).then(nw.lit("approved")).otherwise(nw.lit("changed"))
                    )
                )
            )
        )
    )
    return joined.with_columns(use=use).drop("_since", "_until", "_planned", "_approved")


def _fen(name: str) -> nw.Expr:
    """Yuan as whole fen, so that sums are exact."""
    return (nw.col(name) * FEN_PER_CNY).round().cast(nw.Int64)
