"""Trade features against NumPy on a dense calendar, and the edges by hand."""

import random
from datetime import date

import numpy as np
import pytest

from techflow.profile import invoice_months, trade_features

AS_OF = date(2020, 2, 29)
LAST = 2020 * 12 + 1  # months since year 0, counted from 0, of AS_OF


def first_day(number):
    return date(number // 12, number % 12 + 1, 1)


def month(ago, sales, **more):
    """A monthly row, `ago` months before AS_OF, with one sale invoice if it has sales."""
    counts = {"sale_n": int(sales > 0), "purchase_n": 0, "void_n": 0, "credit_note_n": 0}
    row = {"firm_id": "a", "month_on": first_day(LAST - ago), "currency": "CNY"}
    return row | counts | {"sales_lcy": sales, "credit_notes_lcy": 0.0} | more


def invoice(on, net, **more):
    row = {"firm_id": "a", "direction": "sale", "issued_on": on, "partner_id": "p"}
    return row | {"currency": "CNY", "net_lcy": net, "status": "valid"} | more


@pytest.fixture
def features(table, by_firm):
    return lambda months: by_firm(trade_features(table("invoice_month", months), as_of=AS_OF))["a"]


def test_invoices_add_up_by_month(table, rows):
    lines = [
        invoice(date(2020, 1, 1), 100.0),
        invoice(date(2020, 1, 31), -30.0),
        invoice(date(2020, 1, 15), 999.0, status="void"),
        invoice(date(2020, 1, 15), 0.0),
        invoice(date(2020, 1, 15), 40.0, direction="purchase"),
        invoice(date(2020, 1, 15), -5.0, direction="purchase"),
        invoice(date(2020, 1, 15), 7.0, direction="purchase", status="void"),
        invoice(date(2020, 2, 1), 8.0),
        invoice(date(2020, 2, 2), 9.0, currency="USD"),
        invoice(date(2020, 3, 1), 1.0, status="void"),
    ]
    january, february, march = sorted(
        rows(invoice_months(table("invoice", lines))), key=lambda row: row["month_on"]
    )
    assert january == {
        "firm_id": "a",
        "month_on": date(2020, 1, 1),
        "currency": "CNY",
        "sales_lcy": 70.0,
        "purchases_lcy": 35.0,
        "credit_notes_lcy": 30.0,
        "sale_n": 2,
        "purchase_n": 2,
        "void_n": 1,
        "credit_note_n": 1,
    }
    mixed = {"currency": None, "sales_lcy": None, "purchases_lcy": None, "credit_notes_lcy": None}
    assert february.items() >= (mixed | {"sale_n": 2}).items()
    assert march.items() >= {"sales_lcy": 0.0, "purchases_lcy": None, "void_n": 1}.items()


def test_one_month(features):
    seen = features([month(0, 500.0)])
    assert seen == {
        "firm_id": "a",
        "trade_currency": "CNY",
        "history_months": 1,
        "active_months_n": 1,
        "idle_months": 0,
        "longest_gap_months": 0,
        "sales_12m_lcy": 500.0,
        "purchases_12m_lcy": None,
        "sales_growth_ratio": None,
        "sales_trend_ratio": None,
        "sales_volatility_ratio": None,
        "margin_ratio": None,
        "void_share": 0.0,
        "credit_note_share": 0.0,
        "sale_month_n": 1.0,
    }


def test_idle_time_is_not_a_gap(features):
    # Sales 20, 17, 16 and 10 months ago: runs of 2, 0 and 5 months without, then 10 idle.
    seen = features([month(ago, 100.0) for ago in (20, 17, 16, 10)])
    assert (seen["history_months"], seen["active_months_n"]) == (21, 4)
    assert (seen["longest_gap_months"], seen["idle_months"]) == (5, 10)


def test_history_starts_with_the_first_valid_invoice_of_either_side(features):
    void_only = month(30, 0.0, void_n=2)
    bought = month(8, 0.0, purchases_lcy=10.0, purchase_n=1)
    seen = features([void_only, bought, month(4, 60.0)])
    assert seen["history_months"] == 9
    assert seen["void_share"] == pytest.approx(2 / 3)
    assert seen["purchases_12m_lcy"] == 10.0
    assert seen["margin_ratio"] == pytest.approx(50 / 60)
    # Nine months known: y = 0 but 60 at t = 4 (of 0..8, age 4 is the middle): no slope.
    assert seen["sales_trend_ratio"] == pytest.approx(0.0, abs=1e-12)
    expected = np.std([0, 0, 0, 0, 60, 0, 0, 0, 0], ddof=1) / np.mean([60 / 9])
    assert seen["sales_volatility_ratio"] == pytest.approx(expected, rel=1e-12)


def test_all_void(features):
    seen = features([month(3, 0.0, void_n=4), month(1, 0.0, void_n=1)])
    assert seen["void_share"] == 1.0
    assert (seen["active_months_n"], seen["trade_currency"]) == (0, "CNY")
    rest = set(seen) - {"firm_id", "trade_currency", "active_months_n", "void_share"}
    assert {seen[name] for name in rest} == {None}


def test_purchases_only(features):
    seen = features([month(5, 0.0, purchases_lcy=80.0, purchase_n=3)])
    assert (seen["sales_12m_lcy"], seen["purchases_12m_lcy"]) == (0.0, 80.0)
    assert (seen["active_months_n"], seen["idle_months"]) == (0, None)
    assert (seen["margin_ratio"], seen["void_share"], seen["sales_trend_ratio"]) == (None,) * 3
    assert seen["sale_month_n"] == 0.0


def test_credit_notes_beyond_sales(features):
    returned = month(0, -50.0, sale_n=1, credit_note_n=1, credit_notes_lcy=90.0)
    seen = features([month(2, 40.0), returned])
    assert seen["active_months_n"] == 2  # the last month did sell: 40 gross
    assert seen["sales_12m_lcy"] == -10.0
    assert seen["credit_note_share"] == pytest.approx(90 / 80)
    # A negative level has no meaningful trend, scatter or margin.
    assert seen["sales_trend_ratio"] is seen["sales_volatility_ratio"] is None


def test_sales_that_cancel_out_leave_no_level(features):
    # 0.1 + 0.2 - 0.3 is 5.6e-17 in float64: a residue, not a turnover.
    residue = 0.1 + 0.2 - 0.3
    cancelled = month(1, residue, sale_n=2, credit_note_n=1, credit_notes_lcy=0.3)
    seen = features([month(3, 0.0, purchases_lcy=1.0, purchase_n=1), cancelled])
    assert seen["sales_volatility_ratio"] is seen["margin_ratio"] is None


def test_growth_needs_both_years(features):
    full = [month(ago, 10.0 if ago >= 12 else 15.0) for ago in range(24)]
    assert features(full)["sales_growth_ratio"] == pytest.approx(0.5)
    assert features(full[:-1])["sales_growth_ratio"] is None
    # First invoice 24 months ago, a purchase; nothing sold in the earlier year.
    started = [month(23, 0.0, purchases_lcy=1.0, purchase_n=1), month(1, 5.0)]
    assert features(started)["sales_growth_ratio"] is None


def test_steady_sales_have_no_scatter(table, by_firm):
    """Sums of squares leave up to 1e-8 of scatter here; it must read as none."""
    levels = [1234567.89 / k for k in range(1, 40)]
    months = [
        month(ago, level, firm_id=f"{level}-{n}")
        for level in levels
        for n in (3, 7, 24)
        for ago in range(n)
    ]
    seen = by_firm(trade_features(table("invoice_month", months), as_of=AS_OF)).values()
    assert {row["sales_volatility_ratio"] for row in seen} == {0.0}
    assert [row["sales_trend_ratio"] for row in seen] == pytest.approx([0.0] * 117, abs=1e-12)


def test_later_months_are_not_seen(features):
    assert features([month(0, 5.0), month(-1, 99.0)]) == features([month(0, 5.0)])


def test_mixed_currencies_have_no_sum(features):
    seen = features([month(0, 5.0), month(1, 5.0), month(2, 5.0, currency="USD")])
    amounts = [name for name in seen if name.endswith(("_lcy", "sales_trend_ratio"))]
    assert {seen[name] for name in ("trade_currency", *amounts)} == {None}
    assert (seen["active_months_n"], seen["sale_month_n"]) == (3, 1.0)


def test_counts_not_known(features):
    unknown = dict.fromkeys(("sale_n", "purchase_n", "void_n", "credit_note_n"))
    months = [month(ago, 10.0 + ago, **unknown, credit_notes_lcy=None) for ago in (0, 1, 3)]
    seen = features(months)
    assert (seen["history_months"], seen["active_months_n"]) == (4, 3)
    assert seen["longest_gap_months"] == 1
    assert seen["sales_12m_lcy"] == 34.0
    assert {seen[name] for name in ("void_share", "credit_note_share", "sale_month_n")} == {None}


def dense(months):
    """The same features on a calendar with every month written out, with NumPy."""
    level, valid, active = {}, [], []
    for row in months:
        ago = LAST - (row["month_on"].year * 12 + row["month_on"].month - 1)
        level[ago] = row
        if row["sale_n"] or row["purchase_n"] or row["credit_note_n"]:
            valid.append(ago)
        if row["sale_n"]:
            active.append(ago)
    history = max(valid) + 1

    def total(name, window):
        return sum(level[ago][name] or 0.0 for ago in window if ago in level)

    window = [ago for ago in range(23, -1, -1) if ago < history]
    sales = np.array([total("sales_lcy", [ago]) for ago in window])
    year, before = total("sales_lcy", range(12)), total("sales_lcy", range(12, 24))
    bought = any(row["purchases_lcy"] is not None for row in months)
    purchases = total("purchases_lcy", range(12)) if bought else None
    gap = run = 0
    for ago in range(max(active, default=0), min(active, default=0), -1):
        run = 0 if ago in active else run + 1
        gap = max(gap, run)
    some = len(window) >= 3 and sales.mean() > 0
    counted = {name: total(name, level) for name in ("sale_n", "void_n", "credit_note_n")}
    gross = total("sales_lcy", level) + total("credit_notes_lcy", level)
    return {
        "history_months": history,
        "active_months_n": len(active),
        "idle_months": min(active, default=None),
        "longest_gap_months": gap if active else None,
        "sales_12m_lcy": year,
        "purchases_12m_lcy": purchases,
        "sales_growth_ratio": year / before - 1 if history >= 24 and before > 0 else None,
        "sales_trend_ratio": np.polyfit(range(len(sales)), sales, 1)[0] / sales.mean()
        if some
        else None,
        "sales_volatility_ratio": np.std(sales, ddof=1) / sales.mean() if some else None,
        "margin_ratio": (year - purchases) / year if bought and year > 0 else None,
        "void_share": counted["void_n"] / sum(counted.values()) if any(counted.values()) else None,
        "credit_note_share": total("credit_notes_lcy", level) / gross if gross > 0 else None,
        "sale_month_n": counted["sale_n"] / history,
    }


def random_months(draw, firm):
    """A firm with gaps, credit notes, voids, and perhaps no purchases."""
    buys, oldest = draw.random() < 0.7, draw.randint(0, 45)
    for ago in sorted(draw.sample(range(oldest + 1), k=draw.randint(1, oldest + 1))):
        sale_n, credit_n = draw.choice([0, 1, 5]), draw.choice([0, 0, 1])
        credit = draw.uniform(1, 9e4) * credit_n
        gross = draw.uniform(1, 1e5) * sale_n
        purchase_n = draw.choice([0, 2]) if buys else 0
        yield month(
            ago,
            gross - credit,
            firm_id=firm,
            sale_n=sale_n,
            credit_note_n=credit_n,
            credit_notes_lcy=credit,
            purchase_n=purchase_n,
            purchases_lcy=draw.uniform(1, 1e5) if purchase_n else None,
            void_n=draw.choice([0, 0, 2]),
        )


def test_generated_firms_agree_with_numpy_on_a_dense_calendar(table, by_firm):
    draw = random.Random(20200229)
    firms = {f"f{k}": list(random_months(draw, f"f{k}")) for k in range(300)}
    months = [row for rows in firms.values() for row in rows]
    draw.shuffle(months)
    seen = by_firm(trade_features(table("invoice_month", months), as_of=AS_OF))
    assert set(seen) == set(firms)
    for firm, rows in firms.items():
        if not any(row["sale_n"] or row["purchase_n"] or row["credit_note_n"] for row in rows):
            assert seen[firm]["history_months"] is None
            continue
        for name, value in dense(rows).items():
            expected = pytest.approx(value, rel=1e-9, abs=1e-9) if value is not None else None
            assert seen[firm][name] == expected, (firm, name)
