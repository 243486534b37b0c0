"""`techflow pool backtest`: hazards by hand, no look ahead, a forecast that can be checked."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow
from techflow_service.solvency.backtesting import learn, read_guaranteed


def write(path, loans):
    """Raw rows: year approved, year charged off (None if never), amount, covered, lost."""
    pl.DataFrame(
        [
            {
                "ApprovalDate": f"6/30/{approved}",
                "ChgOffDate": f"1-Mar-{charged % 100:02d}" if charged else None,
                "MIS_Status": "CHGOFF" if charged else "P I F",
                "ChgOffPrinGr": str(lost),
                "GrAppv": str(amount),
                "SBA_Appv": str(covered),
                "Bank": "A",
            }
            for approved, charged, amount, covered, lost in loans
        ]
    ).write_csv(path)
    return path


def test_hazards_by_hand(tmp_path):
    """Ten loans of 2002: one is charged off in 2003, one in 2004, one in 2005 (not yet known)."""
    loans = [(2002, year, 100, 50, 40 if year else 0) for year in (2003, 2004, 2005)]
    loans += [(2002, None, 100, 50, 0)] * 7 + [(2004, None, 100, 50, 0)] * 5
    known = learn(read_guaranteed(write(tmp_path / "a.csv", loans)), until=2004)
    assert known.seen_n == [15, 10, 9]
    assert known.hazard == pytest.approx([0.0, 1 / 10, 1 / 9])
    assert (known.lgd, known.charged_n) == (0.4, 2)


def test_what_comes_later_changes_nothing_known(tmp_path):
    early = [(2002, 2003, 100, 50, 40)] + [(2002, None, 100, 50, 0)] * 9
    later = [*early, *[(2005, 2007, 100, 50, 100)] * 8]
    first, second = (
        learn(read_guaranteed(write(tmp_path / f"{n}.csv", loans)), until=2004)
        for n, loans in enumerate((early, later))
    )
    assert (first.hazard == second.hazard).all() and first.lgd == second.lgd


def test_a_world_that_stays_as_it_was_is_forecast(tmp_path):
    """Loans before and after follow one hazard, 4 % a year of age 1 and on; half is covered."""
    rng, loans = np.random.default_rng(5), []
    for approved in (1999, 2000, 2001, 2002, 2004, 2005):
        for _ in range(1_500):
            age = int(rng.geometric(0.04))
            charged = approved + age if age <= 8 else None
            loans.append((approved, charged, 100, 50, 60 if charged else 0))
    path = write(tmp_path / "b.csv", loans)
    args = ["pool", "backtest", "sba-7a", path, "--on", "2026-06-30", "--years", 4]
    more = ["--scenarios", 2_000, "--asset-correlation", 0.02, "--out", tmp_path, "--json"]
    done = CliRunner().invoke(techflow, [str(arg) for arg in args + more])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["total"]["inside"]
    assert told["total"]["forecast"]["value"] == pytest.approx(told["total"]["actual"], rel=0.15)
    # 85 % instead of 50 % of the same losses (loans below 150,000), but for whole cents.
    ratio = told["today"]["value"] / told["total"]["forecast"]["value"]
    assert ratio == pytest.approx(1.7, rel=5e-4)
    page = (tmp_path / "backtest.html").read_text("utf8")
    assert "回溯检验" in page and "There are no loans after 2006" in page


def test_loans_picked_by_their_end_are_not_fitted_on(tmp_path):
    loans = [(2002, 2003, 100, 50, 40)] + [(2002, None, 100, 50, 0)] * 9
    old = [(1980, 1989, 100, 50, 100)] * 20
    first, second = (
        learn(read_guaranteed(write(tmp_path / f"{n}.csv", rows)), until=2004)
        for n, rows in enumerate((loans, loans + old))
    )
    assert (first.hazard == second.hazard).all() and first.lgd == second.lgd


def test_wrong_input_is_told(tmp_path):
    quiet = write(tmp_path / "c.csv", [(2002, None, 100, 50, 0)])
    with pytest.raises(InvalidInput, match="nothing was charged off"):
        learn(read_guaranteed(quiet), until=2004)
    pl.DataFrame({"Bank": ["A"]}).write_csv(tmp_path / "d.csv")
    with pytest.raises(MissingColumn, match="ApprovalDate"):
        read_guaranteed(tmp_path / "d.csv")
