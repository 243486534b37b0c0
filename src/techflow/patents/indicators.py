"""Patent quality indicators, each patent beside those of its field and filing year."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

COHORT = ("field", "filing_year_n")


def patent_scope(classes: Frame) -> Frame:
    """Breadth of a patent: how many different subclasses it is classified in.

    Args:
        classes: One row per patent and symbol: `patent_id`, `symbol` (IPC or CPC, such as
            `H04N1/12`; its first four characters are the subclass). Rows with null are not
            counted.

    Returns:
        One row per classified patent: `patent_id`, `scope_n`, 1 or more.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Squicciarini, Dernis and Criscuolo 2013, Measuring Patent Quality, OECD STI Working
        Paper 2013/03, patent scope; after Lerner 1994, RAND J. Economics 25(2).

    Examples:
        >>> import polars as pl
        >>> rows = {"patent_id": ["a"] * 3, "symbol": ["H04N1/12", "H04N5/0", "G06F3/1"]}
        >>> patent_scope(nw.from_native(pl.LazyFrame(rows))).collect()["scope_n"][0]
        2
    """
    require_columns(classes, ("patent_id", "symbol"), needed_by="patent_scope")
    told = classes.drop_nulls(["patent_id", "symbol"])
    named = told.with_columns(subclass=nw.col("symbol").str.slice(0, 4))
    scope = nw.col("subclass").n_unique().cast(nw.Int64)
    return named.group_by("patent_id").agg(scope_n=scope)


def cohort_shares(
    patents: Frame, *, names: Sequence[str], cut_share: float, cohort_n_min: int
) -> Frame:
    """Counts beside the highest of the cohort, outliers cut.

    Args:
        patents: One row per patent: `field` (text), `filing_year_n` (integer) and the counts,
            0 or more; null or not finite means unknown.
        names: Columns of counts, such as `claims_n`.
        cut_share: Values above this quantile of the cohort (linear between ranks) are set to
            it; above 0, to 1, where nothing is cut. The paper cuts at 0.98.
        cohort_n_min: Fewest patents of the cohort with a known count.

    Returns:
        The same rows plus `<name>_cohort_share` for each name, 0 to 1: the cut count over the
        highest cut count of the field and filing year. Null if the count, the field or the year
        is unknown, the cohort is too small, or its highest is not above 0.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: `cut_share` is outside its range.

    Source:
        OECD STI Working Paper 2013/03: indicators normalised by the maximum of the cohort
        (technology field and year) after winsorising.

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["H"] * 3, "filing_year_n": [2000] * 3, "claims_n": [5, 10, 20]}
        >>> found = cohort_shares(nw.from_native(pl.LazyFrame(rows)), names=["claims_n"],
        ...                       cut_share=1.0, cohort_n_min=3).collect()
        >>> sorted(found["claims_n_cohort_share"].to_list())
        [0.25, 0.5, 1.0]
    """
    require_columns(patents, (*COHORT, *names), needed_by="cohort_shares")
    if not 0.0 < cut_share <= 1.0:
        raise InvalidInput(f"cut_share must be above 0 and at most 1; got {cut_share}")
    counted = patents.with_columns(**{f"_{name}": _finite(name) for name in names})
    cuts = counted.group_by(*COHORT).agg(
        **{f"_{name}_n": nw.col(f"_{name}").count() for name in names},
        **{
            f"_{name}_cut": nw.col(f"_{name}").quantile(cut_share, interpolation="linear")
            for name in names
        },
    )
    # The highest cut count is the cut itself: no second pass is needed.
    joined = counted.join(cuts, on=list(COHORT), how="left")
    shares = {}
    for name in names:
        cut = nw.col(f"_{name}_cut")
        enough = (nw.col(f"_{name}_n") >= cohort_n_min) & (cut > 0.0)
        share = (nw.col(f"_{name}") / nw.when(enough).then(cut)).clip(0.0, 1.0)
        shares[f"{name}_cohort_share"] = share
    made = [f"_{name}{end}" for name in names for end in ("", "_n", "_cut")]
    return joined.with_columns(**shares).drop(made)


def _finite(name: str) -> nw.Expr:
    number = nw.col(name).cast(nw.Float64)
    return nw.when(number.is_finite() & (number >= 0.0)).then(number)


def quality_index(patents: Frame, *, names: Sequence[str]) -> Frame:
    """Composite of normalised indicators: their plain mean.

    Args:
        patents: One row per patent with the columns of `names`, each 0 to 1.
        names: Indicators; the index of four takes forward citations, family size, claims and
            generality.

    Returns:
        The same rows plus `quality_index_share`, 0 to 1; null if any part is unknown, because a
        mean of other parts would be another index.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: No name is given.

    Source:
        OECD STI Working Paper 2013/03, composite index: equal weights.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"x": [0.2], "y": [0.6]})
        >>> found = quality_index(nw.from_native(rows), names=["x", "y"]).collect()
        >>> found["quality_index_share"][0]
        0.4
    """
    require_columns(patents, names, needed_by="quality_index")
    if not names:
        raise InvalidInput("quality_index needs one indicator or more; got none")
    total = reduce(add, (nw.col(name) for name in names))
    return patents.with_columns(quality_index_share=total / len(names))


def grant_lag_share(patents: Frame, *, cohort_n_min: int) -> Frame:
    """Speed of grant within the cohort.

    Args:
        patents: One row per patent: `field`, `filing_year_n`, `grant_lag_days` (0 or more).
        cohort_n_min: As in `cohort_shares`.

    Returns:
        The same rows plus `grant_speed_share`: 1 less the lag over the longest lag of the
        cohort, 0 slowest to 1; null as in `cohort_shares`.

    Raises:
        MissingColumn: A column is absent.

    Source:
        OECD STI Working Paper 2013/03, grant lag index; after Harhoff and Wagner 2009,
        Management Science 55(12).

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["H"] * 2, "filing_year_n": [2000] * 2, "grant_lag_days": [300, 1200]}
        >>> found = grant_lag_share(nw.from_native(pl.LazyFrame(rows)), cohort_n_min=2).collect()
        >>> sorted(found["grant_speed_share"].to_list())
        [0.0, 0.75]
    """
    lag, name = "grant_lag_days", "grant_lag_days_cohort_share"
    shares = cohort_shares(patents, names=[lag], cut_share=1.0, cohort_n_min=cohort_n_min)
    return shares.with_columns(grant_speed_share=1.0 - nw.col(name)).drop(name)


def citation_counts(citations: Frame) -> Frame:
    """How many earlier patents each patent cites.

    Args:
        citations: One row per citation: `citing_id`, `cited_id`. Repeated rows count once, a
            patent that cites itself and rows with null not at all.

    Returns:
        One row per `patent_id` that cites: `backward_citations_n`, 1 or more. A patent that is
        absent cites nothing only if its citations are known to be complete.

    Raises:
        MissingColumn: A column is absent.

    Source:
        OECD STI Working Paper 2013/03, backward citations.

    Examples:
        >>> import polars as pl
        >>> rows = {"citing_id": ["c", "c", "c"], "cited_id": ["a", "b", "a"]}
        >>> found = citation_counts(nw.from_native(pl.LazyFrame(rows))).collect()
        >>> found["backward_citations_n"][0]
        2
    """
    require_columns(citations, ("citing_id", "cited_id"), needed_by="citation_counts")
    told = citations.filter(nw.col("citing_id") != nw.col("cited_id"))
    counted = told.group_by("citing_id").agg(
        backward_citations_n=nw.col("cited_id").n_unique().cast(nw.Int64)
    )
    return counted.rename({"citing_id": "patent_id"})
