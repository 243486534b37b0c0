"""Which firm may take which product, and what each side gains."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

MANDATES = ("sector", "region", "stage")
"""What a product may be limited to; a firm whose own is unknown is not within a limit."""
REFUSALS = (*MANDATES, "amount", "gain_unknown", "firm_minimum", "provider_minimum")
"""Why a pair is not allowed; the first that holds is named."""
RATE_COLUMNS = ("amount_cny", "rate_max_pa", "break_even_rate_pa", "rate_pa", "relief_rate_pa")
JUDGED = (
    *("firm_id", "product_id", *MANDATES),
    *("amount_cny", "amount_min_cny", "amount_max_cny"),
    *("firm_gain_cny", "provider_gain_cny"),
    *("firm_gain_min_cny", "provider_gain_min_cny"),
)


def gain_by_rates(pairs: Frame) -> Frame:
    """What each side gains in a year by a loan at the product's rate.

    Args:
        pairs: Rows with `RATE_COLUMNS`: amount of the loan, highest all-in rate the firm would
            pay, rate at which the provider breaks even on the firm, rate of the product, and what
            its tools take off the break-even rate (null counts as none).

    Returns:
        The same rows plus `firm_gain_cny` and `provider_gain_cny`; null where a rate or the amount
        is unknown.

    Raises:
        MissingColumn: A column is not there.

    Source:
        Gains of trade against the alternative of no trade: Shapley and Shubik (1971), The
        assignment game I, International Journal of Game Theory 1.
    """
    require_columns(pairs, RATE_COLUMNS, needed_by="gain_by_rates")
    amount, rate = nw.col("amount_cny"), nw.col("rate_pa")
    cost = nw.col("break_even_rate_pa") - nw.col("relief_rate_pa").fill_null(0.0)
    return pairs.with_columns(
        firm_gain_cny=amount * (nw.col("rate_max_pa") - rate),
        provider_gain_cny=amount * (rate - cost),
    )


def judge_pairs(pairs: Frame, *, mandates: Frame) -> Frame:
    """Say of each pair of firm and product why it is not allowed, if so.

    Args:
        pairs: Rows with `JUDGED`; unknown limits and minima (null) do not bind.
        mandates: One row per value a product is limited to: `product_id`, `about` (one of
            `MANDATES`), `value`. A product without rows about something takes all.

    Returns:
        The same rows plus `refusal_code`: one of `REFUSALS`, null if both sides accept.

    Raises:
        MissingColumn: A column is not there.

    Source:
        Mutual acceptability: Gale and Shapley (1962), College admissions and the stability of
        marriage; Roth and Sotomayor (1990), Two-sided matching, 2.1.
    """
    require_columns(pairs, JUDGED, needed_by="judge_pairs")
    require_columns(mandates, ("product_id", "about", "value"), needed_by="judge_pairs")
    marked = pairs
    for about in MANDATES:
        marked = mark_listed(marked, mandates, about)
    code = name_first("provider_minimum", _below("provider_gain_cny", "provider_gain_min_cny"))
    for name, broken in reversed(_tests()):
        code = name_first(name, broken, code)
    flags = [f"{kind}_{about}" for about in MANDATES for kind in ("limited", "listed")]
    return marked.with_columns(refusal_code=code).drop(*flags)


def mark_listed(pairs: Frame, mandates: Frame, about: str) -> Frame:
    """Add `limited_` and `listed_` of a mandate: whether it has one, and whether it holds the pair.

    Args:
        pairs: Rows with `product_id` and the column `about`.
        mandates: As in `judge_pairs`.
        about: What the mandate is about.
    """
    own = mandates.filter(nw.col("about") == about)
    limited = own.select("product_id").unique().with_columns(nw.lit(True).alias(f"limited_{about}"))
    listed = own.select("product_id", nw.col("value").alias(about)).unique()
    listed = listed.with_columns(nw.lit(True).alias(f"listed_{about}"))
    return pairs.join(limited, on="product_id", how="left").join(
        listed, on=["product_id", about], how="left"
    )


def _tests() -> list[tuple[str, nw.Expr]]:
    outside = [
        (about, ~nw.col(f"limited_{about}").is_null() & nw.col(f"listed_{about}").is_null())
        for about in MANDATES
    ]
    low, high = nw.col("amount_min_cny"), nw.col("amount_max_cny")
    amount = nw.col("amount_cny")
    unknown = amount.is_null() & ~(low.is_null() & high.is_null())
    gain_unknown = nw.col("firm_gain_cny").is_null() | nw.col("provider_gain_cny").is_null()
    return [
        *outside,
        ("amount", unknown | (amount < low).fill_null(False) | (amount > high).fill_null(False)),
        ("gain_unknown", gain_unknown),
        ("firm_minimum", _below("firm_gain_cny", "firm_gain_min_cny")),
    ]


def _below(gain: str, least: str) -> nw.Expr:
    return (nw.col(gain) < nw.col(least)).fill_null(False)


def name_first(name: str, broken: nw.Expr, other: nw.Expr | None = None) -> nw.Expr:
    """A code where something is broken, and what else holds where it is not."""
    return nw.when(broken).then(nw.lit(name)).otherwise(other if other is not None else None)
