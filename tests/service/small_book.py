"""A book of five firms, one for each thing an assessment can say, with numbers to work by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from techflow.schema import TABLES
from techflow_service.assessing import Job, load_content
from techflow_service.store import Store
from techflow_service.store.snapshot import polars_schema

AS_OF = date(2020, 6, 30)
LOADED = datetime(2021, 1, 1, tzinfo=UTC)
KOREAN, TRADER, LENT, EXPERT, UNKNOWN = (
    "kr.stock:000001",
    "cumcm:E1",
    "cumcm:E2",
    "cumcm:E3",
    "cumcm:E4",
)


def at(*day):
    return datetime(*day, tzinfo=UTC)


def rows(table, *records, source="s1"):
    """A frame of a table from dicts; what is left out is null."""
    schema = polars_schema(TABLES[table])
    schema.pop("loaded_at")
    full = [
        {"source_id": source, "source_row_n": i, **record} for i, record in enumerate(records, 1)
    ]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in full], schema=schema)


def months(firm_id, n, sales, purchases=None):
    """Monthly totals up to June 2020."""
    for back in range(n):
        year, month = divmod(2020 * 12 + 5 - back, 12)
        yield {
            "firm_id": firm_id,
            "month_on": date(year, month + 1, 1),
            "currency": "CNY",
            "sales_lcy": sales,
            "purchases_lcy": purchases,
            "credit_notes_lcy": 0.0,
            "sale_n": 5,
            "purchase_n": 2,
            "void_n": 0,
            "credit_note_n": 0,
            "known_at": at(year, month + 1, 28),
        }


def statement(firm_id, currency="CNY", **changed):
    """Accounts of 2019: 90 net days, own funds 1m, no debt."""
    plain = {
        "firm_id": firm_id,
        "period_end_on": date(2019, 12, 31),
        "basis": "separate",
        "months_n": 12,
        "currency": currency,
        "revenue_lcy": 7.2e6,
        "cost_lcy": 3.6e6,
        "operating_income_lcy": 0.72e6,
        "pretax_income_lcy": 0.7e6,
        "net_income_lcy": 0.6e6,
        "total_assets_lcy": 10e6,
        "current_assets_lcy": 3e6,
        "current_liabilities_lcy": 2e6,
        "noncurrent_liabilities_lcy": 1e6,
        "total_liabilities_lcy": 3e6,
        "total_equity_lcy": 7e6,
        "capital_stock_lcy": 5e6,
        "retained_earnings_lcy": 1e6,
        "debt_lcy": 0.0,
        "inventory_lcy": 0.9e6,
        "receivables_lcy": 1.2e6,
        "payables_lcy": 0.6e6,
        "known_at": at(2020, 4, 1),
    }
    return plain | changed


def loan(loan_id, firm_id, **changed):
    """A loan of 100,000, drawn and repaid before the day."""
    plain = {
        "loan_id": loan_id,
        "firm_id": firm_id,
        "currency": "CNY",
        "principal_lcy": 1e5,
        "outstanding_lcy": 0.0,
        "drawn_on": date(2018, 1, 1),
        "due_on": date(2019, 1, 1),
        "known_at": at(2018, 1, 1),
    }
    return plain | changed


def firm(firm_id, country="CN", **more):
    return {"firm_id": firm_id, "country": country, "known_at": at(2018, 1, 1)} | more


def fill(transaction):
    """The whole book."""
    transaction.add(
        "firm",
        rows(
            "firm",
            firm(KOREAN, "KR", name="=HYPERLINK(1)", listed=True),
            firm(TRADER, name="贸易"),
            firm(LENT),
            firm(EXPERT),
            firm(UNKNOWN, known_at=at(2020, 6, 30)),
        ),
    )
    transaction.add("statement", rows("statement", statement(KOREAN, "KRW"), statement(LENT)))
    traded = [*months(TRADER, 24, 1e6, 6e5), *months(LENT, 24, 5e5, 3e5)]
    transaction.add("invoice_month", rows("invoice_month", *traded))
    patents = [
        {
            "patent_id": f"CN20191000000{i}.X",
            "firm_id": EXPERT,
            "patent_kind": "invention",
            "filed_on": date(2019, 6, 30),
            "cpc": "H01L21/02",
            "known_at": at(2020, 1, 1),
        }
        for i in range(5)
    ]
    transaction.add("patent", rows("patent", *patents))
    head = {"counted_on": date(2019, 12, 31), "employees_n": 10, "rnd_staff_n": 5}
    transaction.add("staff", rows("staff", head | {"firm_id": EXPERT, "known_at": at(2020, 1, 1)}))
    transaction.add(
        "loan",
        rows(
            "loan",
            loan("L1", EXPERT),
            loan("L2", LENT),
            loan("L3", TRADER, outstanding_lcy=2e5, drawn_on=date(2020, 1, 1)),
        ),
    )
    held = {"firm_id": EXPERT, "since": date(2019, 1, 1), "known_at": at(2020, 1, 1)}
    kinds = [held | {"credential": name} for name in ("hnte", "tech_sme", "innovative_sme")]
    transaction.add("credential", rows("credential", *kinds))


def make_book(path: Path) -> Store:
    store = Store.open(path, create=True)
    with store.transaction(LOADED) as transaction:
        fill(transaction)
    return store


def job_on(store: Store, out: Path, as_of=AS_OF, loaded_by=None) -> Job:
    """One loan of an expert's firm is enough here for a default probability."""
    content = load_content()
    content = replace(content, expert=replace(content.expert, outcomes_n_min=1))
    return Job(store.snapshot(), as_of, loaded_by, content, out)


def read_firms(out: Path) -> dict:
    frame = pl.read_parquet(out / "assessment.parquet")
    return {row["firm_id"]: row for row in frame.to_dicts()}
