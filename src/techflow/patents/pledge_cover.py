"""Cover by pledge: which patents stand behind which loans on a day, and for how much."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, day_number, require_columns
from techflow.patents.pledge_register import EVENT, KEY, REGISTERED

LOAN = ("loan_id", "outstanding_cny", "due_on")


def active_pledges(judged: Frame, values: Frame, loans: Frame) -> Frame:
    """Pledges that stand on the day, in order of payment, with what each is covered for.

    Args:
        judged: Result of `judge_pledge_events`.
        values: Result of `patent_values` for the same day.
        loans: One row a loan: `loan_id`, `outstanding_cny`, `due_on` (date).

    Returns:
        One row a pledge, columns of the table `pledge`. `place_n` is the stated rank, or, where
        a pledge of the patent states none, the order of registration. `claim_cny` is the smaller
        of amount secured and outstanding; the one known where only one is, as for a loan of
        another lender. `covered_cny` comes from the value in order of place, in proportion to
        the claims within one; null where a value or a claim ahead of it is unknown. A loan
        covered elsewhere keeps its claim, so what later places get is a lower bound.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Civil Code of China, article 414: registered security is paid in order of registration;
        in proportion within one place is the rule of article 414(3), here a convention.

    Examples:
        >>> import polars as pl
        >>> from datetime import date
        >>> frame = lambda **row: nw.from_native(pl.LazyFrame([row]))
        >>> judged = frame(pledge_id="g", patent_id="p", loan_id="l", rank_n=1, secured_cny=8.0,
        ...     pledge_event="registered", event_on=date(2026, 1, 1)).with_columns(
        ...     event_reason_code=nw.lit(None, nw.String))
        >>> values = frame(patent_id="p", available_cny=5.0, in_force=True,
        ...     term_ends_on=date(2030, 1, 1))
        >>> loans = frame(loan_id="l", outstanding_cny=9.0, due_on=date(2031, 1, 1))
        >>> row = active_pledges(judged, values, loans).collect()
        >>> row["claim_cny"][0], row["covered_cny"][0], row["unprotected_days"][0]
        (8.0, 5.0, 366)
    """
    require_columns(judged, (*KEY, *EVENT, "event_reason_code"), needed_by="active_pledges")
    require_columns(loans, LOAN, needed_by="active_pledges")
    counted = judged.filter(nw.col("event_reason_code").is_null()).with_columns(
        _last=nw.col("event_on").max().over(*KEY)
    )
    on_day = nw.col("event_on") == nw.col("_last")
    active = counted.filter(on_day & (nw.col("pledge_event") == REGISTERED)).select(
        *KEY, "rank_n", "secured_cny", registered_on=nw.col("event_on")
    )
    joined = active.join(values, on="patent_id", how="left").join(
        loans.select(*LOAN), on="loan_id", how="left"
    )
    placed = joined.with_columns(
        claim_cny=nw.min_horizontal("secured_cny", "outstanding_cny"),
        _unranked=nw.col("rank_n").is_null().cast(nw.Int64).max().over("patent_id"),
        _stated=nw.col("rank_n").rank("dense").over("patent_id"),
        _dated=nw.col("registered_on").rank("dense").over("patent_id"),
    ).with_columns(
        place_n=nw.when(nw.col("_unranked") == 0)
        .then(nw.col("_stated").cast(nw.Int64))
        .otherwise(nw.col("_dated").cast(nw.Int64))
    )
    covered = _cover(placed)
    shared = active.group_by("patent_id").agg(_n=nw.col("loan_id").n_unique())
    return _flag(covered.join(shared, on="patent_id", how="left"))


def _cover(placed: Frame) -> Frame:
    """Add `covered_cny`: the value runs down the places."""
    claim = nw.col("claim_cny")
    sums = placed.with_columns(_claim=claim.fill_null(0.0), _open=claim.is_null().cast(nw.Int64))
    places = sums.group_by("patent_id", "place_n").agg(
        _place=nw.col("_claim").sum(), _open=nw.col("_open").sum()
    )
    run = places.with_columns(
        _through=nw.col("_place").cum_sum().over("patent_id", order_by="place_n"),
        _unknown=nw.col("_open").cum_sum().over("patent_id", order_by="place_n"),
    ).drop("_open")
    joined = placed.join(run, on=["patent_id", "place_n"], how="left").with_columns(
        _left=nw.col("available_cny") - (nw.col("_through") - nw.col("_place"))
    )
    left, place = nw.col("_left"), nw.col("_place")
    part = nw.when(left >= place).then(nw.lit(1.0)).otherwise(left / place)
    covered = (
        nw.when((claim == 0) | (left <= 0))
        .then(nw.lit(0.0))
        .when((nw.col("_unknown") == 0) & ~left.is_null())
        .then(claim * part)
    )
    return joined.with_columns(covered_cny=covered)


def _flag(covered: Frame) -> Frame:
    """Add what a lender must look at, and keep the columns of the table."""
    ends, due = nw.col("term_ends_on"), nw.col("due_on")
    # The first day without protection, through the day the loan is due.
    late = day_number(due) - day_number(ends) + 1
    return covered.select(
        *KEY,
        *("registered_on", "place_n", "secured_cny", "outstanding_cny", "claim_cny"),
        *("available_cny", "covered_cny", "in_force", "term_ends_on", "due_on"),
        expires_before_loan_ends=ends <= due,
        unprotected_days=nw.when(late > 0).then(late).when(late <= 0).then(nw.lit(0)),
        loans_on_patent_n=nw.col("_n").cast(nw.Int64),
        double_pledged=nw.col("_n") > 1,
        release_due=nw.col("outstanding_cny") == 0,
    )


def loan_cover(pledges: Frame, loans: Frame) -> Frame:
    """What each loan is covered for, and what it lacks.

    Args:
        pledges: Result of `active_pledges`.
        loans: One row a loan: `loan_id`, `outstanding_cny`, `due_on`.

    Returns:
        One row a loan, columns of the table `loan_pledge`. A pledge of several patents covers no
        more than it secures, a loan no more than is outstanding. A loan without a pledge lacks
        all. Cover is null where it is unknown and what is known of it does not suffice.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Sums.

    Examples:
        >>> import polars as pl
        >>> from datetime import date
        >>> frame = lambda **row: nw.from_native(pl.LazyFrame([row]))
        >>> pledges = frame(pledge_id="g", loan_id="l", covered_cny=5.0, secured_cny=8.0,
        ...     expires_before_loan_ends=False, unprotected_days=0, double_pledged=False)
        >>> loans = frame(loan_id="l", outstanding_cny=9.0, due_on=date(2031, 1, 1))
        >>> loan_cover(pledges, loans).collect()["shortfall_cny"][0]
        4.0
    """
    require_columns(loans, LOAN, needed_by="loan_cover")
    covered, expires = nw.col("covered_cny"), nw.col("expires_before_loan_ends")
    rows = pledges.with_columns(
        _known=covered.fill_null(0.0),
        _open=covered.is_null().cast(nw.Int64),
        _ends=expires.cast(nw.Int64),
        _double=nw.col("double_pledged").cast(nw.Int64),
    )
    each = rows.group_by("pledge_id", "loan_id").agg(
        nw.col("_known", "_open").sum(),
        nw.col("_ends", "_double", "unprotected_days").max(),
        _cap=nw.col("secured_cny").max(),
        _n=nw.len(),
        _dated=nw.col("_ends").count(),
    )
    capped = each.with_columns(_known=nw.min_horizontal("_known", "_cap"))
    sums = capped.group_by("loan_id").agg(
        nw.col("_known", "_open", "_n", "_dated").sum(),
        nw.col("_ends", "_double", "unprotected_days").max(),
    )
    joined = loans.select(*LOAN).join(sums, on="loan_id", how="left")
    owed, known = nw.col("outstanding_cny"), nw.col("_known").fill_null(0.0)
    enough = (nw.col("_open").fill_null(0) == 0) | (known >= owed)
    n = nw.col("_n").cast(nw.Int64)
    doubtless = nw.col("_dated").cast(nw.Int64) == n
    return joined.with_columns(
        covered_cny=nw.when(enough & ~owed.is_null()).then(nw.min_horizontal(known, owed))
    ).select(
        *LOAN,
        n.fill_null(0).alias("pledges_n"),
        "covered_cny",
        shortfall_cny=owed - nw.col("covered_cny"),
        expires_before_loan_ends=nw.when(nw.col("_ends") == 1)
        .then(nw.lit(True))
        .when(doubtless)
        .then(nw.lit(False)),
        unprotected_days=nw.when(doubtless).then(nw.col("unprotected_days")),
        double_pledged=nw.col("_double") == 1,
    )
