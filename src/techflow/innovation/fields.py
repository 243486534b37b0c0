"""Fields of technology by year: how many applications, how many newcomers, how concentrated."""

from datetime import date, timedelta

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns

COLUMNS = ("patent_id", "applicant_id", "field", "filed_on", "published_on")
YEAR_OPEN, SHORT_HISTORY = "year_open", "short_history"
CELL = ("field", "year_n")


def last_complete_year(as_of: date, *, lag_months: int) -> int:
    """Last filing year all of whose applications are public on a day.

    Args:
        as_of: The day.
        lag_months: Months from filing to publication, 0 or more.

    Raises:
        InvalidInput: `lag_months` is negative.

    Source:
        Publication 18 months from filing: Patent Law of China (2020), article 34; European
        Patent Convention, article 93; 35 U.S.C. 122(b).

    Examples:
        >>> last_complete_year(date(2024, 6, 30), lag_months=18)
        2022
        >>> last_complete_year(date(2024, 6, 29), lag_months=18)
        2021
    """
    if lag_months < 0:
        raise InvalidInput(f"lag_months must be 0 or more; got {lag_months}")
    next_day = as_of + timedelta(days=1)
    return (12 * next_day.year + next_day.month - 1 - lag_months) // 12 - 1


def field_years(
    applications: Frame, *, as_of: date, lag_months: int, since_year: int, history_years_n: int
) -> Frame:
    """Roll applications up to fields and filing years, as known on a day.

    Args:
        applications: One row per application, applicant and field: `patent_id`, `applicant_id`
            (null if unknown), `field` (text), `filed_on`, `published_on` (dates). Repeated rows
            count once; an application in several fields counts in each. Rows without id, field
            or filing date are not counted; one without a publication date counts as published.
        as_of: What was published later is not seen.
        lag_months: As in `last_complete_year`; for a set of grants, the longest usual time to
            grant, or name the grant date as `filed_on` and take 0.
        since_year: First filing year that was collected.
        history_years_n: Years of history without which nobody can be called a newcomer.

    Returns:
        One row per field and year that has an application:

        - `applications_n`, `applicants_n` (different, known);
        - `applicant_known_share`: applications with a known applicant, 0 to 1;
        - `entrant_share`: applicants without an earlier application in the field, 0 to 1;
        - `applicant_hhi_share`: Herfindahl index over applicants, corrected for the count, 0 to
          1; null with fewer than two mentions of a known applicant;
        - `year_reason_code`: `year_open` where publication is not complete, and everything above
          is null, because such a count would be too low; `short_history` where only
          `entrant_share` is; else null.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: A number is negative.

    Source:
        Correction (n H - 1) / (n - 1): Hall 2005, A note on the bias in Herfindahl-type measures
        based on count data, Revue d'economie industrielle 110. Truncation: Hall, Jaffe and
        Trajtenberg 2001, NBER Working Paper 8498.

    Examples:
        >>> import polars as pl
        >>> day = date(2020, 3, 1)
        >>> rows = {"patent_id": ["1", "2", "3"], "applicant_id": ["x", "x", "y"],
        ...         "field": ["H04"] * 3, "filed_on": [day] * 3, "published_on": [day] * 3}
        >>> found = field_years(nw.from_native(pl.LazyFrame(rows)), as_of=date(2024, 1, 1),
        ...                     lag_months=18, since_year=2010, history_years_n=5).collect()
        >>> found["applications_n"][0], round(found["applicant_hhi_share"][0], 4)
        (3, 0.3333)
    """
    require_columns(applications, COLUMNS, needed_by="field_years")
    if history_years_n < 0:
        raise InvalidInput(f"history_years_n must be 0 or more; got {history_years_n}")
    last = last_complete_year(as_of, lag_months=lag_months)
    mentions = _mentions(applications, as_of)
    cells = _counts(mentions).join(_applicants(mentions), on=list(CELL), how="left")
    year = nw.col("year_n")
    young = year < since_year + history_years_n
    closed = cells.with_columns(
        year_reason_code=nw.when(year > last)
        .then(nw.lit(YEAR_OPEN))
        .otherwise(nw.when(young).then(nw.lit(SHORT_HISTORY)))
    )
    count, applicants = nw.col("_n"), nw.col("_applicants").fill_null(0)
    told = nw.col("_mentions")
    hhi = ratio(nw.col("_squares") - told, told * (told - 1.0))
    shown = {
        "applications_n": count,
        "applicants_n": applicants,
        "applicant_known_share": ratio(nw.col("_known"), count),
        "entrant_share": nw.when(~young).then(ratio(nw.col("_new"), nw.col("_applicants"))),
        "applicant_hhi_share": hhi,
    }
    complete = {name: nw.when(year <= last).then(value) for name, value in shown.items()}
    return closed.with_columns(**complete).select(*CELL, *shown, "year_reason_code")


def _mentions(applications: Frame, as_of: date) -> Frame:
    """Each application, applicant and field once, as published on the day, with its year."""
    published = nw.col("published_on")
    out = published.is_null() | (published <= as_of)
    seen = applications.filter(out & (nw.col("filed_on") <= as_of))
    told = seen.drop_nulls(["patent_id", "field", "filed_on"])
    # An application has one filing date; where rows differ the earliest counts.
    once = told.group_by("patent_id", "field", "applicant_id").agg(_on=nw.col("filed_on").min())
    first = nw.col("_on").min().over("patent_id")
    return once.with_columns(year_n=first.dt.year().cast(nw.Int64))


def _counts(mentions: Frame) -> Frame:
    """Applications of each cell, and those with a known applicant."""
    told = nw.when(~nw.col("applicant_id").is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    each = mentions.with_columns(_told=told).group_by(*CELL, "patent_id")
    each_told = each.agg(nw.col("_told").max())
    return each_told.group_by(*CELL).agg(
        _n=nw.len().cast(nw.Int64), _known=nw.col("_told").sum().cast(nw.Int64)
    )


def _applicants(mentions: Frame) -> Frame:
    """Known applicants of each cell: how many, how many new, sum of squared mentions."""
    told = mentions.filter(~nw.col("applicant_id").is_null())
    each = told.group_by(*CELL, "applicant_id").agg(_m=nw.len().cast(nw.Float64))
    begun = nw.col("year_n").min().over("field", "applicant_id")
    each = each.with_columns(
        _new=nw.when(begun == nw.col("year_n")).then(nw.lit(1)).otherwise(nw.lit(0)),
        _square=nw.col("_m") * nw.col("_m"),
    )
    return each.group_by(*CELL).agg(
        _applicants=nw.len().cast(nw.Int64),
        _new=nw.col("_new").sum().cast(nw.Int64),
        _mentions=nw.col("_m").sum(),
        _squares=nw.col("_square").sum(),
    )
