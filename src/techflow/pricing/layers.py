"""Who pays which layer of a loss: each in turn a share of what those before it left."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

LAYERS = ("guarantee", "pool", "crmw", "insurance")
"""Who pays, first to last: guarantor, compensation pool, seller of the CRMW, insurer."""


def split_loss(loans: Frame, *, layers: tuple[str, ...] = LAYERS) -> Frame:
    """Split the loss of a defaulted loan among those who cover it and the bank.

    Each layer takes `<layer>_share` of the loss that those before it left, at most
    `<layer>_most_share` of the loan where that column is there. Nobody can be paid twice for the
    same yuan, so together they never pay more than the loss. What is recovered later goes back in
    the same shares, which is why a share of the principal at risk is a share of the loss.

    Args:
        loans: `lgd` (loss over the loan) and, for each layer used, `<layer>_share` in [0, 1].
        layers: The layers used, a subset of `LAYERS`; the order is always that of `LAYERS`.

    Returns:
        The same rows plus `<layer>_loss_share` for every layer (0 if not used) and
        `bank_loss_share`, all over the loan; they add up to `lgd`.

    Source:
        Order and sharing as in the national special guarantee plan (财金〔2024〕60号), with
        pools compensating the bank's own remaining loss (穗金管规字〔2025〕1号).

    Examples:
        >>> row = {"lgd": [0.4], "guarantee_share": [0.8], "pool_share": [0.5]}
        >>> frame = nw.from_dict(row, backend="polars").lazy()
        >>> split = split_loss(frame, layers=("guarantee", "pool")).collect()
        >>> [round(split[f"{who}_loss_share"][0], 6) for who in ("guarantee", "pool", "bank")]
        [0.32, 0.04, 0.04]
    """
    used = [name for name in LAYERS if name in layers]
    require_columns(loans, ["lgd", *(f"{name}_share" for name in used)], needed_by="split_loss")
    split = loans.with_columns(bank_loss_share=nw.col("lgd"))
    known = nw.when(~nw.col("lgd").is_null())
    for name in LAYERS:
        paid = _paid(name, loans.columns) if name in used else known.then(nw.lit(0.0))
        split = split.with_columns(paid.alias(f"{name}_loss_share")).with_columns(
            bank_loss_share=nw.col("bank_loss_share") - nw.col(f"{name}_loss_share")
        )
    return split


def _paid(name: str, columns: list[str]) -> nw.Expr:
    paid = nw.col("bank_loss_share") * nw.col(f"{name}_share")
    if f"{name}_most_share" not in columns:
        return paid
    most = nw.col(f"{name}_most_share")
    return nw.when(paid > most).then(most).otherwise(paid)
