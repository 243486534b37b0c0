"""A firm's technology flow among its peers: same field, same year."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns


def flow_peers(scored: Frame, *, peers_n_min: int) -> Frame:
    """Where the score stands among firms of one field and year.

    Args:
        scored: Rows with `field` (text), `year_n` (integer) and `flow_score` (0 to 100 or null).
        peers_n_min: Fewest scored firms, this one included, that make a comparison; 2 or more.

    Returns:
        The same rows plus `flow_peers_n` (scored firms of the field and year) and
        `flow_peer_rank_share`: share of the other firms with a lower score, ties counted half;
        0 worst, 1 best; null without a score, a field or a year, or with too few peers.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Mid-rank of the probability integral transform: Conover 1999, Practical Nonparametric
        Statistics, ch. 5.

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["C39"] * 3, "year_n": [2025] * 3, "flow_score": [40.0, 60.0, 80.0]}
        >>> found = flow_peers(nw.from_native(pl.LazyFrame(rows)), peers_n_min=3).collect()
        >>> found["flow_peer_rank_share"].to_list()
        [0.0, 0.5, 1.0]
    """
    require_columns(scored, ("field", "year_n", "flow_score"), needed_by="flow_peers")
    cell, score = ("field", "year_n"), nw.col("flow_score")
    placed = ~nw.col("field").is_null() & ~nw.col("year_n").is_null() & ~score.is_null()
    counted = scored.with_columns(
        _below=score.rank("min").over(*cell),
        _tied=score.count().over(*cell, "flow_score"),
        flow_peers_n=score.count().over(*cell).cast(nw.Int64),
    )
    below = nw.col("_below").cast(nw.Float64) - 1.0
    tied = nw.col("_tied").cast(nw.Float64) - 1.0
    others = nw.col("flow_peers_n").cast(nw.Float64) - 1.0
    enough = placed & (nw.col("flow_peers_n") >= max(peers_n_min, 2))
    share = (below + 0.5 * tied) / nw.when(enough).then(others)
    return counted.with_columns(flow_peer_rank_share=share).drop("_below", "_tied")


def peer_medians(scored: Frame, *, columns: Mapping[str, str], peers_n_min: int) -> Frame:
    """The middle firm of each field and year, beside every firm of it.

    Args:
        scored: Rows with `field` (text), `year_n` (integer) and the columns named.
        columns: Column of numbers -> name of the column with their median.
        peers_n_min: Fewest firms with a number, this one included, that make a median: of fewer
            it would tell a single firm's number.

    Returns:
        The same rows plus the medians; null without a field or a year, or with too few numbers.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Hyndman and Fan 1996, The American Statistician 50(4): definition 7 of a quantile.

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["C39"] * 3, "year_n": [2025] * 3, "input": [4.0, 6.0, 11.0]}
        >>> frame = nw.from_native(pl.LazyFrame(rows))
        >>> found = peer_medians(frame, columns={"input": "peer_input"}, peers_n_min=3)
        >>> found.collect()["peer_input"].to_list()
        [6.0, 6.0, 6.0]
    """
    require_columns(scored, ("field", "year_n", *columns), needed_by="peer_medians")
    cell = ("field", "year_n")
    placed = ~nw.col("field").is_null() & ~nw.col("year_n").is_null()
    medians = {
        new: nw.when(placed & (nw.col(name).count().over(*cell) >= peers_n_min)).then(
            nw.col(name).median().over(*cell)
        )
        for name, new in columns.items()
    }
    return scored.with_columns(**medians)
