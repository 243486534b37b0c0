"""Scoring files as they come: one row out per row in, same order, whatever is in the cells."""

import gzip
import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cards import load_card, load_scale
from techflow_service.cli import techflow
from techflow_service.scoring import IDENTITY, VERDICT, read_rows, score_rows, write_rows

ITEMS = {
    "capital_stock": 5e9,
    "current_assets": 4e10,
    "current_liabilities": 2e10,
    "net_income": 3e9,
    "noncurrent_assets": 6e10,
    "noncurrent_liabilities": 1e10,
    "operating_income": 4e9,
    "pretax_income": 3.5e9,
    "retained_earnings": 3e10,
    "revenue": 9e10,
    "total_assets": 1e11,
    "total_equity": 7e10,
    "total_liabilities": 3e10,
}
CARD, SCALE = load_card("korea-distress"), load_scale()


def account(**more):
    row = {"corp_code": "00100258", "stock_code": "030270", "corp_name": "에스마크", "year": 2020}
    return row | {"basis": "separate", "currency": "KRW"} | ITEMS | more


SICK = {"net_income": -5e10, "operating_income": -2e10, "retained_earnings": -9e10}
ROWS = [
    account(stock_code="000010"),
    account(stock_code="000020", **SICK, total_equity=1e9, total_liabilities=9.9e10),
    account(stock_code="000030", basis="consolidated"),
    account(stock_code="000040", currency="USD"),
    account(stock_code="000050", **dict.fromkeys(ITEMS)),
    account(stock_code="000060", **dict.fromkeys(ITEMS, 0.0)),
    account(stock_code="000070", total_assets=1.0),
    account(stock_code="000080", total_assets=-1e9),
    account(stock_code="000010", year=2021, net_income=None),
    account(stock_code="000010"),
    account(stock_code=None, year=None),
]


def frame(rows=ROWS):
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def test_one_row_out_for_each_row_in_with_pd_or_reason():
    out = score_rows(frame(), CARD, SCALE)
    assert out["stock_code"].to_list() == [row["stock_code"] for row in ROWS]
    assert out.columns == [name for name in IDENTITY if name in frame().columns] + list(VERDICT)
    assert (out["pd"].is_null() == out["reason"].is_not_null()).all()
    assert (out["pd"].is_null() == out["grade"].is_null()).all()
    assert out["reason_code"].to_list() == [
        *(None, None, "basis", "currency", "no_accounts", "no_accounts", None, "no_accounts"),
        *(None, None, None),
    ]
    well, sick = out["pd"][:2]
    assert well < 0.002 < 0.02 < sick
    assert out["pd"][9] == well


def test_order_extra_and_missing_columns_and_neighbours_change_no_score():
    whole = score_rows(frame(), CARD, SCALE)
    order = [7, 3, 0, 10, 5, 1, 9, 2, 8, 4, 6]
    shuffled = score_rows(frame([ROWS[i] for i in order]), CARD, SCALE)
    assert shuffled["pd"].to_list() == [whole["pd"][i] for i in order]
    extra = frame().with_columns(delisted=pl.lit(""), label=pl.lit(None))
    assert score_rows(extra, CARD, SCALE)["pd"].equals(whole["pd"])
    alone = pl.concat([score_rows(frame([row]), CARD, SCALE).select("pd") for row in ROWS])
    assert alone["pd"].equals(whole["pd"])
    bare = frame().drop("corp_code", "corp_name", "capital_stock", "noncurrent_assets")
    assert score_rows(bare, CARD, SCALE)["pd"].equals(whole["pd"])


def test_a_later_year_of_the_same_firm_changes_no_earlier_score():
    """The card uses one statement; what comes after cannot reach back."""
    before = score_rows(frame(ROWS[:1]), CARD, SCALE)["pd"][0]
    later = account(stock_code="000010", year=2022, **SICK)
    assert score_rows(frame([ROWS[0], later]), CARD, SCALE)["pd"][0] == before


@pytest.mark.parametrize("absent", ["basis", "currency", "total_assets", "net_income"])
def test_without_a_column_rows_are_kept_and_reasons_given(absent):
    out = score_rows(frame().drop(absent), CARD, SCALE)
    assert out.height == len(ROWS)
    assert (out["pd"].is_null() == out["reason"].is_not_null()).all()


@pytest.mark.parametrize("cell", ["", " ", "n/a", "1,234", "NaN", "inf", "-1e400", "감사"])
def test_odd_cells_are_unknown_not_errors(cell, tmp_path):
    path = tmp_path / "odd.csv"
    texts = frame().cast(pl.String).with_columns(net_income=pl.lit(cell), year=pl.lit(cell))
    texts.write_csv(path)
    out = score_rows(read_rows(path), CARD, SCALE)
    assert out.height == len(ROWS)
    assert (out["pd"].is_null() == out["reason"].is_not_null()).all()


def test_csv_gzip_and_parquet_score_alike(tmp_path):
    plain, packed, parquet = (tmp_path / f"a{end}" for end in (".csv", ".csv.gz", ".parquet"))
    frame().write_csv(plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    frame().write_parquet(parquet)
    first, *others = [score_rows(read_rows(path), CARD, SCALE) for path in (plain, packed, parquet)]
    for other in others:
        assert other.select(VERDICT).equals(first.select(VERDICT))
        assert other["stock_code"].equals(first["stock_code"])


def test_a_profile_can_be_scored_by_any_card():
    sme = load_card("cn-sme-default")
    typical = {f.name: [f.typical, None] for f in sme.features}
    rows = pl.DataFrame(
        {"firm_id": ["a", "b"], "country": ["CN", "CN"], "trade_currency": ["CNY", "CNY"]} | typical
    ).with_columns(history_months=pl.lit(30))
    out = score_rows(rows, sme, SCALE, explain=True)
    assert out["pd"][0] is not None and out["reason_code"][1] == "no_sales_12m_lcy"
    assert "reason_1_zh" in out.columns


def test_a_file_of_something_else_is_refused_in_one_message(tmp_path):
    with pytest.raises(InvalidInput, match="neither the accounts"):
        score_rows(pl.DataFrame({"x": [1]}), CARD, SCALE)
    empty, other = tmp_path / "e.csv", tmp_path / "x.docx"
    empty.write_text("")
    other.write_text("x")
    for path, text in (
        (empty, "is empty"),
        (other, "expected a file"),
        (tmp_path / "no.csv", "exist"),
    ):
        with pytest.raises(InvalidInput, match=text):
            read_rows(path)
    with pytest.raises(InvalidInput, match="parquet or"):
        write_rows(frame(), tmp_path / "out.doc")


def test_a_header_without_rows_gives_a_result_without_rows(tmp_path):
    path = tmp_path / "head.csv"
    frame().head(0).write_csv(path)
    assert score_rows(read_rows(path), CARD, SCALE).height == 0


def test_command_writes_the_result_and_says_what_was_refused(tmp_path):
    source, out = tmp_path / "in.parquet", tmp_path / "deep" / "out.parquet"
    frame().write_parquet(source)
    argv = ["credit", "score", "korea-distress", str(source), "--out", str(out)]
    told = CliRunner().invoke(techflow, argv, catch_exceptions=False)
    assert told.exit_code == 0 and "11 rows, 6 scored" in told.output
    assert "not scored: accounts are not separate 1" in told.output
    counts = json.loads(CliRunner().invoke(techflow, [*argv, "--json", "--explain"]).output)
    assert counts["scored_n"] == pl.read_parquet(out)["pd"].count() == 6
    assert pl.read_parquet(out)["reason_1_en"][1].endswith("this raises the risk")


def test_cards_command_shows_both_cards_with_intervals_and_limits():
    told = CliRunner().invoke(techflow, ["credit", "cards"]).output
    assert "cn-sme-default (classifies, does not predict" in told
    assert "korea-distress (predicts" in told and "limits" in told and " [0." in told
    listed = json.loads(CliRunner().invoke(techflow, ["credit", "cards", "--json"]).output)
    assert {"cn-sme-default", "korea-distress"} <= {card["id"] for card in listed}
