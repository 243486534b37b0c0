"""From a book of loans and the numbers of a day to prices: tools granted, years laid out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput
from techflow.flow.loan_numbers import POOLS, Numbers
from techflow.flow.policies import Laws, find_law, rules_on
from techflow.policy import evaluate
from techflow.policy.params import Number
from techflow.pricing import (
    WEIGHT_PER_CAPITAL,
    irb_capital,
    loan_years,
    measure_effects,
    price_loans,
    size_relief,
)

MONTHS_MAX = 600.0
"""A longer term is taken for a slip of the pen, and has no price."""
YES, NO, NONE = nw.lit(True), nw.lit(False), nw.lit(0.0)
IN_POOL: dict[str, nw.Expr] = {
    "loan_cny": nw.col("limit_lcy"),
    "npl_loss_cny": nw.col("limit_lcy"),
    "npl_principal_cny": nw.col("limit_lcy"),
    "credit_part_cny": nw.col("limit_lcy"),
    "filed_in_pool": YES,
    "loan_npl": YES,
    "compensated_other_mode": NO,
    "bank_npl_loss_year_cny": NONE,
    "bank_filed_year_cny": nw.col("limit_lcy"),
    "guangzhou_paid_year_cny": NONE,
    "in_pool_months": nw.col("term_months").ceil(),
    "pool_projects_n": nw.lit(1.0),
    "firm_size": nw.lit("small"),
    "hnte_certificate": NO,
    "medium_firm_kind": NO,
    "on_key_support_list": NO,
    "first_loan": NO,
}
"""Facts of a loan that would be claimed from a pool, where the book does not tell."""
TOLD_FLAGS = ("hnte_certificate", "medium_firm_kind", "on_key_support_list", "first_loan")
TOLD_CODES = ("firm_size", "loan_security")
"""Facts of a pool that a book may tell."""


def price_book(
    loans: Frame,
    numbers: Numbers,
    laws: Laws,
    *,
    on: date,
    tools: tuple[str, ...],
    pool: str | None = None,
    effects: bool = True,
) -> Frame:
    """Price a book: tools granted by the law of a day, parts, effects.

    Args:
        loans: `pd`, `lgd`, `limit_lcy`, `sales_lcy`, `currency`, `term_months`, the columns of
            `year_columns` and `irb_column`, `use_<tool>` (bool) where a loan may differ, quotes
            under the names of the tools' columns, and `warrant_cny`.
        numbers: From `loan_numbers`.
        laws: Policy id -> law.
        on: Legal date.
        tools: Tools used.
        pool: One of `POOLS` if the tool `pool` is used.
        effects: False leaves out what each tool does, which takes a price without it.

    Returns:
        What `measure_effects` returns, or `price_loans` without effects.

    Raises:
        InvalidInput: The pool is unknown or missing, or a column has the name of a result.
        NotInForce: The pool's law has no text on that day.
    """
    pooled = _with_pool(loans, laws, on=on, pool=pool, tools=tools) if "pool" in tools else loans
    granted = grant_tools(pooled, numbers, tools=tools)
    values = {name: quoted.value for name, quoted in numbers.items()}
    if not effects:
        return price_loans(granted, terms=values, tools=tools)
    return measure_effects(granted, terms=values, tools=tools)


def grant_tools(loans: Frame, numbers: Numbers, *, tools: tuple[str, ...]) -> Frame:
    """Add the columns each tool's price needs: a loan's own quote first, else the day's number.

    A guarantee never covers more than the law's share, nor more yuan than the borrower may have.

    Args:
        loans: As for `price_book`.
        numbers: From `loan_numbers`.
        tools: Tools used.

    Returns:
        The same rows plus the columns of `TOOLS` for the tools used and `tax_share`.
    """
    amount = nw.col("limit_lcy")

    def own(name: str, otherwise: nw.Expr | None = None) -> nw.Expr:
        usual = nw.lit(numbers[name].value) if otherwise is None else otherwise
        return nw.col(name) if name in loans.columns else usual

    columns: dict[str, nw.Expr] = {"tax_share": _tax(numbers)}
    made = {
        "relending": lambda: _of(numbers, own, "relending_share", "relending_rate_pa"),
        "relief": lambda: _of(numbers, own, "relief_rate_pa"),
        "guarantee": lambda: _guarantee(numbers, own),
        "pool": lambda: {"pool_share": nw.col("pool_share")},
        "crmw": lambda: _crmw(numbers, own, columns.get("pool_share", nw.lit(0.0))),
        "insurance": lambda: _insurance(numbers, own),
        "discount": lambda: _of(numbers, own, "discount_rate_pa"),
        "warrant": lambda: {"warrant_value_share": nw.col("warrant_cny") / amount},
    }
    for tool in tools:
        used = nw.col(f"use_{tool}") if f"use_{tool}" in loans.columns else YES
        for name, value in made[tool]().items():
            unused = nw.when(used).then(value).when(~used).then(nw.lit(0.0))
            columns[name] = value if name.endswith("_weight_ratio") else unused
    return loans.with_columns(**columns)


def _of(numbers: Numbers, own: Any, *names: str) -> dict[str, nw.Expr]:
    return {name: own(name) for name in names}


def _guarantee(numbers: Numbers, own: Any) -> dict[str, nw.Expr]:
    most = numbers["guarantee_cny_max"].value / nw.col("limit_lcy")
    lawful = nw.lit(numbers["guarantee_share"].value)
    bound = nw.when(most < lawful).then(most).otherwise(lawful)
    asked = own("guarantee_share")
    return {
        "guarantee_share": nw.when(asked > bound).then(bound).otherwise(asked),
        "guarantee_fee_rate_pa": own("guarantee_fee_rate_pa"),
        "guarantee_weight_ratio": own("guarantee_weight_ratio"),
    }


def _crmw(numbers: Numbers, own: Any, pooled: nw.Expr) -> dict[str, nw.Expr]:
    """A quote, else the fair spread with a loading: hazard times the loss the pool leaves."""
    hazard = -1.0 * (1.0 - nw.col("pd")).log()
    fair = nw.col("lgd") * (1.0 - pooled) * hazard * numbers["crmw_loading_ratio"].value
    spread = nw.when((nw.col("pd") > 0.0) & (nw.col("pd") < 1.0)).then(fair)
    return {
        "crmw_share": own("crmw_share"),
        "crmw_spread_rate_pa": own("crmw_spread_rate_pa", spread),
        "crmw_weight_ratio": own("crmw_weight_ratio"),
    }


def _insurance(numbers: Numbers, own: Any) -> dict[str, nw.Expr]:
    premium = own("insurance_premium_rate_pa")
    paid = premium * numbers["premium_subsidy_share"].value
    most = numbers["premium_subsidy_cny_max"].value / nw.col("limit_lcy")
    return {
        "insurance_share": own("insurance_share"),
        "insurance_premium_rate_pa": premium,
        "premium_subsidy_rate_pa": nw.when(paid > most).then(most).otherwise(paid),
    }


def _tax(numbers: Numbers) -> nw.Expr:
    """Value-added tax inside the interest, with surcharges; none for small loans to small firms."""
    rate = numbers["vat_rate"].value
    share = rate / (1.0 + rate) * (1.0 + numbers["surcharge_share"].value)
    small = nw.col("limit_lcy") <= numbers["vat_exempt_loan_cny_max"].value
    exempt = small & (nw.col("sales_lcy") <= numbers["small_sales_cny_max"].value)
    return nw.when(exempt).then(nw.lit(0.0)).otherwise(nw.lit(share))


def _with_pool(
    loans: Frame, laws: Laws, *, on: date, pool: str | None, tools: tuple[str, ...]
) -> Frame:
    """Add what the pool's own rule would pay of a loss, as if the loan were claimed."""
    if pool not in POOLS:
        raise InvalidInput(f"the tool pool needs one of {', '.join(POOLS)}; got {pool}")
    if "pool_share" in loans.columns:
        return loans
    facts = dict(IN_POOL)
    relent, covered = (
        nw.col(name) if name in loans.columns else YES
        for name in ("use_relending", "use_guarantee")
    )
    facts["monetary_tool_support"] = relent if "relending" in tools else NO
    credit = nw.lit("credit")
    facts["loan_security"] = (
        nw.when(covered).then(nw.lit("guarantee")).otherwise(credit)
        if "guarantee" in tools
        else credit
    )
    named = {name: made for name, made in facts.items() if name not in loans.columns}
    judged = evaluate(loans.with_columns(**named), rules_on(laws, [pool], on=on), detail="answers")
    prefix = pool.replace(".", "_")
    answer, share = nw.col(f"{prefix}__answer"), nw.col(f"{prefix}__compensation_share")
    added: dict[str, nw.Expr] = {
        "pool_share": nw.when(answer).then(share).when(~answer).then(nw.lit(0.0))
    }
    most = _project_most(laws, pool, on)
    if most is not None:
        added["pool_most_share"] = most / nw.col("limit_lcy")
    return judged.with_columns(**added).select(*loans.columns, *added)


def _project_most(laws: Laws, pool: str, on: date) -> float | None:
    params = find_law(laws, pool).params
    if "project_cny_max" not in params.rows:
        return None
    term = params.at("project_cny_max", on)
    return float(term.value) if isinstance(term, Number) else None


def year_columns(
    arrays: Mapping[str, Floats], numbers: Numbers, *, period_months: int = 12
) -> dict[str, Floats]:
    """Ratios of time for loans of any term: see `loan_years`.

    Args:
        arrays: `pd`, `term_months`, `amortising` (1 or 0), `instalment_rate_pa` where some loans
            are repaid by equal payments; NaN is unknown.
        numbers: From `loan_numbers`; they say how long relending and discount last.
        period_months: Months between payments.
    """
    months = {
        "relending": numbers["relending_months"].value
        * (1.0 + numbers["relending_rollovers_n"].value)
        if "relending_months" in numbers
        else np.inf,
        "discount": numbers["discount_months"].value if "discount_months" in numbers else np.inf,
    }
    pd = np.where((arrays["pd"] > 0) & (arrays["pd"] < 1), arrays["pd"], 0.5)  # others: no price
    term = np.where(arrays["term_months"] <= MONTHS_MAX, arrays["term_months"], np.nan)
    return loan_years(
        pd,
        term / 12.0,
        amortising=arrays["amortising"],
        instalment_rate_pa=arrays.get("instalment_rate_pa"),
        funding_rate_pa=numbers["funding_rate_pa"].value,
        period_years=period_months / 12.0,
        limits_years=(months["relending"] / 12.0, months["discount"] / 12.0),
    )


def irb_column(arrays: Mapping[str, Floats], numbers: Numbers) -> Floats:
    """Weight by internal ratings at the foundation's LGD.

    Args:
        arrays: `pd`, `sales_lcy`, `life_years` (the effective maturity), `irb_covered_share` of
            `security_columns` where loans are secured; NaN is unknown.
        numbers: From `loan_numbers`, with `irb`.
    """
    given = arrays["pd"]
    pd = np.where((given > 0) & (given < 1), given, np.nan)
    relief = size_relief(
        arrays["sales_lcy"],
        low=numbers["irb_sales_cny_min"].value,
        high=numbers["irb_sales_cny_max"].value,
        factor=numbers["irb_size_factor"].value,
    )
    lgd = np.full_like(pd, numbers["irb_lgd"].value)
    if "irb_covered_share" in arrays:
        lgd += arrays["irb_covered_share"] * (numbers["irb_receivable_lgd"].value - lgd)
    floored = np.maximum(pd, numbers["irb_pd_min"].value)
    return WEIGHT_PER_CAPITAL * irb_capital(
        floored, lgd, maturity_years=arrays["life_years"], relief=relief
    )
