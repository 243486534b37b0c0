"""Generality, originality and radicalness: across how many technologies citations spread."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns

NEEDED = {"citations": ("citing_id", "cited_id"), "classes": ("patent_id", "symbol")}


def generality(citations: Frame, classes: Frame) -> Frame:
    """Across how many technologies the patents spread that cite a patent.

    Args:
        citations: One row per citation: `citing_id`, `cited_id`. Repeated rows count once; a
            patent that cites itself does not count.
        classes: One row per patent and symbol: `patent_id`, `symbol`; the first four
            characters are the subclass. Repeated rows count once.

    Returns:
        One row per `patent_id` with a classified citing patent: `generality_share`, 1 less the
        Herfindahl index over subclasses of the citing patents, each citing patent split by its
        symbols; 0 (one subclass) to below 1. A patent absent here has no known generality.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Squicciarini, Dernis and Criscuolo 2013, OECD STI Working Paper 2013/03, generality
        index; after Trajtenberg, Jaffe and Henderson 1997, Economics of Innovation and New
        Technology 5(1).

    Examples:
        >>> import polars as pl
        >>> cites = pl.LazyFrame({"citing_id": ["x", "y"], "cited_id": ["p", "p"]})
        >>> marks = pl.LazyFrame({"patent_id": ["x", "y"], "symbol": ["H04N1/1", "G06F3/1"]})
        >>> found = generality(nw.from_native(cites), nw.from_native(marks)).collect()
        >>> found["generality_share"][0]
        0.5
    """
    return _spread(citations, classes, of="cited_id", over="citing_id", name="generality_share")


def originality(citations: Frame, classes: Frame) -> Frame:
    """Across how many technologies the patents spread that a patent cites.

    Args:
        citations: As in `generality`.
        classes: As in `generality`.

    Returns:
        One row per `patent_id` with a classified cited patent: `originality_share`, 1 less the
        Herfindahl index over subclasses of the cited patents; 0 to below 1.

    Raises:
        MissingColumn: A column is absent.

    Source:
        OECD STI Working Paper 2013/03, originality index; after Trajtenberg, Jaffe and
        Henderson 1997; Hall, Jaffe and Trajtenberg 2001, NBER Working Paper 8498.

    Examples:
        >>> import polars as pl
        >>> cites = pl.LazyFrame({"citing_id": ["p", "p"], "cited_id": ["x", "y"]})
        >>> marks = pl.LazyFrame({"patent_id": ["x", "y"], "symbol": ["H04N1/1", "H04N5/1"]})
        >>> found = originality(nw.from_native(cites), nw.from_native(marks)).collect()
        >>> found["originality_share"][0]
        0.0
    """
    return _spread(citations, classes, of="citing_id", over="cited_id", name="originality_share")


def radicalness(citations: Frame, classes: Frame) -> Frame:
    """How much of what a patent builds on lies outside its own subclasses.

    Args:
        citations: As in `generality`.
        classes: As in `generality`; a patent without its own symbol is not in the result.

    Returns:
        One row per classified `patent_id` with a classified cited patent: `radicalness_share`,
        the share of symbols of cited patents in subclasses the patent is not in; 0 to 1.

    Raises:
        MissingColumn: A column is absent.

    Source:
        OECD STI Working Paper 2013/03, radicalness index; after Shane 2001, Management Science
        47(2).

    Examples:
        >>> import polars as pl
        >>> cites = pl.LazyFrame({"citing_id": ["p"], "cited_id": ["x"]})
        >>> marks = {"patent_id": ["p", "x", "x"], "symbol": ["H04N1/1", "H04N5/1", "G06F3/1"]}
        >>> tables = nw.from_native(cites), nw.from_native(pl.LazyFrame(marks))
        >>> found = radicalness(*tables).collect()
        >>> found["radicalness_share"][0]
        0.5
    """
    pairs, symbols = _checked(citations, classes)
    own = symbols.group_by("patent_id", "subclass").agg(_own=nw.len())
    classified = own.group_by("patent_id").agg(_known=nw.len())
    cited = symbols.rename({"patent_id": "cited_id"})
    looked = (
        pairs.join(cited, on="cited_id", how="inner")
        .rename({"citing_id": "patent_id"})
        .join(classified, on="patent_id", how="inner")
        .join(own, on=["patent_id", "subclass"], how="left")
    )
    counted = looked.group_by("patent_id").agg(_all=nw.len(), _inside=nw.col("_own").count())
    outside = nw.col("_all").cast(nw.Float64) - nw.col("_inside").cast(nw.Float64)
    return counted.select("patent_id", radicalness_share=ratio(outside, nw.col("_all")))


def _checked(citations: Frame, classes: Frame) -> tuple[Frame, Frame]:
    """Citations once each, symbols once each with their subclass."""
    require_columns(citations, NEEDED["citations"], needed_by="citation spread")
    require_columns(classes, NEEDED["classes"], needed_by="citation spread")
    pairs = citations.filter(nw.col("citing_id") != nw.col("cited_id"))
    symbols = classes.drop_nulls(list(NEEDED["classes"]))
    once = symbols.select(*NEEDED["classes"]).unique(list(NEEDED["classes"]))
    named = once.with_columns(subclass=nw.col("symbol").str.slice(0, 4))
    columns = list(NEEDED["citations"])
    return pairs.select(*columns).unique(columns), named


def _spread(citations: Frame, classes: Frame, *, of: str, over: str, name: str) -> Frame:
    """1 less the Herfindahl index of the subclasses on the other side of the citations."""
    pairs, symbols = _checked(citations, classes)
    split = symbols.group_by("patent_id", "subclass").agg(_n=nw.len())
    total = symbols.group_by("patent_id").agg(_total=nw.len())
    parts = split.join(total, on="patent_id", how="inner").select(
        "subclass", _part=ratio(nw.col("_n"), nw.col("_total")), **{over: nw.col("patent_id")}
    )
    weights = pairs.join(parts, on=over, how="inner")
    fields = weights.group_by(of, "subclass").agg(_weight=nw.col("_part").sum())
    squared = fields.with_columns(_square=nw.col("_weight") * nw.col("_weight"))
    summed = squared.group_by(of).agg(
        _sum=nw.col("_weight").sum(), _squares=nw.col("_square").sum()
    )
    index = nw.col("_squares") / (nw.col("_sum") * nw.col("_sum"))
    share = (1.0 - index).clip(0.0, 1.0)
    return summed.select(share.alias(name), patent_id=nw.col(of)).select("patent_id", name)
