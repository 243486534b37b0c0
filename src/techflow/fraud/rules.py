"""Numbers behind the signs of a firm's own invoices; each is one roll-up, one row per firm."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, day_number, ratio

YEAR_DAYS = 365
FEN_HALF = 0.005


def seen_invoices(invoices: Frame, as_of: date) -> Frame:
    """Invoices issued by a day, with `age_days` before it.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.
    """
    age = as_of.toordinal() - day_number(nw.col("issued_on"))
    return invoices.with_columns(age_days=age).filter(nw.col("age_days") >= 0)


def _valid_sales(invoices: Frame, as_of: date) -> Frame:
    sale = (nw.col("direction") == "sale") & (nw.col("status") == "valid")
    return seen_invoices(invoices, as_of).filter(sale)


def _within(days: int, values: nw.Expr) -> nw.Expr:
    """Sum of the values of the last so many days; 0 if there are none."""
    return nw.when(nw.col("age_days") < days).then(values).otherwise(0.0).sum()


def _part(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    return nw.when(whole > 0).then(ratio(part, whole))


def void_bursts(invoices: Frame, *, as_of: date, issued_n_min: int) -> Frame:
    """The worst month of void sale invoices in the last year.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.
        issued_n_min: A month with fewer sale invoices says nothing.

    Returns:
        One row per `firm_id` with sale invoices: `void_burst_share`, the greatest share of void
        among the sale invoices of one calendar month; null if no month has enough.
    """
    recent = seen_invoices(invoices, as_of).filter(
        nw.col("direction") == "sale", nw.col("age_days") < YEAR_DAYS
    )
    void = (nw.col("status") == "void").cast(nw.Int64)
    months = (
        recent.with_columns(month_on=nw.col("issued_on").dt.truncate("1mo"), void=void)
        .group_by("firm_id", "month_on")
        .agg(nw.col("void").sum().cast(nw.Int64).alias("void_n"), nw.len().alias("issued_n"))
    )
    enough = nw.col("issued_n") >= issued_n_min
    share = nw.when(enough).then(ratio(nw.col("void_n"), nw.col("issued_n")))
    return (
        months.with_columns(share=share)
        .group_by("firm_id")
        .agg(nw.col("share").max().alias("void_burst_share"))
    )


def sudden_partners(
    invoices: Frame, *, as_of: date, recent_days: int, history_days_min: int
) -> Frame:
    """Share of recent sales that went to customers never seen before.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.
        recent_days: Days that count as recent.
        history_days_min: Sales must be on record this long before, else everyone is new.

    Returns:
        One row per `firm_id` with valid sales: `sudden_partner_share`; null without recent sales
        or with too short a history.
    """
    net = nw.col("net_lcy").clip(0.0)
    partners = (
        _valid_sales(invoices, as_of)
        .group_by("firm_id", "partner_id")
        .agg(nw.col("age_days").max().alias("first"), _within(recent_days, net).alias("recent"))
    )
    fresh = nw.when(nw.col("first") < recent_days).then(nw.col("recent")).otherwise(0.0)
    firms = (
        partners.with_columns(fresh=fresh)
        .group_by("firm_id")
        .agg(nw.col("first").max(), nw.col("recent").sum(), nw.col("fresh").sum())
    )
    known = nw.col("first") >= recent_days + history_days_min
    share = nw.when(known).then(_part(nw.col("fresh"), nw.col("recent")))
    return firms.select("firm_id", sudden_partner_share=share)


def round_amounts(invoices: Frame, *, as_of: date, step_lcy: float, invoices_n_min: int) -> Frame:
    """Share of the year's sale invoices whose gross amount is a whole multiple of a step.

    Args:
        invoices: Rows of the table `invoice`; the net amount stands in for an absent gross one.
        as_of: The last day that is seen.
        step_lcy: The step, such as 10,000.
        invoices_n_min: Fewer invoices of at least a step say nothing.

    Returns:
        One row per `firm_id` with valid sales: `round_amount_share`.
    """
    gross = nw.coalesce(nw.col("gross_lcy"), nw.col("net_lcy"))
    rows = _valid_sales(invoices, as_of).with_columns(gross=gross)
    large = (nw.col("gross") >= step_lcy) & (nw.col("age_days") < YEAR_DAYS)
    off = ((nw.col("gross") / step_lcy).round() * step_lcy - nw.col("gross")).abs()
    firms = (
        rows.with_columns(large=large, round=large & (off < FEN_HALF))
        .group_by("firm_id")
        .agg(
            nw.col("large").cast(nw.Int64).sum().cast(nw.Int64),
            nw.col("round").cast(nw.Int64).sum().cast(nw.Int64),
        )
    )
    share = nw.when(nw.col("large") >= invoices_n_min).then(ratio(nw.col("round"), nw.col("large")))
    return firms.select("firm_id", round_amount_share=share)


def late_sales(invoices: Frame, *, as_of: date, late_days: int, before_days: int) -> Frame:
    """Sales a day just before the application, over those of the days before.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: Day of the application.
        late_days: How many days count as just before.
        before_days: How many days before those they are compared with.

    Returns:
        One row per `firm_id` with valid sales: `late_sales_ratio`, 1 = as always; null if the
        record is shorter than both windows or nothing was sold in the earlier one.
    """
    net = nw.col("net_lcy")
    firms = (
        _valid_sales(invoices, as_of)
        .group_by("firm_id")
        .agg(
            nw.col("age_days").max().alias("first"),
            _within(late_days, net).alias("late"),
            _within(late_days + before_days, net).alias("both"),
        )
    )
    known = nw.col("first") >= late_days + before_days - 1
    daily = _part(nw.col("late"), nw.col("both") - nw.col("late")) * (before_days / late_days)
    return firms.select("firm_id", late_sales_ratio=nw.when(known).then(daily))


def same_day_trips(invoices: Frame, *, as_of: date, tolerance_share: float) -> Frame:
    """Share of the year's sales that came back as purchases from the same firm on the same day.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.
        tolerance_share: Two daily sums are alike if they differ by at most this part of the larger.

    Returns:
        One row per `firm_id` with valid sales: `same_day_trip_share`; null if the year's sales
        are not positive.
    """
    key = ("firm_id", "partner_id", "issued_on")
    valid = seen_invoices(invoices, as_of).filter(
        nw.col("status") == "valid", nw.col("age_days") < YEAR_DAYS
    )
    sale, net = nw.col("direction") == "sale", nw.col("net_lcy")
    days = valid.group_by(*key).agg(
        nw.when(sale).then(net).otherwise(0.0).sum().alias("sold"),
        nw.when(~sale).then(net).otherwise(0.0).sum().alias("bought"),
    )
    low = nw.min_horizontal("sold", "bought")
    high = nw.max_horizontal("sold", "bought")
    alike = (low > 0) & (low >= (1.0 - tolerance_share) * high)
    firms = (
        days.with_columns(back=nw.when(alike).then(nw.col("sold")).otherwise(0.0))
        .group_by("firm_id")
        .agg(nw.col("back").sum(), nw.col("sold").sum())
    )
    return firms.select("firm_id", same_day_trip_share=_part(nw.col("back"), nw.col("sold")))


def new_firm_sales(firms: Frame, invoices: Frame, *, as_of: date, new_days: int) -> Frame:
    """Sales of the last year made by a firm that is new.

    Args:
        firms: Rows of the table `firm`.
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.
        new_days: A firm is new if founded fewer days ago.

    Returns:
        One row per row of `firms`: `new_firm_sales_lcy`; 0 for a firm that is not new, null if
        the day of founding or all invoices are unknown, or currencies are mixed.
    """
    currency = nw.col("currency")
    sums = (
        _valid_sales(invoices, as_of)
        .group_by("firm_id")
        .agg(
            _within(YEAR_DAYS, nw.col("net_lcy")).alias("sold"),
            currency.min().alias("currency_low"),
            currency.max().alias("currency_high"),
        )
    )
    age = as_of.toordinal() - day_number(nw.col("founded_on"))
    sold = nw.when(nw.col("currency_low") == nw.col("currency_high")).then(nw.col("sold"))
    new = nw.when(age < new_days).then(sold).when(age >= new_days).then(nw.lit(0.0))
    joined = firms.select("firm_id", "founded_on").join(sums, on="firm_id", how="left")
    return joined.select("firm_id", new_firm_sales_lcy=new)
