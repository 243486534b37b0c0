"""`techflow statistics warn` over small folders in the form of `techflow assess`."""

import json
import re

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cli import techflow
from techflow_service.models import read_model

TEXTS = {"firm_id", "sector", "region_code", "currency", "need_basis", "funding_currency",
         "statement_currency", "trade_currency", "loan_currency"}  # fmt: skip
ASSESSED = ("firm_id", "sector", "region_code", "pd", "currency", "need_lcy", "need_basis",
            "debt_outstanding_lcy", "limit_lcy")  # fmt: skip


def firm(number, sector="芯片 / Chips", **more):
    """Need 100, own funds 20, debt 30, limit 10: 40 is unmet."""
    region = ("440300", "310000")[number % 2]
    return {
        "firm_id": f"f{number:03}", "sector": sector, "region_code": region,
        "pd": 0.1 if number % 4 == 0 else 0.01, "currency": "CNY", "need_lcy": 100.0,
        "need_basis": "turnover", "debt_outstanding_lcy": 30.0, "limit_lcy": 10.0,
        "funding_currency": "CNY", "statement_currency": "CNY", "trade_currency": "CNY",
        "loan_currency": "CNY", "own_funds_lcy": 20.0, "raised_36m_lcy": 5.0, "revenue_lcy": 50.0,
        "return_on_assets_ratio": -0.1 if number % 2 else 0.1, "loans_n": 1, "defaults_n": 0,
    } | more  # fmt: skip


def write(folder, firms, as_of="2026-06-30"):
    folder.mkdir()
    schema = {
        name: pl.String if name in TEXTS else pl.Int64 if name.endswith("_n") else pl.Float64
        for name in firm(0)
    }
    rows = pl.DataFrame(firms, schema=schema)
    rows.select(ASSESSED).write_parquet(folder / "assessment.parquet")
    profile = [name for name in schema if name not in ASSESSED[1:]]
    rows.select(profile).write_parquet(folder / "profile.parquet")
    (folder / "run.json").write_text(json.dumps({"as_of": as_of}), "utf8")
    return folder


def run(*words):
    return CliRunner().invoke(
        techflow, ["statistics", "warn", *map(str, words)], catch_exceptions=False,
        standalone_mode=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    chips = [firm(k) for k in range(12)]
    ships = [firm(k, "船舶 / Ships", debt_outstanding_lcy=9e9) for k in range(20, 23)]
    korea = [
        firm(30, currency="KRW", funding_currency="KRW", statement_currency="KRW",
             trade_currency="KRW", loan_currency="KRW", debt_outstanding_lcy=1e12)
    ]  # fmt: skip
    mixed = [firm(31, funding_currency="USD", raised_36m_lcy=1e12)]
    unknown = [firm(32, need_lcy=None, need_basis=None, limit_lcy=None)]
    return write(tmp_path / "now", chips + ships + korea + mixed + unknown)


def test_figures_currencies_and_withheld(folder, tmp_path):
    """Amounts of other currencies are in no figure; the field of three firms is in none either."""
    told = json.loads(run(folder, "--out", tmp_path / "out", "--json").stdout)
    figures = {(row["field"], row["signal"]): row for row in told["figures"]}
    assert {field for field, _ in figures} == {"芯片 / Chips", None}
    unmet = figures["芯片 / Chips", "need_unmet_share"]
    assert unmet["value"] == pytest.approx(0.4) and unmet["firms_n"] == 13
    assert unmet["status"] == "watch"  # all alike: no width, no warning
    assert figures["芯片 / Chips", "raised_revenue_ratio"]["value"] == pytest.approx(0.1)
    assert figures["芯片 / Chips", "debt_hhi"]["value"] == pytest.approx(1 / 14)
    assert figures["芯片 / Chips", "weak_share"]["value"] == pytest.approx(4 / 14)
    assert (told["other_currency_n"], told["need_unknown_n"]) == (1, 1)
    assert (told["fields_n"], told["fields_withheld_n"], told["figures_withheld_n"]) == (2, 1, 0)
    assert pl.read_csv(tmp_path / "out" / "warning.csv").height == len(figures)


def test_page_and_summary_in_both_languages(folder, tmp_path):
    then = [firm(k, raised_36m_lcy=1.0) for k in range(12)]
    then += [firm(31, funding_currency="USD"), firm(32, need_lcy=None, limit_lcy=None)]
    before = write(tmp_path / "was", then, "2025-06-30")
    out = tmp_path / "out"
    said = {
        tongue: run(folder, "--before", before, "--out", out, "--lang", tongue).stdout
        for tongue in ("zh", "en")
    }
    assert "关注 芯片" in said["zh"] and "watch Chips" in said["en"]
    assert not re.search("[\u4e00-\u9fff]", said["en"].rsplit("\n", 2)[0])
    page = (out / "warning.html").read_text("utf8")
    assert "船舶" in page and page.count("<svg") > 5 and "建议值" in page
    english = re.sub(r'data-l="zh"[^>]*>[^<]*<|[^<>]*中 / EN', "", page)
    assert not re.search("[\u4e00-\u9fff]", english.split("<body>")[1].split("<script>")[0])


def test_every_signal_has_its_reason_and_formula():
    for one in read_model("warning.toml")["signal"].values():
        texts = [
            one[f"{word}{tongue}"]
            for word in ("", "formula_", "reason_")
            for tongue in ("zh", "en")
        ]
        assert all(texts) and one["unit"] in ("share", "ratio")


def test_wrong_inputs(folder, tmp_path):
    out = ("--out", tmp_path / "out")
    with pytest.raises(InvalidInput, match=r"holds no run\.json"):
        run(tmp_path, *out)
    with pytest.raises(InvalidInput, match="no amounts in EUR; it has CNY, KRW, USD"):
        run(folder, *out, "--currency", "EUR")
    with pytest.raises(InvalidInput, match="must be an earlier assessment than 2026-06-30"):
        run(folder, *out, "--before", folder)
    (folder / "profile.parquet").unlink()
    with pytest.raises(InvalidInput, match=r"holds no profile\.parquet"):
        run(folder, *out)
    own = tmp_path / "own.toml"
    own.write_text("id = 'x'\n", "utf8")
    with pytest.raises(InvalidInput, match="needs rules, signal"):
        run(folder, *out, "--model", own)
