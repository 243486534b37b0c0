"""`techflow capital` on made-up files: planted answers are found, wrong files say what."""

import json
import re
from datetime import date

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow


def run(*words):
    return CliRunner().invoke(
        techflow, ["capital", *map(str, words)], catch_exceptions=False, standalone_mode=False
    )


def speaks_both(page):
    """No Chinese in the English text, except names that are the reader's own."""
    english = " ".join(re.findall(r'data-l="en"[^>]*>([^<]*)<', page))
    assert not re.search("[一-鿿]", english), re.findall(".{0,20}[一-鿿]+", english)[:3]
    assert "What this page cannot know" in english and "本页无法知道的" in page
    assert "http" not in page


def test_returns_tell_what_tax_leaves(tmp_path):
    """A deduction at 20 % with 3 % at the end, by hand: (0.97 / 0.8)^(1/n) x 1.06 - 1."""
    told = json.loads(run("return", "--out", tmp_path, "--json").output)
    rows = pl.read_csv(tmp_path / "capital_return.csv")
    pension = rows.filter(pl.col("regime") == "personal_pension")
    years = pension["years"].to_numpy()
    assert pension["rate_pa"].to_numpy() == pytest.approx((0.97 / 0.8) ** (1 / years) * 1.06 - 1)
    edges = pl.read_csv(tmp_path / "capital_return_edges.csv")
    listed = edges.filter((pl.col("regime") == "listed_person") & (pl.col("edge_months") == 12))
    assert listed["at_rate_pa"][0] < listed["after_rate_pa"][0], "one year exactly is still taxed"
    company = edges.filter(pl.col("regime") == "resident_company")
    assert company["before_rate_pa"][0] < company["at_rate_pa"][0], "twelve months are enough"
    assert told["edges_n"] == edges.height
    cost = pl.read_csv(tmp_path / "capital_return_cost.csv").filter(pl.col("years") == 10)
    exempt = cost.filter(pl.col("regime") == "exempt_after_five").sort("induced_share")
    assert exempt["cost_of_one"][0] == pytest.approx(4 * exempt["cost_of_one"][2])
    speaks_both((tmp_path / "capital_return.html").read_text("utf8"))


def test_own_content_moves_the_answer_and_a_wrong_one_is_named(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    regime = {"zh": '"甲"', "en": '"A"', "paid_in": 0.0, "paid_out": 0.5, "sale_rate": 0.0}
    bands = "dividend = [{ from = 0, rate = 0.0 }]\ngain = [{ from = 0, rate = 0.0 }]\n"
    text = "[assumed]\ngrowth_pa = 0.0\ndividend_pa = 0.0\ndiscount_pa = 0.0\nincome_rate = 0.5\n"
    text += "pension_rate = 0.0\nyears = [1, 2]\ninduced_shares = [1.0]\n[regime.a]\n"
    text += "".join(f"{name} = {value}\n" for name, value in regime.items()) + bands
    text += 'reference = "x / y"\nmark = "proposal"\n'
    (own / "tax.toml").write_text(text, "utf8")
    run("return", "--out", tmp_path, "--model", own)
    assert pl.read_csv(tmp_path / "capital_return.csv")["rate_pa"].to_list() == [0.0, 0.0]
    (own / "tax.toml").write_text(text.replace("from = 0", "over = 3"), "utf8")
    with pytest.raises(InvalidInput, match=r"regime a of tax\.toml: bands begin at 0"):
        run("return", "--out", tmp_path, "--model", own)
    (own / "tax.toml").write_text(text.replace('mark = "proposal"', 'mark = "sure"'), "utf8")
    with pytest.raises(InvalidInput, match=r"regime a of tax\.toml: status is text"):
        run("return", "--out", tmp_path, "--model", own)
    (own / "tax.toml").write_text(text.replace("growth_pa = 0.0", 'growth_pa = "x"'), "utf8")
    with pytest.raises(InvalidInput, match="growth_pa must be a number; got 'x'"):
        run("return", "--out", tmp_path, "--model", own)
    (own / "tax.toml").write_text("[assumed", "utf8")
    with pytest.raises(InvalidInput, match="no TOML"):
        run("return", "--out", tmp_path, "--model", own)
    with pytest.raises(InvalidInput, match="must be a folder"):
        run("return", "--out", tmp_path, "--model", tmp_path / "absent")


@pytest.fixture(scope="module")
def returns(tmp_path_factory):
    rng = np.random.default_rng(1)
    made = rng.normal(size=(60, 3)) * np.array([0.01, 0.2, 0.3]) + np.array([0.02, 0.07, 0.1])
    path = tmp_path_factory.mktemp("returns") / "returns.csv"
    names = ["cash", "csi300_stock", "star_stock"]
    frame = pl.DataFrame(np.clip(made, -0.9, None), schema=names)
    frame.with_columns(year=pl.arange(1960, 2020)).write_csv(path)
    return path


@pytest.mark.parametrize(("solvency", "ceiling"), [("149.9%", 0.2), ("150%", 0.3)])
def test_an_insurer_stays_under_the_ceiling_of_its_band(returns, tmp_path, solvency, ceiling):
    words = ("--holder", "insurer", "--solvency", solvency, "--on", "2026-06-30", "--draws", 5)
    run("allocate", returns, "--out", tmp_path, *words)
    rows = pl.read_csv(tmp_path / "allocation.csv")
    assert set(rows["method"]) == {"equal", "variance", "shortfall", "parity"}
    for _, own in rows.group_by("method"):
        assert own["weight_share"].sum() == pytest.approx(1.0)
        equity = own.filter(pl.col("asset") != "cash")["weight_share"].sum()
        assert equity <= ceiling + 1e-6
    equal = rows.filter((pl.col("method") == "equal") & (pl.col("asset") != "cash"))
    assert equal["weight_share"].sum() == pytest.approx(ceiling), "equal weights press on it"
    speaks_both((tmp_path / "allocation.html").read_text("utf8"))


def test_a_longer_holding_frees_capital(returns, tmp_path):
    """CSI 300 0.30 to 0.27 over 36 months, STAR 0.40 to 0.36 over 24: at a limit of 9 %."""
    held = {}
    for months in (24, 25, 37):
        words = ("--holder", "insurer", "--solvency", "400%", "--capital", 0.09, "--draws", 2)
        run("allocate", returns, "--out", tmp_path, *words, "--held-months", months)
        rows = pl.read_csv(tmp_path / "allocation.csv").filter(pl.col("method") == "equal")
        held[months] = dict(rows.select("asset", "weight_share").iter_rows())
        factors = (0.30 if months < 37 else 0.27, 0.40 if months < 25 else 0.36)
        used = factors[0] * held[months]["csi300_stock"] + factors[1] * held[months]["star_stock"]
        assert used == pytest.approx(0.09, abs=1e-6)
    assert held[24]["cash"] > held[25]["cash"] > held[37]["cash"]


def test_wrong_allocations_say_what(returns, tmp_path):
    out = ("--out", tmp_path)
    with pytest.raises(InvalidInput, match=r"--solvency, such as 210%"):
        run("allocate", returns, *out, "--holder", "insurer")
    with pytest.raises(InvalidInput, match="ratio such as 210%; got 'abc'"):
        run("allocate", returns, *out, "--holder", "insurer", "--solvency", "abc")
    with pytest.raises(InvalidInput, match="enterprise_annuity"):
        run("allocate", returns, *out, "--holder", "bank")
    with pytest.raises(InvalidInput, match="capital rules"):
        run("allocate", returns, *out, "--capital", "0.1")
    with pytest.raises(InvalidInput, match=r"mean >= 0\.5"):
        run("allocate", returns, *out, "--mean", "0.5")
    (tmp_path / "x.csv").write_text("cash,gold\n" + "0.1,0.1\n" * 12)
    with pytest.raises(InvalidInput, match="got gold"):
        run("allocate", tmp_path / "x.csv", *out)
    (tmp_path / "y.csv").write_text("cash,star_stock\n" + "0.1,0.1\n" * 11 + "0.1,7%\n")
    with pytest.raises(InvalidInput, match=r"row 12, column star_stock.*'7%'"):
        run("allocate", tmp_path / "y.csv", *out)


@pytest.fixture(scope="module")
def funds(tmp_path_factory):
    """Manager A makes 1.8 times the index with each fund, B as the index, C has two funds."""
    folder, rng, rows = tmp_path_factory.mktemp("funds"), np.random.default_rng(9), []
    days = [date(2010 + k, 12, 31) for k in range(12)]
    level = np.exp(np.cumsum(rng.normal(0.05, 0.15, 12)))
    for manager, (times, count) in {"A": (1.8, 8), "B": (1.0, 8), "C": (1.5, 2)}.items():
        for k in range(count):
            start, made = k % 4, times * rng.lognormal(-0.02, 0.2)
            fund = f"{manager}{k}"
            worth = 100.0 * made * level[start + 7] / level[start]
            rows.append((manager, fund, 2010 + start, days[start], 100.0, 0.0, None))
            rows.append((manager, fund, 2010 + start, days[start + 7], 0.0, worth, None))
            rows.append((manager, fund, 2010 + start, days[-1], 0.0, 0.0, 0.0))
    names = ["manager", "fund", "vintage", "day", "call_cny", "distribution_cny", "nav_cny"]
    pl.DataFrame(rows, schema=names, orient="row").write_csv(folder / "flows.csv")
    pl.DataFrame({"day": days, "level": level}).write_csv(folder / "index.csv")
    return folder


def test_managers_are_told_apart_only_where_they_can_be(funds, tmp_path):
    run("managers", funds / "flows.csv", "--index", funds / "index.csv", "--out", tmp_path)
    rows = {row["manager"]: row for row in pl.read_csv(tmp_path / "managers.csv").rows(named=True)}
    assert rows["A"]["verdict"] == "above_index" and rows["A"]["pme"] == pytest.approx(1.8, rel=0.2)
    assert rows["B"]["verdict"] == "not_told_apart"
    assert rows["B"]["pme_low"] < 1.0 < rows["B"]["pme_high"]
    assert rows["C"]["verdict"] == "too_few_funds" and rows["C"]["pme_low"] is None
    made = pl.read_csv(tmp_path / "manager_funds.csv")
    assert (
        made["quartile"].is_between(1, 4).any() and made["dpi"].to_list() == made["tvpi"].to_list()
    )
    speaks_both((tmp_path / "managers.html").read_text("utf8"))


def test_wrong_cash_flows_say_what(funds, tmp_path):
    index = ("--index", funds / "index.csv", "--out", tmp_path)
    rows = pl.read_csv(funds / "flows.csv")
    rows.drop("vintage").write_csv(tmp_path / "a.csv")
    with pytest.raises(MissingColumn, match="vintage"):
        run("managers", tmp_path / "a.csv", *index)
    rows.with_columns(nav_cny=pl.lit(5.0)).write_csv(tmp_path / "b.csv")
    with pytest.raises(InvalidInput, match="valued on the last day"):
        run("managers", tmp_path / "b.csv", *index)
    rows.with_columns(day=pl.lit("yesterday")).write_csv(tmp_path / "c.csv")
    with pytest.raises(InvalidInput, match=r"row 1, column day.*'yesterday'"):
        run("managers", tmp_path / "c.csv", *index)
    rows.with_columns(call_cny=-pl.col("call_cny")).write_csv(tmp_path / "d.csv")
    with pytest.raises(InvalidInput, match="0 or more"):
        run("managers", tmp_path / "d.csv", *index)
    late = pl.read_csv(funds / "index.csv").tail(3)
    late.write_csv(tmp_path / "late.csv")
    with pytest.raises(InvalidInput, match="index must begin by 2010-12-31"):
        run("managers", funds / "flows.csv", "--index", tmp_path / "late.csv", "--out", tmp_path)


def test_suitability_in_plain_words(tmp_path):
    (tmp_path / "h.csv").write_text(
        "holder_id,risk_class,horizon_months,loss_bearable_share,wealth_cny,cash_need_cny,amount_cny\n"
        "a,3,120,0.10,1000000,300000,100000\nb,5,60,,1000000,300000,100000\n"
    )
    (tmp_path / "p.csv").write_text(
        "product_id,risk_level,lock_months,loss_tail_share\nx,4,60,0.5\ny,3,60,0.3\n"
    )
    words = ("--products", tmp_path / "p.csv", "--out", tmp_path, "--json")
    told = json.loads(run("suitability", tmp_path / "h.csv", *words).output)
    assert (told["yes"], told["no"], told["unknown"]) == (1, 1, 2)
    rows = pl.read_csv(tmp_path / "suitability.csv").rows(named=True)
    assert rows[0]["why"] == "product level 4, your class 3"
    assert "30,000 yuan can be lost" in rows[1]["why"]
    assert rows[2]["why"] == "please tell: bearable loss as a share of wealth"
    page = (tmp_path / "suitability.html").read_text("utf8")
    speaks_both(page)
    assert "no return is promised" in page and "不作承诺" in page
    (tmp_path / "bad.csv").write_text((tmp_path / "h.csv").read_text().replace("120", "ten years"))
    with pytest.raises(InvalidInput, match=r"row 1, column horizon_months.*'ten years'"):
        run("suitability", tmp_path / "bad.csv", *words)
