"""What must hold whatever the records say."""

from datetime import date

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile.conftest import TYPES, typed

from techflow.profile import (
    credential_features,
    funding_features,
    invoice_months,
    loan_features,
    partner_features,
    patent_features,
    staff_features,
    statement_features,
    statement_ratios,
    trade_features,
)
from techflow.schema import TABLES
from techflow.schema import profile as dictionary

AS_OF = date(2020, 2, 29)
ROLLUPS = (
    (lambda rows, as_of: trade_features(rows, as_of=as_of), "invoice_month", "TRADE"),
    (lambda rows, as_of: partner_features(rows, as_of=as_of), "invoice", "PARTNERS"),
    (lambda rows, as_of: statement_features(rows, as_of=as_of), "statement", "STATEMENTS"),
    (lambda rows, as_of: patent_features(rows, as_of=as_of), "patent", "PATENTS"),
    (lambda rows, as_of: staff_features(rows, as_of=as_of), "staff", "STAFF"),
    (lambda rows, as_of: credential_features(rows, as_of=as_of), "credential", "CREDENTIALS"),
    (lambda rows, as_of: funding_features(rows, as_of=as_of), "funding_round", "FUNDING"),
    (lambda rows, as_of: loan_features(rows, as_of=as_of), "loan", "LOANS"),
)


@pytest.mark.parametrize(("rolled", "name", "group"), ROLLUPS, ids=[item[2] for item in ROLLUPS])
def test_columns_and_types_are_those_of_the_dictionary(table, rolled, name, group):
    columns = getattr(dictionary, group)
    empty = rolled(table(name, []), AS_OF).collect(backend="polars").to_native()
    expected = {"firm_id": pl.String} | {item.name: TYPES[item.kind] for item in columns}
    assert dict(empty.schema) == expected and empty.height == 0


def test_statement_ratios_of_no_statements(table, rows):
    assert rows(statement_ratios(table("statement", []))) == []


@pytest.mark.parametrize(("rolled", "name", "group"), ROLLUPS, ids=[item[2] for item in ROLLUPS])
def test_compiles_to_spark_sql(rolled, name, group):
    session = pytest.importorskip("sqlframe.standalone").StandaloneSession()
    kinds = {"text": "string", "int": "bigint", "float": "double", "bool": "boolean"}
    columns = {item.name: kinds.get(item.kind, item.kind) for item in TABLES[name].columns}
    session.catalog.add_table(name, columns)
    out = rolled(nw.from_native(session.table(name)), AS_OF).to_native()
    assert out.columns == ["firm_id", *(item.name for item in getattr(dictionary, group))]
    assert out.sql(dialect="spark", optimize=False).count("SELECT") > 1


def features(invoices):
    """All invoice features of all firms, by firm."""
    lazy = nw.from_native(invoices.lazy())
    trade = trade_features(invoice_months(lazy), as_of=AS_OF)
    joined = trade.join(partner_features(lazy, as_of=AS_OF), on="firm_id", how="left")
    return {row["firm_id"]: row for row in joined.to_native().collect().rows(named=True)}


def agree(seen, expected):
    """Equal, but for the order in which floats were added."""
    assert set(seen) == set(expected)
    for firm, row in expected.items():
        for name, value in row.items():
            near = pytest.approx(value, rel=1e-9, abs=1e-9) if type(value) is float else value
            assert seen[firm][name] == near, (firm, name)


def invoice(firm, direction, partner, months_ago, day, fen, status):
    number = AS_OF.year * 12 + AS_OF.month - 1 - months_ago
    return {
        "firm_id": firm,
        "direction": direction,
        "partner_id": partner,
        "issued_on": date(number // 12, number % 12 + 1, day),
        "currency": "CNY",
        "net_lcy": fen / 100.0,
        "status": status,
    }


INVOICES = st.lists(
    st.builds(
        invoice,
        firm=st.sampled_from("abcdefgh"),
        direction=st.sampled_from(["sale", "sale", "purchase"]),
        partner=st.sampled_from("pqrs"),
        months_ago=st.integers(-1, 30),
        day=st.integers(1, 28),
        fen=st.integers(-(10**6), 10**8),
        status=st.sampled_from(["valid", "valid", "valid", "void"]),
    ),
    min_size=1,
    max_size=80,
).map(lambda rows: typed("invoice", rows))
quick = settings(max_examples=15, deadline=None)


@quick
@given(INVOICES, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_means_nothing(invoices, seed):
    agree(features(invoices.sample(fraction=1.0, shuffle=True, seed=seed)), features(invoices))


@quick
@given(INVOICES)
def test_firms_do_not_touch_each_other(invoices):
    parts = (invoices.filter(pl.col("firm_id") == "a"), invoices.filter(pl.col("firm_id") != "a"))
    agree(features(parts[0]) | features(parts[1]), features(invoices))


@quick
@given(INVOICES, st.floats(1e-3, 1e6))
def test_the_unit_of_money_means_nothing(invoices, factor):
    scaled = features(invoices.with_columns(pl.col("net_lcy") * factor))
    expected = features(invoices)
    for row in expected.values():
        for name in ("sales_12m_lcy", "purchases_12m_lcy"):
            row[name] = row[name] and pytest.approx(row[name] * factor, rel=1e-9)
    agree(scaled, expected)


@quick
@given(INVOICES, INVOICES)
def test_void_invoices_move_the_void_share_only(invoices, more):
    void = more.with_columns(status=pl.lit("void"))
    before, after = features(invoices), features(pl.concat([invoices, void]))
    for firm, row in before.items():
        assert after[firm] | {"void_share": None} == row | {"void_share": None}
        if row["void_share"] is not None:
            assert after[firm]["void_share"] >= row["void_share"]


@quick
@given(INVOICES)
def test_ranges_of_the_dictionary_hold(invoices):
    for row in features(invoices).values():
        for column in (*dictionary.TRADE, *dictionary.PARTNERS):
            value = row[column.name]
            if value is not None and column.low is not None:
                assert value >= column.low, column.name
            if value is not None and column.high is not None:
                assert value <= column.high + 1e-12, column.name


@quick
@given(INVOICES)
def test_later_invoices_are_not_seen(invoices):
    """A month after `as_of` adds nothing."""
    known = invoices.filter(pl.col("issued_on") <= AS_OF)
    agree(features(known), features(invoices))
