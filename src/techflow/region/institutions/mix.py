"""Customers of branches, and what others with the same customers would show."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns

SHARES = ("bad", "first", "unsecured")
"""Measures of a customer that are yes or no."""
MEASURES = (*SHARES, "rate_pa")


def roll_customers(loans: Frame) -> Frame:
    """Customers of each branch: loans of one firm at one branch count once.

    Args:
        loans: Running loans: `branch_id`, `lender_id`, `firm_id`, `size`, `industry_code`,
            `balance_cny`, `new_cny`, `nonperforming_cny`, `interest_cny`, `security`, `first_loan`.

    Returns:
        One row per `branch_id` and `firm_id` with `lender_id`, `size`, section `sector`, sums of
        the amounts, and `bad`, `first`, `unsecured` (1 if one of the loans is, else 0; null where
        no loan says) and `rate_pa` weighted by balance.

    Raises:
        MissingColumn: A column is absent.
    """
    need = (
        "branch_id",
        "lender_id",
        "firm_id",
        "size",
        "industry_code",
        "security",
        "first_loan",
    )
    require_columns(loans, need, needed_by="roll_customers")
    one = nw.Int64()
    made = loans.with_columns(
        bad=(nw.col("nonperforming_cny") > 0).cast(one),
        first=nw.col("first_loan").cast(one),
        unsecured=(nw.col("security") == "unsecured").cast(one),
        sector=nw.col("industry_code").str.slice(0, 1),
    )
    rolled = made.group_by("branch_id", "firm_id").agg(
        *(nw.col(name).max() for name in ("lender_id", "size", "sector", *SHARES)),
        *(nw.col(name).sum() for name in ("balance_cny", "new_cny", "nonperforming_cny")),
        nw.col("interest_cny").sum(),
    )
    return rolled.with_columns(rate_pa=ratio(nw.col("interest_cny"), nw.col("balance_cny")))


def expect_by_mix(
    customers: Frame, *, unit: str, strata: Sequence[str], others_n_min: int
) -> Frame:
    """What the same kind of customer shows at all other units.

    Args:
        customers: Result of `roll_customers`.
        unit: Column of the unit, such as `branch_id`.
        strata: Columns that make a kind.
        others_n_min: Fewest customers of the kind elsewhere; below it nothing is expected.

    Returns:
        The same rows plus `expected_<measure>` for each of `MEASURES`: the mean of the kind at the
        other units, so that a large unit is not compared with itself. Null where the measure of
        the row or the kind elsewhere is not known.

    Source:
        Indirect standardisation: Breslow and Day 1987, Statistical Methods in Cancer Research II,
        ch. 2.

    Examples:
        >>> import polars as pl
        >>> rows = {"branch_id": ["a", "b", "b"], "size": ["s"] * 3, "bad": [1, 0, 1],
        ...         "first": [0] * 3, "unsecured": [0] * 3, "rate_pa": [0.04, 0.05, 0.07]}
        >>> found = expect_by_mix(nw.from_native(pl.LazyFrame(rows)), unit="branch_id",
        ...                       strata=["size"], others_n_min=1).collect()
        >>> found["expected_bad"].to_list()
        [0.5, 1.0, 1.0]
    """
    made = {}
    for name in MEASURES:
        value = nw.col(name).cast(nw.Float64)
        counted = (~nw.col(name).is_null()).cast(nw.Int64)
        total, n = value.sum().over(*strata), counted.sum().over(*strata)
        own, own_n = value.sum().over(unit, *strata), counted.sum().over(unit, *strata)
        told = (~nw.col(name).is_null()) & (n - own_n >= others_n_min)
        made[f"expected_{name}"] = nw.when(told).then(ratio(total - own, n - own_n))
    return customers.with_columns(**made)


def roll_units(customers: Frame, *, unit: str) -> Frame:
    """Units with what they show and what was expected of the same customers.

    Args:
        customers: Result of `expect_by_mix`.
        unit: Column of the unit.

    Returns:
        One row per unit: `customers_n`, sums of the amounts, and for each measure `<measure>_n`
        (customers compared), `<measure>_seen` and `<measure>_expected` (means over them).
    """
    made = [nw.len().alias("customers_n")]
    made += [nw.col(name).sum() for name in ("balance_cny", "new_cny", "nonperforming_cny")]
    for name in MEASURES:
        compared = nw.when(~nw.col(f"expected_{name}").is_null())
        made += [
            compared.then(nw.lit(1)).sum().alias(f"{name}_n"),
            compared.then(nw.col(name).cast(nw.Float64)).mean().alias(f"{name}_seen"),
            nw.col(f"expected_{name}").mean().alias(f"{name}_expected"),
        ]
    return customers.group_by(unit).agg(*made)
