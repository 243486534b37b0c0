"""Numbers of a statement that must tie: value, expected, difference, tolerance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

MONTHS_PER_YEAR = 12
CARRIED = (
    *("revenue_lcy", "net_income_lcy", "operating_cash_flow_lcy", "total_assets_lcy"),
    *("current_assets_lcy", "current_liabilities_lcy", "cash_lcy", "receivables_lcy"),
    *("inventory_lcy", "retained_earnings_lcy", "total_equity_lcy"),
)
"""Amounts of the year before that checks and signals look at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One sum that must tie.

    Attributes:
        name: Stem of the columns it adds.
        value: Columns whose sum is looked at.
        expected: Columns whose sum it must equal.
        at_most: True where `expected` is only a ceiling: the parts are not all on the table.
        year_on_year: True where a part is of the year before, so both cover twelve months.
    """

    name: str
    value: tuple[str, ...]
    expected: tuple[str, ...]
    at_most: bool = False
    year_on_year: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Every column it reads."""
        return (*self.value, *self.expected)


CHECKS = (
    Check("balance", ("total_assets_lcy",), ("total_liabilities_lcy", "total_equity_lcy")),
    Check("assets_split", ("total_assets_lcy",), ("current_assets_lcy", "noncurrent_assets_lcy")),
    Check(
        "liabilities_split",
        ("total_liabilities_lcy",),
        ("current_liabilities_lcy", "noncurrent_liabilities_lcy"),
    ),
    Check("cash_within", ("cash_lcy",), ("current_assets_lcy",), at_most=True),
    Check(
        "current_parts",
        ("cash_lcy", "receivables_lcy", "inventory_lcy", "prepayments_lcy"),
        ("current_assets_lcy",),
        at_most=True,
    ),
    Check(
        "current_dues",
        ("payables_lcy", "advances_lcy"),
        ("current_liabilities_lcy",),
        at_most=True,
    ),
    Check("debt_within", ("debt_lcy",), ("total_liabilities_lcy",), at_most=True),
    Check(
        "retained_roll",
        ("retained_earnings_lcy",),
        ("previous_retained_earnings_lcy", "net_income_lcy"),
        at_most=True,
        year_on_year=True,
    ),
)
"""Retained earnings grow by no more than net income: dividends, which the table does not hold, only
take from them. Other parts of comprehensive income may add: hence its wider tolerance."""


def add_previous(statements: Frame) -> Frame:
    """The amounts of the year before beside each statement, under `previous_`.

    The year before is the statement of the same firm, basis and currency whose period ends in the
    same month one year earlier; two such statements are ambiguous and count as unknown. Periods
    other than twelve months are never compared (an unknown length is taken as twelve).

    Args:
        statements: Rows of the table `statement`, one per key.

    Returns:
        The rows given, each once, with `previous_<name>` for each of `CARRIED`.
    """
    return _beside(statements, 1, "previous", CARRIED)


def add_next_cash_flow(statements: Frame) -> Frame:
    """Operating cash flow of the year after beside each statement.

    It is known a year later: before, what rests on it is unknown.

    Args:
        statements: Rows of the table `statement`, one per key.

    Returns:
        The rows given, each once, with `next_operating_cash_flow_lcy`; the year after is found
        as the year before by `add_previous`.
    """
    return _beside(statements, -1, "next", ("operating_cash_flow_lcy",))


def _beside(statements: Frame, years: int, prefix: str, names: Sequence[str]) -> Frame:
    """Amounts of the statement so many years earlier."""
    end = nw.col("period_end_on")
    month = end.dt.year().cast(nw.Int64) * MONTHS_PER_YEAR + end.dt.month().cast(nw.Int64)
    whole = nw.col("months_n").fill_null(MONTHS_PER_YEAR) == MONTHS_PER_YEAR
    keys = ["firm_id", "basis", "currency", "end_month"]
    other = (
        statements.filter(whole)
        .select(
            "firm_id",
            "basis",
            "currency",
            (month + MONTHS_PER_YEAR * years).alias("end_month"),
            *(nw.col(name).alias(f"{prefix}_{name}") for name in names),
        )
        .unique(subset=keys, keep="none")
    )
    yearly = nw.when(whole).then(month)
    joined = statements.with_columns(end_month=yearly).join(other, on=keys, how="left")
    return joined.drop("end_month")


def check_statements(
    statements: Frame, *, tolerances: Mapping[str, float], checks: Sequence[Check] = CHECKS
) -> Frame:
    """Every check on every statement.

    Args:
        statements: Result of `add_previous`.
        tolerances: Share of the larger side that may be missing, for each check by name.
        checks: What must tie.

    Returns:
        The rows given with the five columns of `add_check` for each check.

    Raises:
        InvalidInput: A check has no tolerance.
    """
    for check in checks:
        if check.name not in tolerances:
            raise InvalidInput(f"check {check.name} needs a tolerance; got {sorted(tolerances)}")
        statements = add_check(statements, check=check, tolerance_share=tolerances[check.name])
    return statements


def add_check(statements: Frame, *, check: Check, tolerance_share: float) -> Frame:
    """One check: five columns named after it.

    Args:
        statements: Any rows with the columns of the check.
        check: What must tie.
        tolerance_share: Share of the larger of both sides that may be missing, 0 or more.

    Returns:
        `<name>_value_lcy`, `<name>_expected_lcy`, `<name>_difference_lcy` (value less expected),
        `<name>_tolerance_lcy`, and `ok_<name>`: null where any part is unknown, for an unknown
        part is no zero.

    Raises:
        InvalidInput: The tolerance is negative.
        MissingColumn: A part is no column.

    Examples:
        >>> check = Check("parts", ("whole",), ("left", "right"))
        >>> rows = nw.from_dict({"whole": [10.0], "left": [7.0], "right": [2.0]}, backend="polars")
        >>> found = add_check(rows.lazy(), check=check, tolerance_share=0.01).collect()
        >>> found["parts_difference_lcy"].item(), found["ok_parts"].item()
        (1.0, False)
    """
    if not tolerance_share >= 0.0:
        raise InvalidInput(f"tolerance_share must be 0 or more; got {tolerance_share}")
    require_columns(statements, check.needs, needed_by=f"check {check.name}")
    value, expected = _sum(check.value), _sum(check.expected)
    gap = value - expected
    allowed = nw.max_horizontal(value.abs(), expected.abs()) * tolerance_share
    known = ~gap.is_null()
    off = gap if check.at_most else gap.abs()
    return statements.with_columns(
        **{
            f"{check.name}_value_lcy": value,
            f"{check.name}_expected_lcy": expected,
            f"{check.name}_difference_lcy": gap,
            f"{check.name}_tolerance_lcy": nw.when(known).then(allowed),
            f"ok_{check.name}": nw.when(known).then(off <= allowed),
        }
    )


def _sum(names: Sequence[str]) -> nw.Expr:
    """Sum that is null where a part is."""
    first, *rest = (nw.col(name).cast(nw.Float64) for name in names)
    for part in rest:
        first = first + part
    return first
