"""`techflow patents value` with cost and market: rows kept, reasons in two languages, by hand."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cli import techflow

BASE = ["patent_id", "kind", "filed_on", "revenue_cny", "royalty_rate"]
HEAD = [
    *BASE,
    "rnd_cost_cny",
    "rnd_2020_cny",
    "filing_cost_cny",
    "attribution_share",
    "market_value_cny",
    "market_sigma",
    "market_comparables_n",
]
ROWS = {
    "income": "invention,2020-01-01,1000000,0.05,,,,,,,",
    "all": "invention,2020-01-01,1000000,0.05,,100000,20000,,180000,0.5,5",
    "cost": "invention,2020-01-01,,0.05,500000,,,0.5,,,",
    "market": "invention,2020-01-01,,,,,,,300000,,2",
    "ended": "invention,2000-01-01,1000000,0.05,300000,,,,300000,,2",
    "none": "poem,2020-01-01,1000000,0.05,300000,,,,,,",
    "share": "invention,2020-01-01,,,300000,,,7,,,",
    "filing": "invention,2020-01-01,,,300000,,-1,,,,",
    "unfiled": "invention,,,,300000,,,,,,",
    "late": "invention,2027-01-01,,,300000,,,,,,",
}


def run(folder, text, *more, index="year,price_index\n2020,100\n2026,110\n"):
    (folder / "in.csv").write_text(text)
    (folder / "index.csv").write_text(index)
    words = ["value", "in.csv", "--out", "out.parquet", "--as-of", "2026-01-01", "--json"]
    words[1], words[3] = str(folder / words[1]), str(folder / words[3])
    done = CliRunner().invoke(techflow, ["patents", *words, *more], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output), pl.read_parquet(folder / "out.parquet")


def whole(folder, rows=ROWS):
    lines = [",".join(HEAD), *(f"{name},{row}" for name, row in rows.items())]
    return run(folder, "\n".join(lines), "--price-index", str(folder / "index.csv"))


def test_each_row_has_a_value_or_a_reason(tmp_path):
    counts, found = whole(tmp_path)
    assert found["patent_id"].to_list() == list(ROWS)
    assert counts["rows_n"] == 10 and counts["known_n"] == 5
    code = dict(found.select("patent_id", "reconciled_reason_code").iter_rows())
    missing = dict.fromkeys(("none", "share", "filing", "unfiled", "late"), "no_method")
    assert {k: v for k, v in code.items() if v} == {"ended": "legal_end", **missing}
    assert found["cost_reason_code"].to_list() == [
        "no_rnd_cost",
        None,
        None,
        "no_rnd_cost",
        "legal_end",
        "unknown_kind",
        "wrong_attribution",
        "wrong_filing_cost",
        "no_filing_date",
        "filed_later",
    ]
    for topic in ("cost", "reconciled"):
        told = found[f"{topic}_reason_code"].is_not_null().to_list()
        assert found[f"{topic}_reason"].is_not_null().to_list() == told
        chinese = found[f"{topic}_reason_zh"]
        assert chinese.is_not_null().to_list() == told
        assert chinese.drop_nulls().str.contains("[一-鿿]").all()
    assert found["weights_reason"].is_not_null().all()
    assert found["weights_reason_zh"].str.contains("收益法.*市场法.*成本法").all()
    assert set(found["reconciled_mark"]) == {"proposal"}


def test_weights_sum_to_one_where_something_is_known(tmp_path):
    _, found = whole(tmp_path)
    names = [f"{name}_weight_share" for name in ("income", "market", "cost")]
    total = found.select(pl.sum_horizontal(names)).to_series()
    known = found["methods_n"] > 0
    assert total.to_list() == pytest.approx([float(x) for x in known])
    by_id = {row["patent_id"]: row for row in found.rows(named=True)}
    assert [by_id["cost"][name] for name in names] == [0, 0, 1]
    assert [by_id["market"][name] for name in names] == [0, 1, 0]
    assert by_id["market"]["market_weight_code"] == "few_comparables"
    assert by_id["market"]["reconciled_median_cny"] == pytest.approx(3e5)
    assert by_id["all"]["methods_n"] == 3 and by_id["all"]["cost_basis"] == "rnd_and_filing"
    assert by_id["all"]["cost_weight_share"] <= 0.25
    assert by_id["ended"]["reconciled_high_cny"] == 0
    for name in ("low", "median", "high"):
        same = by_id["income"][f"value_{name}_cny"]
        assert by_id["income"][f"reconciled_{name}_cny"] == pytest.approx(same)
        together = [by_id["all"][f"{m}_{name}_cny"] for m in ("value", "cost")]
        assert min(together) < by_id["all"][f"reconciled_{name}_cny"]


def test_cost_is_indexed_and_shared_as_said(tmp_path):
    # 100,000 of 2020 at index 100 are 110,000 of 2026: the same as that sum in prices of today.
    rows = {
        "past": "invention,2020-01-01,,,,100000,,,,,",
        "now": "invention,2020-01-01,,,110000,,,,,,",
        "half": "invention,2020-01-01,,,220000,,,0.5,,,",
    }
    _, found = whole(tmp_path, rows)
    for name in ("cost_low_cny", "cost_median_cny", "cost_high_cny"):
        assert found[name].to_list() == pytest.approx([found[name][0]] * 3, rel=1e-12)


def test_a_past_year_without_index_has_no_cost(tmp_path):
    text = f"{','.join(BASE)},rnd_2020_cny\nx,invention,2020-01-01,,,5\n"
    _, found = run(tmp_path, text)
    assert found["cost_reason_code"].to_list() == ["no_price_index"]


def test_income_columns_may_be_absent_beside_another_method(tmp_path):
    _, found = run(tmp_path, "patent_id,kind,filed_on,market_value_cny\nx,design,2020-01-01,5\n")
    assert found["reconciled_median_cny"].to_list() == pytest.approx([5.0])
    assert found["value_reason_code"].to_list() == ["no_revenue"]


def test_income_alone_keeps_the_columns_it_had(tmp_path):
    counts, found = run(tmp_path, f"{','.join(BASE)}\nx,invention,2020-01-01,1000000,0.05\n")
    assert found.columns == [
        *BASE,
        "term_ends_on",
        "legal_life_left_years",
        "value_reason_code",
        "value_low_cny",
        "value_median_cny",
        "value_high_cny",
        "value_mean_cny",
        "value_reason",
        "value_reason_zh",
    ]
    assert counts["known_n"] == 1


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("year\n2020\n", "price_index"),
        ("year,price_index\n2020,1\n2020,2\n2026,1\n", "one number for each year"),
        ("year,price_index\n2020,1\n", "lacks 2026"),
        ("year,price_index\n2020,0\n2026,1\n", "above 0"),
    ],
)
def test_a_wrong_index_is_named(tmp_path, index, words):
    text = f"{','.join(BASE)},rnd_2020_cny\nx,invention,2020-01-01,,,5\n"
    with pytest.raises(InvalidInput, match=words):
        run(tmp_path, text, "--price-index", str(tmp_path / "index.csv"), index=index)
