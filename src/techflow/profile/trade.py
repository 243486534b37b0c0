"""Features of a firm's sales and purchases over time, from its invoices by month."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio
from techflow.profile.rollup import (
    by_firm,
    count_where,
    growth,
    known,
    month_number,
    month_of,
    part_of,
    shape,
    sole,
    sum_where,
)
from techflow.schema import EVIDENCE
from techflow.schema.dealings import INVOICE_MONTH
from techflow.schema.profile import TRADE

YEAR, SPAN, SPAN_MIN = 12, 24, 3
ISSUED = ("sale_n", "credit_note_n", "void_n")
RESIDUE = 1e-9
"""A sum below this part of what was added up is rounding residue: invoices cancelled out."""
CV_MIN = 1e-6
"""Below this the closed form of the standard deviation cannot tell scatter from rounding."""


def invoice_months(invoices: Frame) -> Frame:
    """Invoices added up by firm and calendar month of issue.

    Valid invoices count with their sign, so `sales_lcy` is net of credit notes and can be
    negative. Void invoices count in `void_n` only, and only those on sales.

    Args:
        invoices: Rows of the table `invoice`, one per invoice.

    Returns:
        One row per `firm_id`, `month_on` (first day of the month) with the columns of the
        table `invoice_month` except the evidence columns: `currency`, `sales_lcy`,
        `purchases_lcy` (null in a month without a valid purchase invoice: the record does not
        tell "bought nothing" from "not supplied"), `credit_notes_lcy` (positive), `sale_n`
        (valid, amount not negative), `purchase_n`, `void_n`, `credit_note_n`. In a month with
        more than one currency, `currency` and the amounts are null: they have no sum.
    """
    net, sale = nw.col("net_lcy"), nw.col("direction") == "sale"
    valid = nw.col("status") == "valid"
    sold, bought, credited = valid & sale, valid & ~sale, valid & sale & (net < 0)
    rolled = (
        invoices.with_columns(month_on=nw.col("issued_on").dt.truncate("1mo"))
        .group_by("firm_id", "month_on")
        .agg(
            sole("currency").alias("currency"),
            sum_where(sold, net).alias("sales_lcy"),
            sum_where(bought, net).alias("purchases_lcy"),
            sum_where(credited, -net).alias("credit_notes_lcy"),
            count_where(sold & (net >= 0)).alias("sale_n"),
            count_where(bought).alias("purchase_n"),
            count_where(sale & ~valid).alias("void_n"),
            count_where(credited).alias("credit_note_n"),
        )
    )
    summed = ~nw.col("currency").is_null()
    finished = rolled.with_columns(
        sales_lcy=known(summed, nw.col("sales_lcy")),
        purchases_lcy=known(summed & (nw.col("purchase_n") > 0), nw.col("purchases_lcy")),
        credit_notes_lcy=known(summed, nw.col("credit_notes_lcy")),
    )
    return shape(finished, (item for item in INVOICE_MONTH.columns if item not in EVIDENCE))


def trade_features(months: Frame, *, as_of: date) -> Frame:
    """Level, growth, trend, volatility and gaps of a firm's invoiced sales.

    Windows are calendar months and end with the month of `as_of`; a month that is not over
    counts as it stands, so on the 3rd of a month the last one is nearly empty. The history
    runs from the first month with a valid invoice, sale or purchase, to the month of `as_of`.
    A month inside it without a row is a month with zero sales; the months before it are
    unknown and are left out. Later months are ignored.

    Args:
        months: Rows like those of the table `invoice_month`, one per `firm_id`, `month_on`.
            A null count or null purchases means not known.
        as_of: The last day that is seen.

    Returns:
        One row per `firm_id`:

        - `trade_currency`: the currency; null if months differ, and every amount is null then.
        - `history_months`: months of history, both ends included; null if all invoices are void.
        - `active_months_n`: months with a valid sale invoice other than a credit note (where
          the count is unknown: with positive sales).
        - `idle_months`: months since the last of these, 0 = the month of `as_of`; null if none.
        - `longest_gap_months`: longest run of months without sales between two active months,
          0 if there is none; null without active months. The time since the last sale is
          `idle_months` and does not count here.
        - `sales_12m_lcy`: sales of the last 12 months, or of the history if it is shorter.
        - `purchases_12m_lcy`: the same of purchases; null if no month of the history has any.
        - `sales_growth_ratio`: last 12 months / the 12 before - 1; null unless the history
          spans all 24 and the earlier year is positive.
        - `sales_trend_ratio`: least-squares slope per month of the monthly sales / their mean,
          over the last 24 months of history, zeros included.
        - `sales_volatility_ratio`: sample standard deviation (n - 1) / mean, same months.
          Both need at least 3 months and a positive mean.
        - `margin_ratio`: (sales - purchases) / sales, last 12 months; null without purchases
          on record or with sales not positive.
        - `void_share`: void / all sale invoices, whole history; null without any.
        - `credit_note_share`: credit notes / gross positive sales, whole history.
        - `sale_month_n`: valid sale invoices per month of history.

    Source:
        Ordinary least squares on t = 0..n-1 in closed form: the slope is
        (sum t*y - mean(t) * sum y) / (n (n^2 - 1) / 12).
    """
    rows = _visible_months(months, as_of)
    firms = rows.group_by("firm_id").agg(*_level_sums(), *_window_sums())
    firms = firms.join(_gaps(rows), on="firm_id", how="left")
    return by_firm(_finished(_with_levels(firms)), TRADE)


def _visible_months(months: Frame, as_of: date) -> Frame:
    """Months up to `as_of`, with their age and whether they hold invoices and sales."""
    sales, purchases = nw.col("sales_lcy"), nw.col("purchases_lcy")
    invoices_n = nw.sum_horizontal("sale_n", "purchase_n", "credit_note_n")
    stated = (sales != 0).fill_null(False) | (purchases != 0).fill_null(False)
    return (
        months.with_columns(age=month_number(as_of) - month_of(nw.col("month_on")))
        .filter(nw.col("age") >= 0)
        .with_columns(
            seen=(invoices_n > 0) | stated,
            active=nw.coalesce(nw.col("sale_n") > 0, sales > 0).fill_null(False),
            gross=sales + nw.col("credit_notes_lcy").fill_null(0.0),
        )
    )


def _level_sums() -> tuple[nw.Expr, ...]:
    """What the whole history adds up to."""
    age, active = nw.col("age"), nw.col("active")
    return (
        sole("currency").alias("trade_currency"),
        (known(nw.col("seen"), age).max() + 1).alias("history_months"),
        count_where(active).alias("active_months_n"),
        known(active, age).min().alias("idle_months"),
        nw.col("purchases_lcy").count().alias("purchase_rows_n"),
        nw.col("sale_n").sum().alias("sale_n"),
        nw.col("sale_n").count().alias("sale_rows_n"),
        nw.col("void_n").sum().alias("void_n"),
        nw.col("void_n").count().alias("void_rows_n"),
        nw.col("credit_note_n").sum().alias("credit_note_n"),
        nw.col("credit_notes_lcy").sum().alias("credit_notes_lcy"),
        nw.col("credit_notes_lcy").count().alias("credit_rows_n"),
        nw.col("gross").sum().alias("gross_lcy"),
    )


def _window_sums() -> tuple[nw.Expr, ...]:
    """What the windows add up to; `_gross` leaves credit notes out."""
    age, sales, gross = nw.col("age"), nw.col("sales_lcy"), nw.col("gross")
    year, before, span = age < YEAR, (age >= YEAR) & (age < 2 * YEAR), age < SPAN
    return (
        sum_where(year, sales).alias("year_sales"),
        sum_where(year, gross).alias("year_gross"),
        sum_where(year, nw.col("purchases_lcy")).alias("year_purchases"),
        sum_where(before, sales).alias("before_sales"),
        sum_where(before, gross).alias("before_gross"),
        sum_where(span, sales).alias("span_sales"),
        sum_where(span, gross).alias("span_gross"),
        sum_where(span, sales * sales).alias("span_squares"),
        sum_where(span, sales * age).alias("span_moment"),
    )


def _gaps(rows: Frame) -> Frame:
    """The longest step between active months, per firm with active months."""
    step = nw.col("age") - nw.col("age").shift(1).over("firm_id", order_by="age")
    return (
        rows.filter(nw.col("active"))
        .select("firm_id", "age")
        .with_columns(step=step)
        .group_by("firm_id")
        .agg(nw.col("step").max().fill_null(1).alias("step"))
    )


def _positive(name: str) -> nw.Expr:
    """The sales of a window where they are truly above zero, null elsewhere."""
    sales = nw.col(f"{name}_sales")
    return known(sales > RESIDUE * nw.col(f"{name}_gross"), sales)


def _slope() -> nw.Expr:
    """Least-squares slope of monthly sales per month; age runs against time."""
    n = nw.col("span_n").cast(nw.Float64)
    scatter = n * (n * n - 1.0) / 12.0
    return ratio((n - 1.0) / 2.0 * nw.col("span_sales") - nw.col("span_moment"), scatter)


def _with_levels(firms: Frame) -> Frame:
    """Adds what several features share; in steps, so that SQL does not repeat whole formulas."""
    span = nw.min_horizontal(nw.col("history_months"), nw.lit(SPAN))
    span_n, mean = nw.col("span_n").cast(nw.Float64), nw.col("mean")
    squares = nw.col("span_squares") - span_n * mean * mean
    deviation = ratio(squares, span_n - 1.0).clip(0.0).sqrt()
    summed = ~nw.col("trade_currency").is_null()
    return (
        firms.with_columns(span_n=span, summed=summed)
        .with_columns(
            mean=known(summed & (nw.col("span_n") >= SPAN_MIN), _positive("span")) / span_n,
            year=known(summed, _positive("year")),
            bought=known(summed & (nw.col("purchase_rows_n") > 0), nw.col("year_purchases")),
        )
        .with_columns(cv=ratio(deviation, mean))
    )


def _finished(firms: Frame) -> Frame:
    """The features, from the sums and levels."""
    history, summed, cv = nw.col("history_months"), nw.col("summed"), nw.col("cv")
    year, bought, issued = nw.col("year"), nw.col("bought"), nw.sum_horizontal(*ISSUED)
    credits = part_of(nw.col("credit_notes_lcy"), nw.col("gross_lcy"))
    grown = growth(nw.col("year_sales"), _positive("before"))
    return firms.with_columns(
        longest_gap_months=nw.col("step") - 1,
        sales_12m_lcy=known(summed & ~history.is_null(), nw.col("year_sales")),
        purchases_12m_lcy=bought,
        sales_growth_ratio=known(summed & (history >= 2 * YEAR), grown),
        sales_trend_ratio=ratio(_slope(), nw.col("mean")),
        sales_volatility_ratio=nw.when(cv < CV_MIN).then(0.0).otherwise(cv),
        margin_ratio=ratio(year - bought, year),
        void_share=known(nw.col("void_rows_n") > 0, part_of(nw.col("void_n"), issued)),
        credit_note_share=known(summed & (nw.col("credit_rows_n") > 0), credits),
        sale_month_n=known(nw.col("sale_rows_n") > 0, ratio(nw.col("sale_n"), history)),
    )
