"""Technology insurance: a premium in parts, and what a policy pays of it."""

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput, require_columns
from techflow.flow.loan_rows import Bound, Columns, Screen
from techflow.flow.policies import KEY, Laws, judge_policies
from techflow.pricing.premium import Loadings, price_premium
from techflow.pricing.severity import Cover, Severity

TERMS = (
    Bound("claims_per_year", "年赔案数", "claims a year", 0.0, 1e6),
    Bound("loss_mean_cny", "案均损失", "mean loss", 0.0, 1e15, above=True),
    Bound("loss_cv_ratio", "损失变异系数", "CV of losses", 0.0, 1e3, above=True),
    Bound("deductible_cny", "免赔额", "deductible", 0.0, 1e15, default=0.0),
    Bound("limit_cny", "每案限额", "limit", 0.0, np.inf, above=True, default=np.inf),
    Bound("paid_share", "赔付比例", "share paid", 0.0, 1.0, above=True, default=1.0),
)
SUBSIDY_INPUTS = (KEY, "tech_insurance_premium_cny", "other_subsidies_cny")


def price_insurance(
    rows: Columns, *, law: str, loadings: Loadings
) -> dict[str, Floats | list[str | None]]:
    """Premium of each row's cover for a year.

    Args:
        rows: `claims_per_year`, `loss_mean_cny`, `loss_cv_ratio`; `deductible_cny` (0 where
            unknown), `limit_cny` per claim (none where unknown), `paid_share` (1 where unknown).
        law: Law of losses, see `Severity`.
        loadings: What is added to the expected payments.

    Returns:
        Columns, one value per row in the same order: `pure_cny`, `risk_cny`, `expense_cny`,
        `profit_cny`, their sum `premium_cny`, `loss_elimination_share` (of the expected loss,
        what the deductible leaves with the firm); `reason_code`, `reason_zh`, `reason_en`.

    Raises:
        InvalidInput: The law is none.
        MissingColumn: A column is absent.

    Examples:
        >>> row = {"claims_per_year": [0.02], "loss_mean_cny": [1e6], "loss_cv_ratio": [1.0]}
        >>> found = price_insurance({k: np.array(v) for k, v in row.items()}, law="lognormal",
        ...                         loadings=Loadings(expense_share=0.2))
        >>> found["premium_cny"].round(2)
        array([25000.])
    """
    screen = Screen.of(rows, TERMS)
    severity = Severity(law, screen.take("loss_mean_cny"), screen.take("loss_cv_ratio"))
    bounds = (screen.take(name) for name in ("deductible_cny", "limit_cny", "paid_share"))
    cover = Cover(*bounds)
    found = price_premium(screen.take("claims_per_year"), severity, cover, loadings)
    parts: Mapping[str, Floats] = {
        name: getattr(found, name)
        for name in ("pure_cny", "risk_cny", "expense_cny", "profit_cny", "premium_cny")
    }
    eliminated = cover.loss_elimination(severity)
    columns = {**parts, "loss_elimination_share": eliminated}
    return {name: screen.place(each) for name, each in columns.items()} | screen.told()


def subsidise_premiums(contracts: Frame, laws: Laws, policy_id: str, *, on: date) -> Frame:
    """What a policy pays of premiums, and whether all subsidies together stay within it.

    Asked twice: how much it would pay beside the other subsidies, then whether the firm still
    qualifies with that sum counted in. If not, it pays nothing: so the policy is written.

    Args:
        contracts: One row per `firm_id` and year with `tech_insurance_premium_cny`,
            `other_subsidies_cny` and other facts of the policy that are known.
        laws: Policy id -> law.
        policy_id: A policy with an outcome `subsidy_cny`.
        on: Legal date.

    Returns:
        `firm_id`, `subsidy_cny` (null: undecided) and `subsidy_granted` (yes, no, null).

    Raises:
        InvalidInput: The policy is unknown or pays no `subsidy_cny`.
        MissingColumn: A column is absent.
        NotInForce: The policy is not in force.
    """
    require_columns(contracts, SUBSIDY_INPUTS, needed_by="subsidise_premiums")
    prefix = policy_id.replace(".", "_")
    paid, answer = nw.col(f"{prefix}__subsidy_cny"), nw.col(f"{prefix}__answer")
    others = contracts.with_columns(premium_subsidies_cny=nw.col("other_subsidies_cny"))
    first = judge_policies(others, laws, [policy_id], on=on)
    if f"{prefix}__subsidy_cny" not in first.columns:
        raise InvalidInput(f"policy {policy_id} pays no subsidy_cny")
    granted = first.select(KEY, granted_cny=paid)
    counted = contracts.join(granted, on=KEY, how="left")
    total = nw.col("other_subsidies_cny") + nw.col("granted_cny")
    second = judge_policies(
        counted.with_columns(premium_subsidies_cny=total), laws, [policy_id], on=on
    )
    return second.select(KEY, subsidy_cny=paid, subsidy_granted=answer)
