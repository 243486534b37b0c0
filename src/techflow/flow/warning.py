"""Early warning by field over the firms of an assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.region.statistics.warning import Watch, measure_signal
from techflow.region.statistics.warning_groups import Entry, form_groups, pair_groups
from techflow.region.statistics.warning_signals import FORMS, GROWTH

UNNAMED = "(not stated)"
"""Field or region of firms that name none."""
CURRENCIES = {
    "currency_known": "currency",
    "funding_known": "funding_currency",
    "statement_known": "statement_currency",
    "trade_known": "trade_currency",
    "loan_known": "loan_currency",
}
ASSESSED = (
    "firm_id", "sector", "region_code", "pd", "currency", "need_lcy", "need_basis",
    "debt_outstanding_lcy", "limit_lcy",
)  # fmt: skip
PROFILED_MORE = (
    "firm_id", "funding_currency", "statement_currency", "trade_currency", "loan_currency",
    "own_funds_lcy", "raised_36m_lcy", "revenue_lcy", "return_on_assets_ratio", "loans_n",
    "defaults_n",
)  # fmt: skip


def warning_rows(assessment: Frame, profile: Frame, *, currency: str, weak_pd: float) -> Frame:
    """What each firm adds to the signals.

    Args:
        assessment: Table `assessment`.
        profile: Table `profile` of the same run, with `own_funds_lcy`.
        currency: Only amounts in it count; a firm known by another currency alone has no part.
        weak_pd: Default probability from which a grade is weak, in (0, 1).

    Returns:
        The firms of that currency, and those of none: `firm_id`, `field`, `region`, `debt_lcy`,
        `need_lcy`, `unmet_lcy` (need less own funds, existing debt and limit, at least 0; null
        unless all are known), `raised_lcy`, `revenue_lcy`, and as 1 or 0 (null: unknown)
        `funded_n`, `loss_n` (of funded firms), `lent_n`, `defaulted_n`, `graded_n`, `weak_n`.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: `weak_pd` is out of range.
    """
    if not 0.0 < weak_pd < 1.0:
        raise InvalidInput(f"weak_pd must be in (0, 1); got {weak_pd}")
    require_columns(assessment, ASSESSED, needed_by="warning_rows")
    require_columns(profile, PROFILED_MORE, needed_by="warning_rows")
    firms = assessment.select(ASSESSED).join(
        profile.select(PROFILED_MORE), on="firm_id", how="left"
    )
    ours = {name: nw.col(column) == currency for name, column in CURRENCIES.items()}
    marked = firms.with_columns(**ours)
    some = nw.any_horizontal(*(nw.col(n).fill_null(False) for n in ours), ignore_nulls=True)
    none = nw.all_horizontal(*(nw.col(n).is_null() for n in ours), ignore_nulls=True)
    return marked.filter(some | none).select(
        "firm_id",
        field=nw.col("sector").fill_null(nw.lit(UNNAMED)),
        region=nw.col("region_code").fill_null(nw.lit(UNNAMED)),
        **_amounts(),
        **_marks(weak_pd),
    )


def _amounts() -> dict[str, nw.Expr]:
    ours = nw.col("currency_known")
    own = nw.when(nw.col("need_basis") == "turnover").then(nw.col("own_funds_lcy"))
    net = nw.when(nw.col("need_basis") == "sales_share").then(nw.lit(0.0))
    deducted = nw.coalesce(own.clip(lower_bound=0.0), net)
    left = nw.col("need_lcy") - deducted - nw.col("debt_outstanding_lcy") - nw.col("limit_lcy")
    revenue = nw.when(nw.col("statement_known")).then(nw.col("revenue_lcy"))
    return {
        "debt_lcy": nw.when(ours).then(nw.col("debt_outstanding_lcy")),
        "need_lcy": nw.when(ours).then(nw.col("need_lcy")),
        "unmet_lcy": nw.when(ours).then(left.clip(lower_bound=0.0)),
        "raised_lcy": nw.when(nw.col("funding_known")).then(nw.col("raised_36m_lcy")),
        "revenue_lcy": revenue,
    }


def _marks(weak_pd: float) -> dict[str, nw.Expr]:
    def mark(test: nw.Expr) -> nw.Expr:
        return test.cast(nw.Float64)

    funded, lent = nw.col("raised_36m_lcy") > 0, nw.col("loans_n") > 0
    return {
        "funded_n": mark(funded),
        "loss_n": mark(nw.col("return_on_assets_ratio") < 0),
        "lent_n": mark(lent),
        "defaulted_n": mark(nw.col("defaults_n") > 0),
        "graded_n": mark(~nw.col("pd").is_null()),
        "weak_n": mark(nw.col("pd") >= weak_pd),
    }


@dataclass(frozen=True, slots=True)
class WarningRules:
    """What may be shown, and what it is held against.

    Attributes:
        watch: Thresholds, draws, level and seed.
        firms_n_min: Fewest firms behind a figure.
        changed_n_min: Fewest firms behind a difference from the earlier run.
    """

    watch: Watch
    firms_n_min: int
    changed_n_min: int


def warn_fields(
    now: Sequence[Mapping[str, Any]],
    rules: WarningRules,
    *,
    before: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Every signal of every field that may be shown, and its total.

    Args:
        now: Collected rows of `warning_rows`.
        rules: The rules.
        before: The same of an earlier run; needed for growth, and nothing is shown that its
            figures and these would give away together.

    Returns:
        One row per field and signal, see `measure_signal`, by signal and field, the total last.
        A field that is absent is withheld.

    Raises:
        InvalidInput: A firm stands twice, or a rule is out of range.
    """
    for rows in (now, before):
        if len({row["firm_id"] for row in rows}) < len(rows):
            raise InvalidInput("firm_id must be unique; a firm stands twice in the assessment")
    made = []
    for name, form in FORMS.items():
        earlier = form_groups(_entries(before, form.columns), firms_n_min=rules.firms_n_min)
        groups = form_groups(
            _entries(now, form.columns),
            firms_n_min=rules.firms_n_min,
            changed_n_min=rules.changed_n_min,
            before=earlier,
        )
        labels = {row["firm_id"]: row[form.spread] for row in now} if form.spread else {}
        if name == GROWTH:
            groups = pair_groups(groups, earlier)
        made += measure_signal(name, groups, rules.watch, labels=labels)
    return made


def _entries(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Entry]:
    """Firms with everything known and something to be measured by: the last column above 0."""
    found = []
    for row in rows:
        amounts = [row[name] for name in columns]
        if None not in amounts and amounts[-1] > 0:
            found.append(Entry(row["firm_id"], row["field"], tuple(map(float, amounts))))
    return found
