"""Facts of a loan application as known on the day of approval, and no later."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.profile.rollup import part_of

FACTS = (
    "amount_lcy",
    "guaranteed_lcy",
    "employees_n",
    "jobs_created_n",
    "jobs_retained_n",
    "naics",
    "firm_state",
    "bank_state",
    "business_code",
    "franchise_code",
    "area_code",
    "revolving_code",
    "low_document_code",
)
ROUND_LCY = 5000.0


def application_facts(loans: Frame) -> Frame:
    """Features of applications for guaranteed loans.

    Args:
        loans: One row per loan with the columns of `FACTS`; amounts in one currency, the first
            three of NAICS name the industry.

    Returns:
        The same rows plus `amount_log`, `guarantee_share`, `employees_log`,
        `jobs_created_log`, `jobs_retained_log` (log of 1 + n), `amount_per_head_log`,
        `round_amount_share` (1 if the amount is a multiple of 5,000, 0 if not),
        `same_state_share` (1 if lender and firm sit in one state), `industry` (three digits of
        NAICS, null if unknown), and as shares of one (1 yes, 0 no, null where the code says
        neither): `new_business_share` (code 2 new, 1 existing), `franchise_share` (codes 0 and
        1: none), `urban_share` (1 urban, 2 rural), `revolving_share` and `low_document_share`
        (Y, N).

    Raises:
        MissingColumn: A column is missing.
    """
    require_columns(loans, FACTS, needed_by="application_facts")
    amount, heads = nw.col("amount_lcy"), nw.col("employees_n")
    industry = nw.col("naics").str.slice(0, 3)
    return loans.with_columns(
        amount_log=_log(amount),
        guarantee_share=part_of(nw.col("guaranteed_lcy"), amount),
        employees_log=_log(heads + 1.0),
        jobs_created_log=_log(nw.col("jobs_created_n") + 1.0),
        jobs_retained_log=_log(nw.col("jobs_retained_n") + 1.0),
        amount_per_head_log=_log(amount) - _log(heads + 1.0),
        round_amount_share=_flag(amount % ROUND_LCY == 0.0),
        same_state_share=_flag(nw.col("firm_state") == nw.col("bank_state")),
        industry=nw.when(industry != "0").then(industry),
        new_business_share=_either("business_code", ("2",), ("1",)),
        franchise_share=_flag(~nw.col("franchise_code").is_in(["0", "1"])),
        urban_share=_either("area_code", ("1",), ("2",)),
        revolving_share=_either("revolving_code", ("Y",), ("N",)),
        low_document_share=_either("low_document_code", ("Y",), ("N",)),
    )


def _either(code: str, yes: tuple[str, ...], no: tuple[str, ...]) -> nw.Expr:
    """1 for a code that says yes, 0 for one that says no, null for any other."""
    said = nw.col(code)
    return nw.coalesce(
        nw.when(said.is_in(yes)).then(nw.lit(1.0)), nw.when(said.is_in(no)).then(nw.lit(0.0))
    )


def _log(number: nw.Expr) -> nw.Expr:
    return nw.when(number > 0.0).then(number.clip(1e-12).log())


def _flag(test: nw.Expr) -> nw.Expr:
    return nw.when(~test.is_null()).then(test.cast(nw.Float64))
