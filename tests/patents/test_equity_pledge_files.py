"""The command on a file: rows and order kept, a reason in both languages for each gap."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import MissingColumn
from techflow_service.cli import techflow
from techflow_service.valuing.equity import equity_rows, read_terms

HEAD = "id,pd,closed_on,post_money_cny,ownership_share,price_per_share_cny,shares_n"
HEAD += ",pledged_shares_n,sigma,preference_cny,own_shares\n"
ROWS = {
    "a,0.02,2026-01-01,1e8,0.1,,,,0.6,,false": None,
    "b,0.02,2026-01-01,,,10,1e7,1e6,0.6,,false": None,
    "c,0.02,2026-01-01,1e8,0.1,,,,0.6,,true": None,
    "d,0.02,2026-01-01,1e8,0.1,,,,0.6,,": None,
    "e,0.02,2026-01-01,,0.1,,,,,,": "no_round_value",
    "f,0.02,2026-01-01,1e8,1.5,,,,,,": "no_share_pledged",
    "g,0.02,,1e8,0.1,,,,,,": "no_round_day",
    "h,0.02,2026-07-01,1e8,0.1,,,,,,": "round_later",
    "i,0.02,2022-01-01,1e8,0.1,,,,,,": "round_too_old",
    "j,,2026-01-01,1e8,0.1,,,,,,": "no_default_probability",
    "k,0.02,2026-01-01,1e8,0.1,,,,much,,": "wrong_number",
    "l,0.02,2026-01-01,1e8,0.1,,,,-1,,": "wrong_number",
    "m,0.02,2026-01-01,1e8,0.1,,,,0.6,2e8,": "worth_nothing",
}


def run(folder, text):
    (folder / "in.csv").write_text(text, "utf8")
    words = ["credit", "equity-pledge", folder / "in.csv", "--out", folder / "out.parquet"]
    words += ["--as-of", "2026-06-30", "--json"]
    return CliRunner().invoke(techflow, list(map(str, words)), catch_exceptions=False)


def test_each_row_is_valued_or_says_why_not(tmp_path):
    told = json.loads(run(tmp_path, HEAD + "\n".join(ROWS)).output)
    assert (told["rows_n"], told["known_n"]) == (13, 4)
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found["id"].to_list() == [row[0] for row in ROWS]
    assert found["equity_reason_code"].to_list() == list(ROWS.values())
    assert set(read_terms()["reason"]) == set(ROWS.values()) - {None}
    for ending in ("", "_zh"):
        words = found[f"equity_reason{ending}"].is_not_null()
        assert words.to_list() == [code is not None for code in ROWS.values()]
    assert found["loan_max_cny"].is_null().to_list() == words.to_list()
    a, b, c, d = found["loan_to_value_share"][:4]
    # Price and number of shares say the same as post-money; the borrower's own shares are worth
    # less when it fails, and a share of unknown issuer counts as its own.
    assert a == b > c == d
    assert found["equity_value_cny"][0] < 1e7


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(MissingColumn, match=r"closed_on, post_money_cny \+ ownership_share or"):
        run(tmp_path, "pd\n0.1\n")


def test_the_table_of_the_page_is_what_the_command_says():
    page = (Path(__file__).parents[2] / "docs/pledge.md").read_text("utf8")
    rows = {"closed_on": date(2025, 9, 1), "pd": 0.03, "post_money_cny": 1e8}
    for sigma in (0.3, 0.6, 0.89):
        table = pl.DataFrame(
            [
                {**rows, "ownership_share": 0.1, "sigma": sigma, "own_shares": o}
                for o in (False, True)
            ]
        )
        other, own = equity_rows(table, at=date(2026, 6, 30))["loan_to_value_share"]
        (line,) = [line for line in page.splitlines() if line.startswith(f"| {sigma:.2f}")]
        assert line.endswith(f"| {other:.1%} | {own:.1%} |".replace("%", " %"))
