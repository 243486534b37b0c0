"""`techflow market exit`: a small book by hand, refused rows, wrong input."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow

HEAD = "position_id,invested_on,left_on,route,invested_cny,proceeds_cny"
# Twenty holdings of 2016-01-01: eight listed after a year with twice the money, four written off
# after two years, eight sold after three at cost. By hand: 40 %, 20 %, 40 %; multiple 0.8 + 0.4.
BOOK = [
    *(f"a{n},2016-01-01,2016-12-31,listing,100,200" for n in range(8)),
    *(f"b{n},2016-01-01,2018-01-01,write_off,100,0" for n in range(4)),
    *(f"c{n},2016-01-01,2018-12-31,secondary,100,100" for n in range(8)),
]


def run(folder, lines, *more):
    path = folder / "book.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", "utf8")
    out = folder / "out"
    arguments = ["market", "exit", str(path), "--out", str(out), "--as-of", "2026-01-01", *more]
    result = CliRunner().invoke(techflow, [*arguments, "--json"], catch_exceptions=False)
    return json.loads(result.output), out


def test_a_book_by_hand(tmp_path):
    told, out = run(tmp_path, [*BOOK, "d,2025-01-01,,,50,"], "--years", "5")
    routes = {row["route"]: row for row in told["routes"]}
    assert told["basis"] == "history"
    # The one still open was seen for one year only, so all twenty stand against the first eight.
    assert routes["listing"]["share"] == pytest.approx(8 / 21, abs=1e-9)
    assert routes["listing"]["multiple"] == 2.0
    assert routes["merger"]["ends_n"] == 0
    later = 1 - 8 / 21
    assert routes["secondary"]["share"] == pytest.approx(later * 8 / 12, abs=1e-9)
    assert told["expected_multiple"] == pytest.approx(2 * 8 / 21 + later * 8 / 12, abs=1e-9)
    page = (out / "exit.html").read_text("utf8")
    assert "本页不能知道什么" in page
    assert "What this page cannot know" in page
    open_row = pl.read_csv(out / "open.csv").row(0, named=True)
    assert open_row["secondary_share"] == pytest.approx(8 / 12, abs=1e-9)
    assert open_row["expected_cny"] == pytest.approx(50 * 8 / 12, abs=1e-6)


def test_a_short_history_is_a_proposal_and_says_so(tmp_path):
    told, out = run(tmp_path, BOOK[:3])
    assert (told["basis"], told["mark"]) == ("proposal", "proposal")
    assert "为提案，不是观察结果" in (out / "exit.html").read_text("utf8")
    assert {row["basis"] for row in told["routes"]} == {"proposal"}


def test_what_left_later_is_still_open(tmp_path):
    told, out = run(tmp_path, [*BOOK, "e,2020-01-01,2026-06-01,merger,10,99"])
    assert told["open_n"] == 1
    assert pl.read_csv(out / "open.csv")["position_id"].to_list() == ["e"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x,2020-01-01,2021-01-01,,100,", "left_on and route must both be given, or neither"),
        ("x,2020-01-01,2021-01-01,ipo,100,", "route must be one of"),
        ("x,2020-13-01,,,100,", "invested_on cannot be read"),
        ("x,2020-01-01,2019-01-01,merger,100,", "left_on must be after invested_on"),
        ("x,2020-01-01,,,-5,", "invested_cny must be above 0"),
        ("x,2020-01-01,,,much,", "invested_cny is no number"),
        ("x,2027-01-01,,,5,", "not yet held on that day"),
        ("a1,2020-01-01,,,5,", "position_id is there twice"),
    ],
)
def test_a_bad_row_is_kept_aside_with_its_reason(tmp_path, line, reason):
    told, out = run(tmp_path, [*BOOK, line])
    refused = pl.read_csv(out / "refused.csv")
    assert told["positions_n"] + told["refused_n"] == len(BOOK) + 1
    assert reason in refused["reason_en"][-1]


def test_wrong_input_is_said(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("position_id\n1\n", "utf8")
    arguments = ["market", "exit", str(path), "--out", str(tmp_path), "--as-of", "2026-01-01"]
    with pytest.raises(MissingColumn, match="invested_on, left_on, route, invested_cny not there"):
        CliRunner().invoke(techflow, arguments, catch_exceptions=False)
    path.write_text(f"{HEAD}\nx,nonsense,,,5,\n", "utf8")
    with pytest.raises(InvalidInput, match="no holding can be used: invested_on cannot be read"):
        CliRunner().invoke(techflow, arguments, catch_exceptions=False)
    own = tmp_path / "own.toml"
    own.write_text("id = 'x'\n", "utf8")
    with pytest.raises(InvalidInput, match="not in the form of exit_routes"):
        CliRunner().invoke(techflow, [*arguments, "--model", str(own)], catch_exceptions=False)
    with pytest.raises(InvalidInput, match="--years must be above 0"):
        CliRunner().invoke(techflow, [*arguments, "--years", "-1"], catch_exceptions=False)
