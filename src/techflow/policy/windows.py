"""Annual facts from statements: one row per firm, one column per fact and fiscal year."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.policy.facts import Facts

FULL_YEAR_MONTHS = 12


def statement_years(
    statements: Frame,
    facts: Facts,
    *,
    as_of: date,
    basis: str | None = "consolidated",
    currency: str = "CNY",
) -> Frame:
    """The annual facts of policies, rolled up from the statement table.

    Args:
        statements: Table `statement` as visible on `as_of`, one row per firm, period and basis.
        facts: Dictionary of facts; those with a `statement` column are filled.
        as_of: Statements that end later are not looked at.
        basis: `consolidated` or `separate`; None if the rows were chosen already.
        currency: Only statements in this currency; policies count in yuan.

    Returns:
        One row per firm_id: `statement_on` (end of the last full fiscal year) and one column per
        annual fact (`revenue_y0_cny` the last fiscal year, `revenue_y1_cny` the one before, ...);
        null where a year is missing, so a gap in the years is never bridged.

    Raises:
        MissingColumn: The table lacks a column a fact names.
    """
    annual = [fact for fact in facts.columns.values() if fact.statement]
    needed = {"firm_id", "period_end_on", "basis", "months_n", "currency"}
    require_columns(
        statements, needed | {fact.statement for fact in annual}, needed_by="statement_years"
    )
    of_basis = statements if basis is None else statements.filter(nw.col("basis") == basis)
    full = of_basis.filter(
        nw.col("currency") == currency,
        nw.col("months_n") == FULL_YEAR_MONTHS,
        nw.col("period_end_on") <= nw.lit(as_of),
    )
    dated = full.with_columns(_year=nw.col("period_end_on").dt.year().cast(nw.Int64))
    aged = dated.with_columns(_age=nw.col("_year").max().over("firm_id") - nw.col("_year"))
    picked = {
        fact.name: nw.when(nw.col("_age") == fact.year).then(nw.col(fact.statement))
        for fact in annual
    }
    spread = aged.with_columns(**picked)
    values = {fact.name: nw.col(fact.name).max() for fact in annual}
    return spread.group_by("firm_id").agg(statement_on=nw.col("period_end_on").max(), **values)
