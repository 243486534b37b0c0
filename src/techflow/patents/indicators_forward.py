"""Forward citations in a window, null until the window has closed."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns


def forward_citations(patents: Frame, citations: Frame, *, years_n: int, until: date) -> Frame:
    """How many later patents cite a patent in the years after its publication.

    Args:
        patents: One row per patent: `patent_id`, `published_on` (date, null if unknown).
        citations: One row per citation: `citing_id`, `cited_id`, `citing_on` (date of the citing
            document). Repeated rows count once; a patent that cites itself, and a citation
            without a date or before publication, do not count.
        years_n: Length of the window, 1 or more; the paper takes 5 and 7.
        until: Last day on which citations were collected.

    Returns:
        The same rows plus `forward_citations_n`: citing patents from publication to the day
        before its anniversary; 0 if the window closed without one. Null if the window was still
        open on `until`, or publication is unknown: such a count would be too low.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: `years_n` is below 1.

    Source:
        OECD STI Working Paper 2013/03, forward citations (5 and 7 years after publication);
        truncation: Hall, Jaffe and Trajtenberg 2001, NBER Working Paper 8498.

    Examples:
        >>> import polars as pl
        >>> seen = pl.LazyFrame({"patent_id": ["p"], "published_on": [date(2010, 1, 1)]})
        >>> cites = pl.LazyFrame({"citing_id": ["x", "y"], "cited_id": ["p", "p"],
        ...                       "citing_on": [date(2012, 1, 1), date(2016, 1, 1)]})
        >>> found = forward_citations(nw.from_native(seen), nw.from_native(cites), years_n=5,
        ...                           until=date(2020, 1, 1)).collect()
        >>> found["forward_citations_n"][0]
        1
    """
    require_columns(patents, ("patent_id", "published_on"), needed_by="forward_citations")
    needed = ("citing_id", "cited_id", "citing_on")
    require_columns(citations, needed, needed_by="forward_citations")
    if years_n < 1:
        raise InvalidInput(f"years_n must be 1 or more; got {years_n}")
    published = nw.col("published_on")
    ends = published.dt.offset_by(f"{years_n}y").cast(nw.Date)
    spans = patents.select("patent_id", _since=published, _ends=ends).drop_nulls("_since")
    windows = spans.group_by("patent_id").agg(nw.col("_since", "_ends").min())
    citing = nw.col("citing_on")
    # A document has one date; where rows differ the earliest counts.
    pairs = (
        citations.filter(nw.col("citing_id") != nw.col("cited_id"))
        .group_by("citing_id", "cited_id")
        .agg(citing_on=citing.min())
        .select("citing_on", patent_id=nw.col("cited_id"))
    )
    inside = pairs.join(windows, on="patent_id", how="inner").filter(
        (citing >= nw.col("_since")) & (citing < nw.col("_ends"))
    )
    counts = inside.group_by("patent_id").agg(_n=nw.len())
    joined = patents.with_columns(_closed=ends <= nw.lit(until)).join(
        counts, on="patent_id", how="left"
    )
    count = nw.when(nw.col("_closed")).then(nw.col("_n").cast(nw.Int64).fill_null(0))
    return joined.with_columns(forward_citations_n=count).drop("_closed", "_n")
