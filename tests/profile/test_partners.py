"""Partner features against plain loops over the invoices."""

import random
from datetime import date

import pytest

from techflow.profile import partner_features

AS_OF = date(2020, 2, 29)


def invoice(partner, on, net, **more):
    row = {"firm_id": "a", "direction": "sale", "partner_id": partner, "issued_on": on}
    return row | {"currency": "CNY", "net_lcy": net, "status": "valid"} | more


@pytest.fixture
def features(table, by_firm):
    return lambda lines: by_firm(partner_features(table("invoice", lines), as_of=AS_OF))


def test_by_hand(features):
    # Customer p: 600 over Jan-Nov 2019 in three months; q: 400 in one month; r: -50 only.
    # Supplier s: 100, all of it, over two months.
    seen = features(
        [
            invoice("p", date(2019, 1, 31), 300.0),
            invoice("p", date(2019, 6, 1), 350.0),
            invoice("p", date(2019, 11, 1), -50.0),
            invoice("q", date(2020, 2, 1), 150.0),
            invoice("q", date(2020, 2, 29), 250.0),
            invoice("r", date(2020, 2, 1), -50.0),
            invoice("v", date(2020, 2, 1), 9e9, status="void"),
            invoice("p", date(2020, 1, 1), 9e9, status="void"),
            invoice("q", date(2020, 3, 1), 9e9),
            invoice("s", date(2019, 12, 31), 40.0, direction="purchase"),
            invoice("s", date(2020, 1, 1), 60.0, direction="purchase"),
        ]
    )
    assert seen["a"] == {
        "firm_id": "a",
        "customers_n": 2,
        "suppliers_n": 1,
        "customer_hhi_ratio": pytest.approx(0.36 + 0.16),
        "supplier_hhi_ratio": pytest.approx(1.0),
        "top_customer_share": pytest.approx(0.6),
        "top_supplier_share": pytest.approx(1.0),
        "customer_tenure_months": pytest.approx(0.6 * 10 + 0.4 * 0),
        "supplier_tenure_months": pytest.approx(1.0),
        "repeat_customer_share": pytest.approx(0.6),
    }


def test_no_purchases_on_record_is_not_zero_suppliers(features):
    seen = features([invoice("p", date(2020, 1, 1), 5.0)])["a"]
    suppliers = [name for name in seen if "supplier" in name]
    assert len(suppliers) == 4 and {seen[name] for name in suppliers} == {None}
    assert (seen["customers_n"], seen["repeat_customer_share"]) == (1, 0.0)


def test_no_sales_means_no_customers(features):
    seen = features([invoice("s", date(2020, 1, 1), 5.0, direction="purchase")])["a"]
    assert (seen["customers_n"], seen["suppliers_n"]) == (0, 1)
    assert seen["customer_hhi_ratio"] is seen["top_customer_share"] is None


def test_only_credit_notes_weigh_nothing(features):
    seen = features([invoice("p", date(2020, 1, 1), -5.0)])["a"]
    assert seen["customers_n"] == 0
    assert {seen[n] for n in ("customer_hhi_ratio", "customer_tenure_months")} == {None}


def test_mixed_currencies_are_counted_but_not_weighed(features):
    lines = [
        invoice("p", date(2020, 1, 1), 5.0),
        invoice("q", date(2020, 1, 1), 5.0, currency="USD"),
    ]
    seen = features(lines)["a"]
    assert seen["customers_n"] == 2
    assert seen["customer_hhi_ratio"] is seen["repeat_customer_share"] is None


def test_a_firm_with_void_invoices_only_has_no_row(features):
    assert features([invoice("p", date(2020, 1, 1), 5.0, status="void")]) == {}


def slow(lines):
    """The features of one firm by loops, from the words of the documentation."""
    out = {}
    for who, direction in (("customer", "sale"), ("supplier", "purchase")):
        partners = {}
        for row in lines:
            if row["status"] == "valid" and row["direction"] == direction:
                partners.setdefault(row["partner_id"], []).append(row)
        weight = {name: max(sum(r["net_lcy"] for r in rs), 0.0) for name, rs in partners.items()}
        whole = sum(weight.values())
        months = {
            name: {r["issued_on"].year * 12 + r["issued_on"].month for r in rs}
            for name, rs in partners.items()
        }
        positive = [n for n, rs in partners.items() if any(r["net_lcy"] > 0 for r in rs)]
        out[f"{who}s_n"] = len(positive) if partners or who == "customer" else None
        some = whole > 0
        share = {name: value / whole for name, value in weight.items()} if some else {}
        out[f"{who}_hhi_ratio"] = sum(s * s for s in share.values()) if some else None
        out[f"top_{who}_share"] = max(share.values()) if some else None
        out[f"{who}_tenure_months"] = (
            sum(s * (max(months[n]) - min(months[n])) for n, s in share.items()) if some else None
        )
        repeat = sum(s for n, s in share.items() if len(months[n]) >= 3) if some else None
        out[f"repeat_{who}_share"] = repeat
    del out["repeat_supplier_share"]
    return out


def random_invoices(draw, firm):
    for _ in range(draw.randint(1, 40)):
        yield invoice(
            f"p{draw.randint(1, 9)}",
            date(draw.randint(2018, 2019), draw.randint(1, 12), draw.randint(1, 28)),
            draw.uniform(-3e4, 1e5),
            firm_id=firm,
            direction=draw.choice(["sale", "purchase"]),
            status=draw.choice(["valid", "valid", "valid", "void"]),
        )


def test_generated_firms_agree_with_plain_loops(features):
    draw = random.Random(20200229)
    firms = {f"f{k}": list(random_invoices(draw, f"f{k}")) for k in range(200)}
    lines = [row for rows in firms.values() for row in rows]
    draw.shuffle(lines)
    seen = features(lines)
    for firm, rows in firms.items():
        if all(row["status"] == "void" for row in rows):
            assert firm not in seen
            continue
        for name, value in slow(rows).items():
            expected = pytest.approx(value, rel=1e-9) if value is not None else None
            assert seen[firm][name] == expected, (firm, name)
