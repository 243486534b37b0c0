"""A market of files matched: one row out per firm in, in the same order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput, MissingColumn
from techflow.flow.market import FEN_PER_CNY, Matched, add_firms, match_market, weigh_pairs
from techflow.matching import Market, build_market
from techflow_service.matching.tables import Tables, pair_chunks, read_market
from techflow_service.matching.wording import tell_firms
from techflow_service.scoring import read_rows
from techflow_service.valuing.wording import beside

NO_GROUP = ""
KEPT = ("firm_n", "product_n", "amount_cny", "firm_gain_cny", "provider_gain_cny")
Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MatchedFiles:
    """Result tables and summary of a match."""

    firms: pl.DataFrame
    products: pl.DataFrame
    summary: dict[str, Any]


def match_files(
    paths: tuple[Path, Path, Path | None],
    *,
    method: str,
    group_by: str = "region",
    watch: Watch = lambda stage: None,
) -> MatchedFiles:
    """Match the firms of a file to the products of another.

    Args:
        paths: Firms, products, and pairs of both with their gains, or None.
        method: `best`, `stable` or `fair`.
        group_by: Column of the firms whose values have their share of places, for `fair`.
        watch: Is told what is being done.

    Raises:
        InvalidInput: A cell, or the method for this market, is wrong.
        MissingColumn: A column is not there.
    """
    watch("reading")
    tables = read_market(*paths)
    allowed, refused = _judge(tables, watch)
    market = _market(tables, allowed)
    watch("matching")
    group = _groups(tables.raw, group_by, paths[0].name) if method == "fair" else None
    yuan = _yuan(tables, allowed) if tables.in_yuan else None
    matched = match_market(
        market, method=method, group=group.to_numpy() if group is not None else None, yuan=yuan
    )
    watch("explaining")
    topic = "yuan" if tables.in_yuan else method
    ids = tables.products["product_id"].to_list()
    reasons = tell_firms(market, matched, ids, refused, topic)
    firms = _firm_rows(tables, market, matched, reasons)
    products = _product_rows(tables, market, matched, yuan)
    summary = _summary(tables, market, matched, method)
    if group is not None:
        summary["groups"] = _by_group(tables.raw[group_by], matched)
    return MatchedFiles(firms, products, summary)


def add_files(
    paths: tuple[Path, Path, Path | None], new_at: Path, *, watch: Watch = lambda stage: None
) -> MatchedFiles:
    """Firms more in a market: who gets what, and who gives way.

    Args:
        paths: Firms that were there, products, and pairs of all firms with their gains, or None.
        new_at: The new firms, with the columns of the others; they come one after the other.
        watch: Is told what is being done.

    Returns:
        One row per firm, the new ones last, with `product_before_id` and `moved`.

    Raises:
        InvalidInput: A cell is wrong, or the products have capacities in yuan.
        MissingColumn: A column is not there.
    """
    watch("reading")
    tables = read_market(*paths, new_at)
    if tables.in_yuan:
        raise InvalidInput(
            f"{paths[1].name}: firms can be added where products have places_n; with capacity_cny "
            "match the whole market again with `techflow market match`"
        )
    before_n = tables.firms.height - read_rows(new_at).height
    allowed, refused = _judge(tables, watch)
    market = _market(tables, allowed)
    watch("adding")
    before, matched = add_firms(market, before_n)
    ids = tables.products["product_id"].to_list()
    reasons = tell_firms(market, matched, ids, refused, "best")
    firms = _firm_rows(tables, market, matched, reasons)
    held = [ids[j] if j >= 0 else None for j in before.tolist()]
    was = pl.Series("product_before_id", held + [None] * (len(firms) - before_n), pl.String)
    moved = pl.Series("moved", [*(before != matched.choice[:before_n]).tolist()], pl.Boolean)
    firms = firms.with_columns(was, moved.extend_constant(None, len(firms) - before_n))
    summary = _summary(tables, market, matched, "best") | {
        "new_n": len(firms) - before_n,
        "moved_n": int(moved.sum()),
    }
    return MatchedFiles(firms, _product_rows(tables, market, matched, None), summary)


def _judge(tables: Tables, watch: Watch) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Allowed pairs with their gains; refused ones counted by firm and code."""
    allowed, refused, done = [], [], 0
    mandates = nw.from_native(tables.mandates.lazy())
    for pairs in pair_chunks(tables):
        watch(f"weighing pairs, {done:,} of {tables.pairs_n:,}")
        frame = nw.from_native(pairs.lazy())
        judged = weigh_pairs(frame, mandates, by_rates=tables.arcs is None)
        native: pl.DataFrame = judged.select(*KEPT, "refusal_code").to_native().collect()
        allowed.append(native.filter(pl.col("refusal_code").is_null()).select(KEPT).sort(KEPT[:2]))
        codes = native.drop_nulls("refusal_code").group_by("firm_n", "refusal_code")
        refused.append(codes.agg(n=pl.len()))
        done += pairs.height
    counts = pl.concat(refused).group_by("firm_n", "refusal_code").agg(pl.col("n").sum())
    return pl.concat(allowed), counts


def _market(tables: Tables, allowed: pl.DataFrame) -> Market:
    firms_n, capacity = tables.firms.height, tables.products["capacity"].to_numpy()
    places = np.full(capacity.size, firms_n) if tables.in_yuan else capacity.astype(np.int64)
    return build_market(
        allowed["firm_n"].to_numpy(),
        allowed["product_n"].to_numpy(),
        (allowed["firm_gain_cny"].to_numpy(), allowed["provider_gain_cny"].to_numpy()),
        firms_n=firms_n,
        places_n=np.minimum(places, firms_n),
    )


def _yuan(tables: Tables, allowed: pl.DataFrame) -> tuple[Floats, Floats]:
    return allowed["amount_cny"].to_numpy(), tables.products["capacity"].to_numpy()


def _groups(firms: pl.DataFrame, column: str, name: str) -> pl.Series:
    """Number of each firm's group, in the order of their names; unknown is a group too."""
    if column not in firms.columns:
        raise MissingColumn(
            f"{name}: fair shares are by {column}, which is not there; got "
            f"{', '.join(firms.columns)}; name another with --group"
        )
    cells = firms[column].cast(pl.String).fill_null(NO_GROUP)
    return cells.rank("dense").cast(pl.Int64) - 1


def _firm_rows(
    tables: Tables, market: Market, matched: Matched, reasons: tuple[list[str], list[str]]
) -> pl.DataFrame:
    ids = [*tables.products["product_id"].to_list(), None]
    providers = [*tables.products["provider"].to_list(), None]
    own, rival = matched.reasons.arc, matched.reasons.rival_arc
    product = np.append(market.product, len(ids) - 1)
    found = pl.DataFrame(
        {
            "product_id": [ids[j] for j in product[own]],
            "provider": [providers[j] for j in product[own]],
            "firm_gain_cny": _cny(market.firm_gain_fen, own),
            "provider_gain_cny": _cny(market.provider_gain_fen, own),
            "price_cny": _cny(matched.price_fen, own),
            "rival_product_id": [ids[j] for j in product[rival]],
            "lead_cny": pl.Series(matched.reasons.lead_fen / FEN_PER_CNY, nan_to_null=True),
            "reason_code": matched.reasons.code.tolist(),
            "reason_zh": reasons[0],
            "reason_en": reasons[1],
        },
        schema_overrides={"product_id": pl.String, "rival_product_id": pl.String},
    )
    return beside(tables.raw, found)


def _cny(fen: Any, arc: Any) -> pl.Series:
    """Yuan of each firm's arc; null where it has none or there are no prices."""
    if fen is None:
        return pl.Series([None] * arc.size, dtype=pl.Float64)
    cells = np.where(arc >= 0, np.append(fen, 0.0)[arc] / FEN_PER_CNY, np.nan)
    return pl.Series(cells, nan_to_null=True)


def _product_rows(
    tables: Tables, market: Market, matched: Matched, yuan: tuple[Floats, Floats] | None
) -> pl.DataFrame:
    """Each product with what is taken of it and what one more place or yuan would add."""
    n = tables.products.height
    arc = matched.reasons.arc[matched.reasons.arc >= 0]
    taken = np.bincount(market.product[arc], minlength=n)
    rows = tables.products.select("product_id", "provider").with_columns(firms_n=taken)
    if yuan is None:
        return rows.with_columns(
            places_n=tables.products["capacity"].cast(pl.Int64),
            price_cny=_series(matched.price, n),
        )
    lent = np.bincount(market.product[arc], weights=yuan[0][arc], minlength=n)
    return rows.with_columns(
        capacity_cny=tables.products["capacity"],
        lent_cny=lent,
        price_ratio=_series(matched.price, n),
    )


def _series(values: Floats | None, n: int) -> pl.Series:
    return pl.Series([None] * n if values is None else values, dtype=pl.Float64)


def _summary(tables: Tables, market: Market, matched: Matched, method: str) -> dict[str, Any]:
    return {
        "method": method,
        "firms_n": market.firms_n,
        "products_n": tables.products.height,
        "pairs_n": tables.pairs_n,
        "allowed_n": int(market.product.size),
        "matched_n": int((matched.choice >= 0).sum()),
        "total_cny": matched.total_fen / FEN_PER_CNY,
        "bound_cny": matched.bound_fen / FEN_PER_CNY,
        "gap_share": matched.gap_share,
    }


def _by_group(names: pl.Series, matched: Matched) -> list[dict[str, Any]]:
    """Firms of each group, and those with a product."""
    rows = pl.DataFrame({"group": names.cast(pl.String), "has": matched.choice >= 0})
    counts = rows.group_by("group").agg(firms_n=pl.len(), matched_n=pl.col("has").sum())
    return counts.sort("group").to_dicts()
