"""Register of pledges: which events count on a day, and what each patent can bring."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

KEY = ("pledge_id", "patent_id", "loan_id")
REGISTERED, RELEASED = "registered", "released"
EVENT = ("pledge_event", "event_on", "rank_n", "secured_cny")
PATENT = ("patent_id", "value_cny", "valued_on", "term_ends_on", "in_force")


def judge_pledge_events(events: Frame, patents: Frame, *, as_of: date) -> Frame:
    """Set aside the events that contradict the register, each with a reason.

    Args:
        events: `pledge_id`, `patent_id`, `loan_id`, `pledge_event` (`registered`, `released`),
            `event_on` (date), `rank_n` (1 first, null where not stated), `secured_cny` (null
            where not stated).
        patents: `patent_id`.
        as_of: Last day whose events count.

    Returns:
        The same rows plus `event_reason_code`, null where the event counts. A pledge is one
        patent behind one loan in one registration. An event set aside changes nothing after it.

    Raises:
        MissingColumn: A column is absent.

    Source:
        A registration can only be released after it was made; own rule for the rest.

    Examples:
        >>> import polars as pl
        >>> row = {"pledge_id": ["g"], "patent_id": ["p"], "loan_id": ["l"], "rank_n": [1],
        ...        "pledge_event": ["released"], "event_on": [date(2026, 1, 1)],
        ...        "secured_cny": [None]}
        >>> judged = judge_pledge_events(nw.from_native(pl.LazyFrame(row)),
        ...     nw.from_native(pl.LazyFrame({"patent_id": ["p"]})), as_of=date(2026, 6, 30))
        >>> judged.collect()["event_reason_code"][0]
        'released_unregistered'
    """
    require_columns(events, (*KEY, *EVENT), needed_by="judge_pledge_events")
    require_columns(patents, ("patent_id",), needed_by="judge_pledge_events")
    known = patents.select("patent_id").drop_nulls().unique("patent_id")
    joined = events.join(known.with_columns(_known=nw.lit(True)), on="patent_id", how="left")
    kind = nw.col("pledge_event")
    alone = joined.with_columns(_wrong=_wrong_alone(as_of)).with_columns(
        _fit=nw.col("_wrong").is_null(),
        _released=nw.when(kind == RELEASED).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    day = (*KEY, "event_on", "_fit")
    flag = nw.col("_released")
    ordered = alone.with_columns(
        _mixed=nw.col("_fit") & (flag.min().over(*day) != flag.max().over(*day))
    ).with_columns(_fit=nw.col("_fit") & ~nw.col("_mixed"))
    chained = ordered.with_columns(
        _before=flag.shift(1).over(*KEY, "_fit", order_by=("event_on", "rank_n", "secured_cny"))
    )
    before = nw.col("_before")
    reason = (
        nw.when(~nw.col("_wrong").is_null())
        .then(nw.col("_wrong"))
        .when(nw.col("_mixed"))
        .then(nw.lit("order_unknown"))
        .when((flag == 0) & (before == 0))
        .then(nw.lit("registered_twice"))
        .when((flag == 1) & (before.is_null() | (before == 1)))
        .then(nw.lit("released_unregistered"))
    )
    spare = ("_known", "_wrong", "_fit", "_released", "_mixed", "_before")
    return chained.with_columns(event_reason_code=reason).drop(*spare)


def _wrong_alone(as_of: date) -> nw.Expr:
    """What is wrong with an event whatever the others say; null where nothing is."""
    kind, on = nw.col("pledge_event"), nw.col("event_on")
    rank, secured = nw.col("rank_n"), nw.col("secured_cny").cast(nw.Float64)
    lacking = on.is_null() | kind.is_null() | ~kind.is_in([REGISTERED, RELEASED])
    for name in KEY:
        lacking = lacking | nw.col(name).is_null()
    return (
        nw.when(lacking)
        .then(nw.lit("incomplete"))
        .when(on > nw.lit(as_of))
        .then(nw.lit("later"))
        .when(nw.col("_known").is_null())
        .then(nw.lit("unknown_patent"))
        .when(rank < 1)
        .then(nw.lit("wrong_rank"))
        .when((secured < 0) | ~secured.is_finite())
        .then(nw.lit("wrong_amount"))
    )


def patent_values(patents: Frame, *, as_of: date) -> Frame:
    """One row a patent: its latest value known on a day, and whether it can bring it.

    Args:
        patents: `patent_id`, `value_cny`, `valued_on` (date), `term_ends_on` (first day without
            protection), `in_force` (boolean on `as_of`); several rows where valued several times.
        as_of: The day asked about; later values are not seen.

    Returns:
        `patent_id`, `term_ends_on`, `in_force` (false from the end of the term) and
        `available_cny`: the value, 0 without force, null where one of them is unknown. Of several
        values on one day the lowest counts.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Patent Law of China (2020), article 42: no right after the end of the term.

    Examples:
        >>> import polars as pl
        >>> row = pl.LazyFrame({"patent_id": ["p"], "value_cny": [9.0], "in_force": [True],
        ...     "valued_on": [date(2026, 1, 1)], "term_ends_on": [date(2026, 6, 30)]})
        >>> found = patent_values(nw.from_native(row), as_of=date(2026, 6, 30)).collect()
        >>> found["available_cny"][0]
        0.0
    """
    require_columns(patents, PATENT, needed_by="patent_values")
    value, day = nw.col("value_cny").cast(nw.Float64), nw.lit(as_of)
    seen = nw.when(nw.col("valued_on") <= day).then(nw.col("valued_on"))
    dated = patents.with_columns(_seen=seen).with_columns(
        _last=nw.col("_seen").max().over("patent_id"),
        _value=nw.when((nw.col("_seen") <= day) & value.is_finite() & (value >= 0)).then(value),
        _force=nw.when(nw.col("in_force"))
        .then(nw.lit(1))
        .when(~nw.col("in_force"))
        .then(nw.lit(0)),
    )
    last = dated.filter(nw.col("_last").is_null() | (nw.col("_seen") == nw.col("_last")))
    one = last.group_by("patent_id").agg(
        nw.col("_value", "_force", "term_ends_on").min(),
    )
    ended = nw.col("term_ends_on") <= day
    force = (
        nw.when(ended | (nw.col("_force") == 0))
        .then(nw.lit(False))
        .when(nw.col("_force") == 1)
        .then(nw.lit(True))
    )
    forced = one.with_columns(in_force=force)
    brings = nw.when(~nw.col("in_force")).then(nw.lit(0.0))
    brings = brings.when(nw.col("in_force")).then(nw.col("_value"))
    return forced.select("patent_id", "term_ends_on", "in_force", available_cny=brings)
