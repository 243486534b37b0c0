"""Whom a long-term product suits: each question by itself, and nothing where a fact is missing."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns

NEEDED = (
    *("risk_class", "horizon_months", "loss_bearable_share", "wealth_cny", "cash_need_cny"),
    *("risk_level", "lock_months", "loss_tail_share", "amount_cny"),
)
CHECKS = ("fits_class", "fits_horizon", "fits_loss", "fits_cash", "fits_size")


def judge_suitability(pairs: Frame, *, one_product_share_max: float) -> Frame:
    """Whether a product suits a holder.

    Args:
        pairs: One row per holder and product. Of the holder: `risk_class` (1 cautious to 5),
            `horizon_months`, `loss_bearable_share` of all wealth, `wealth_cny`, `cash_need_cny`
            (what must stay at hand over the horizon). Of the product: `risk_level` (1 to 5),
            `lock_months`, `loss_tail_share` (share lost in the worst cases). Of the deal:
            `amount_cny`.
        one_product_share_max: Most of all wealth in one product.

    Returns:
        The rows with five flags (null where a fact is missing), `loss_of_wealth_share`,
        `wealth_share`, and `verdict`: `no` if a flag is false, else `unknown` if one is null,
        else `yes`.

    Raises:
        MissingColumn: A column is absent.

    Source:
        证券期货投资者适当性管理办法 (证监会令第130号) for class against level; the rest is a
        proposal of this project.

    Examples:
        >>> import polars as pl
        >>> row = dict(risk_class=3, horizon_months=120, loss_bearable_share=0.1, wealth_cny=1e6,
        ...            cash_need_cny=2e5, risk_level=4, lock_months=60, loss_tail_share=0.5,
        ...            amount_cny=1e5)
        >>> pairs = nw.from_native(pl.LazyFrame([row]))
        >>> told = judge_suitability(pairs, one_product_share_max=0.2).to_native().collect()
        >>> told.select("fits_class", "fits_loss", "loss_of_wealth_share", "verdict").row(0)
        (False, True, 0.05, 'no')
    """
    require_columns(pairs, NEEDED, needed_by="judge_suitability")
    share = ratio(nw.col("amount_cny"), nw.col("wealth_cny"))
    flagged = pairs.with_columns(wealth_share=share).with_columns(
        loss_of_wealth_share=nw.col("wealth_share") * nw.col("loss_tail_share"),
        fits_class=nw.col("risk_class") >= nw.col("risk_level"),
        fits_horizon=nw.col("horizon_months") >= nw.col("lock_months"),
        fits_cash=nw.col("wealth_cny") - nw.col("amount_cny") >= nw.col("cash_need_cny"),
        fits_size=nw.col("wealth_share") <= one_product_share_max,
    )
    flagged = flagged.with_columns(
        fits_loss=nw.col("loss_of_wealth_share") <= nw.col("loss_bearable_share")
    )
    refused = nw.any_horizontal(*(~nw.col(check) for check in CHECKS), ignore_nulls=True)
    known = nw.all_horizontal(*(~nw.col(check).is_null() for check in CHECKS), ignore_nulls=False)
    return flagged.with_columns(
        verdict=nw.when(refused)
        .then(nw.lit("no"))
        .otherwise(nw.when(known).then(nw.lit("yes")).otherwise(nw.lit("unknown")))
    )
