"""`techflow loan crmw | warrant | premium`: one row out per row in, figures by closed form."""

import json
from datetime import date
from math import exp, expm1, log, log1p, sqrt
from statistics import NormalDist

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow.pricing.hazard import Curve
from techflow.pricing.premium import Loadings
from techflow_service.cli import techflow
from techflow_service.loan_tools import (
    find_valuer,
    insure_rows,
    protect_rows,
    read_curve,
    warrant_rows,
)
from techflow_service.policies import load_laws

N = NormalDist().cdf


def run(tmp_path, command, text, *options, ending=".parquet"):
    file, out = tmp_path / "rows.csv", tmp_path / f"out{ending}"
    file.write_text(text, "utf8")
    words = ["loan", command, str(file), "--out", str(out), *options, "--json"]
    done = CliRunner().invoke(techflow, words)
    assert done.exit_code == 0, done.output
    plain = CliRunner().invoke(techflow, words[:-1])
    assert plain.exit_code == 0 and f"wrote {out}" in plain.output
    return json.loads(done.stdout), pl.read_parquet(out) if ending == ".parquet" else out


def test_crmw_end_to_end(tmp_path):
    """Flat hazard h, rate r: protection lgd h / (h + r) (1 - e^-(h + r)T)."""
    text = "code,maturity_years,lgd,pd,notional_cny\n"
    text += "007,3,0.6,0.02,1000000\n008,3,0.6,,1000000\n009,soon,0.6,0.02,1000000\n"
    text += "010,1,0.4,0.5,2000000\n"
    told, found = run(tmp_path, "crmw", text, "--rate-pa", "0.02")
    assert found["code"].to_list() == ["007", "008", "009", "010"]
    assert found["reason_code"].to_list() == [None, "pd_unknown", "maturity_years_unknown", None]
    assert "违约概率" in found["reason_zh"][1] and "maturity" in found["reason_en"][2]

    def protection(lgd, pd, years):
        h = -log1p(-pd)
        return lgd * h / (h + 0.02) * -expm1(-(h + 0.02) * years)

    expected = [1e6 * protection(0.6, 0.02, 3), None, None, 2e6 * protection(0.4, 0.5, 1)]
    assert found["upfront_cny"].to_list() == [x and pytest.approx(x) for x in expected]
    assert found["protection_cny"].to_list() == found["upfront_cny"].to_list()
    assert told["rows_n"] == 4 and told["priced_n"] == 2
    assert told["unpriced"] == {"pd_unknown": 1, "maturity_years_unknown": 1}
    assert told["upfront_cny"] == pytest.approx(expected[0] + expected[3])


def test_crmw_running_coupon_and_curve(tmp_path):
    """At the fair spread nothing is due upfront; the flat curve of a file is the flat rate."""
    (tmp_path / "curve.csv").write_text("years,rate_pa\n1,0.03\n5,0.03\n")
    text = "maturity_years,lgd,pd,coupon_rate_pa\n5,0.6,0.03,{}\n"
    options = ("--curve", str(tmp_path / "curve.csv"))
    _, first = run(tmp_path, "crmw", text.format(""), *options)
    _, again = run(tmp_path, "crmw", text.format(first["fair_spread_pa"][0]), *options)
    assert again["upfront_share"][0] == pytest.approx(0.0, abs=1e-15)
    _, flat = run(tmp_path, "crmw", text.format(""), "--rate-pa", "0.03")
    assert flat["fair_spread_pa"][0] == pytest.approx(first["fair_spread_pa"][0], rel=1e-14)
    assert first["upfront_share"][0] == first["protection_share"][0]


def test_crmw_from_quotes_gives_the_quotes_back():
    rows = pl.DataFrame(
        {
            "maturity_years": [1.0, 3.0, 2.0, 3.0, 1.0],
            "lgd": [0.6, 0.6, 0.6, 0.6, 0.0],
            "spread_1y_pa": [0.01, 0.01, 0.01, 0.10, 0.01],
            "spread_3y_pa": [0.02, 0.02, 0.02, 0.01, 0.02],
        }
    )
    found = protect_rows(rows, curve=Curve.flat(0.02), per_year=4)
    fair = found["fair_spread_pa"].to_list()
    assert fair[0] == pytest.approx(0.01, rel=1e-12) and fair[1] == pytest.approx(0.02, rel=1e-12)
    assert 0.01 < fair[2] < 0.02 and fair[3:] == [None, None]
    assert found["reason_code"].to_list()[3:] == ["spread_contradictory", "lgd_zero"]
    with pytest.raises(InvalidInput, match="leave out the migration"):
        protect_rows(rows, curve=Curve.flat(0.02), per_year=4, hazard_ratio=2.0)


def test_crmw_migration_carries_the_pd_on(tmp_path):
    """As in the matrix: 2 % in the first year, 2.8 % of all firms in the second."""
    (tmp_path / "m.csv").write_text("a,b,d\n0.9,0.09,0.01\n0.1,0.8,0.1\n0,0,1\n")
    second = 8 / 9 * 0.028 + 1 / 9 * 0.181
    text = "maturity_years,lgd,pd\n2,1,0.02\n"
    _, found = run(tmp_path, "crmw", text, "--rate-pa", "0", "--migration", str(tmp_path / "m.csv"))
    assert found["protection_share"][0] == pytest.approx(second)  # no interest: PD x LGD


WARRANT = (
    "loan_cny,loan_term_months,equity_cny,warrant_term_months,pd,volatility,subscription_share"
)
ROW = "\n10000000,36,200000000,48,0.02,0.5,0.15"


def test_warrant_end_to_end(tmp_path):
    """Black-Scholes with the hazard added, strike at the last round, typed in here."""
    text = f"{WARRANT},warrant_equity_share,warrant_exit{ROW},,buy_back{ROW},0.012,{ROW},,what"
    text += "\n10000000,36,200000000,48,0.02,,0.15,,buy_back\n"
    told, found = run(tmp_path, "warrant", text, "--rate-pa", "0.02", "--on", "2026-01-01")
    h, s = -log1p(-0.02), 0.5 * 2
    d1 = ((0.02 + h + 0.125) * 4) / s
    part = 1.5 / 201.5
    call = 2e8 * (N(d1) - exp(-(0.02 + h) * 4) * N(d1 - s))
    assert found["warrant_cny"][0] == pytest.approx(part * call, rel=1e-9)
    duration = -expm1(-(0.02 + h) * 3) / (0.02 + h)
    assert found["uplift_rate_pa"][0] == pytest.approx(part * call / 1e7 / duration, rel=1e-9)
    assert found["strike_cny"].to_list()[:2] == pytest.approx([2e8, 1.5e6 * 0.988 / 0.012])
    assert found["alive_share"][0] == pytest.approx(0.98**4)
    assert found["warrant_cny"][3] is None and found["reason_code"][3] == "volatility_unknown"
    assert found["usual_terms"].to_list() == [True, None, False, None]
    assert found["equity_class"].to_list()[:2] == ["below", "typical"]
    assert told["priced_n"] == 3


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_result_of_warrant_is_priced_as_it_is(tmp_path, ending):
    """Half of the warrant's value at the start lowers the rate; without a value there is no price.

    A year, repaid at the end: the value grows at the funding rate of 2.5 % (times 1.025), tax is
    due above 10,000,000 and where sales are unknown.
    """
    row = ROW.replace(",36,", ",12,")
    text = f"{WARRANT}{row}{row.replace('0.5,', ',')}\n"
    run(tmp_path, "warrant", text, "--rate-pa", "0.02", ending=ending)
    made, priced = tmp_path / f"out{ending}", tmp_path / "priced.parquet"
    words = ["loan", "price", str(made), "--on", "2026-06-30", "--out", str(priced)]
    done = CliRunner().invoke(techflow, [*words, "--tools", "warrant"])
    assert done.exit_code == 0, done.exception
    first, second = pl.read_parquet(priced).to_dicts()
    value = float(first["warrant_cny"]) / 1e7
    tax = 0.06 / 1.06 * 1.12
    whole = (0.02 * 0.4 + 0.025 + 0.012 + 0.105 * (0.13 - 0.025) - 0.5 * value * 1.025) / 0.98
    assert first["rate_pa"] == pytest.approx(whole / (1 - tax), rel=1e-9)
    assert second["reason_code"] == "warrant_fact_missing"
    assert second["warrant_reason_code"] == "volatility_unknown"


def test_the_summary_speaks_chinese(tmp_path):
    file, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    file.write_text(f"{WARRANT}{ROW}{ROW.replace('0.5,', ',')}\n", "utf8")
    words = ["loan", "warrant", str(file), "--out", str(out), "--rate-pa", "0.02", "--lang", "zh"]
    told = CliRunner().invoke(techflow, words).output.splitlines()
    assert told[0] == "2行，已计价1行"
    assert told[1].startswith("  认股权价值合计：") and told[1].endswith("元")
    assert told[2].startswith("  未计价：") and told[2].endswith(
        "未知或超出范围（volatility_unknown） 1"
    )
    assert told[3] == f"结果：{out}"


def test_warrant_any_time_is_worth_no_less_and_more_only_with_dividends(tmp_path):
    text = WARRANT + ROW + "\n"
    values = {
        (way, rate): run(
            tmp_path,
            "warrant",
            text,
            *("--rate-pa", "0.02", "--exercise", way, "--dividend-rate-pa", rate),
        )[1]["warrant_cny"][0]
        for way in ("european", "american")
        for rate in ("0", "0.08")
    }
    assert values["american", "0"] == pytest.approx(values["european", "0"], rel=1e-9)
    assert values["american", "0.08"] > values["european", "0.08"] * 1.01


def test_warrant_with_a_card_of_growth(tmp_path):
    """Median 0.3 and 90 % ends 0, 0.6 over three years; no default and a required rate of 15 %."""
    head = WARRANT.replace("volatility", "growth_median,growth_low,growth_high")
    text = f"{head}\n10000000,36,200000000,36,0,0.3,0.0,0.6,0.15\n"
    text += "10000000,36,200000000,36,0,0.3,0.6,0.0,0.15\n"
    options = ("--growth-years", "3", "--growth-share", "0.9", "--required-rate-pa", "0.15")
    _, found = run(tmp_path, "warrant", text, "--rate-pa", "0.02", *options)
    s = 0.3 / NormalDist().inv_cdf(0.95)
    # The firm at the median grows by e^0.3; the mean of the log-normal law is e^(s^2 / 2) above.
    mean, part = 2e8 * exp(0.3 + s**2 / 2), 1.5 / 201.5
    d1 = (log(mean / 2e8) + s**2 / 2) / s
    hoped = part * exp(-0.45) * (mean * N(d1) - 2e8 * N(d1 - s))
    assert found["forecast_cny"][0] == pytest.approx(hoped, rel=1e-9)
    d1 = (0.06 + s**2 / 2) / s
    price = part * 2e8 * (N(d1) - exp(-0.06) * N(d1 - s))
    assert found["warrant_cny"][0] == pytest.approx(price, rel=1e-9)
    assert found["reason_code"][1] == "growth_disordered" and found["forecast_cny"][1] is None


def test_warrant_too_sure_for_the_tree_is_a_reason_not_a_crash():
    rows = pl.DataFrame(
        {
            "loan_cny": [1e7, 1e7],
            "loan_term_months": [36.0, 36.0],
            "equity_cny": [2e8, 2e8],
            "warrant_term_months": [48.0, 48.0],
            "pd": [0.5, 0.5],
            "volatility": [0.001, 0.5],
            "warrant_subscription_cny": [1.5e6, 1.5e6],
        }
    )
    found = warrant_rows(rows, rate_pa=0.02, dividend_rate_pa=0.01, exercise="american")
    assert found["reason_code"].to_list() == ["steps_too_few", None]
    assert found["uplift_rate_pa"].is_null().to_list() == [True, False]


def test_premium_end_to_end(tmp_path):
    """No deductible, no limit: pure premium is frequency x mean; the deviation is by hand."""
    text = "firm_id,claims_per_year,loss_mean_cny,loss_cv_ratio,tech_insurance_product,"
    text += "other_subsidies_cny\nA,0.5,600000,1,pilot_test,0\nB,0.5,600000,1,motor,0\n"
    text += "C,0.5,600000,1,pilot_test,\nD,-1,600000,1,pilot_test,0\n"
    text += "E,0.5,600000,1,pilot_test,150000\n"
    options = ("--risk-ratio", "0.1", "--expense-share", "0.25", "--profit-share", "0.05")
    subsidy = ("--subsidy", "cn.tech_insurance_subsidy", "--on", "2026-01-01")
    told, found = run(tmp_path, "premium", text, *options, *subsidy)
    premium = (3e5 + 0.1 * sqrt(0.5 * 2) * 6e5) / 0.7
    assert found["premium_cny"].to_list() == [
        x and pytest.approx(x) for x in (premium, premium, premium, None, premium)
    ]
    parts = found.select("pure_cny", "risk_cny", "expense_cny", "profit_cny").row(0)
    assert sum(parts) == pytest.approx(premium, rel=1e-14)
    quarter = 0.25 * premium  # below the cap of 200,000; with 150,000 above half of the premium
    assert quarter < 200_000 < quarter + 150_000
    expected = [pytest.approx(quarter, abs=0.01), 0.0, None, None, 0.0]
    assert found["subsidy_cny"].to_list() == expected
    assert found["subsidy_granted"].to_list() == [True, False, None, None, False]
    assert found["firm_pays_cny"][0] == pytest.approx(premium - quarter, abs=0.01)
    assert found["reason_code"].to_list() == [None, None, None, "claims_per_year_unknown", None]
    assert told["premium_cny"] == pytest.approx(4 * premium)


def test_premium_to_csv_without_subsidy(tmp_path):
    text = "claims_per_year,loss_mean_cny,loss_cv_ratio,deductible_cny,limit_cny\n"
    text += "0.02,1000000,2,50000,1000000\n0.02,1000000,2,,\n0.02,1000000,2,x,\n"
    options = ("--risk-ratio", "0", "--expense-share", "0", "--profit-share", "0")
    _, out = run(tmp_path, "premium", text, *options, ending=".csv")
    found = pl.read_csv(out)
    assert 0 < found["premium_cny"][0] < found["premium_cny"][1] == pytest.approx(20_000)
    assert found["reason_code"].to_list() == [None, None, "deductible_cny_unknown"]
    assert "subsidy_cny" not in found.columns


def test_subsidy_wants_one_row_a_firm():
    rows = pl.DataFrame({"firm_id": ["A", "A"], "claims_per_year": [1.0] * 2})
    rows = rows.with_columns(loss_mean_cny=1e5, loss_cv_ratio=1.0)
    about = {"laws": load_laws(), "policy_id": "cn.tech_insurance_subsidy"}
    with pytest.raises(InvalidInput, match="firm_id A is on more than one row"):
        insure_rows(rows, law="lognormal", loadings=Loadings(), **about, on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("crmw", (), "give either --rate-pa or --curve"),
        ("crmw", ("--rate-pa", "0.02"), "needs the column maturity_years, pd"),
        ("warrant", ("--rate-pa", "0.02", "--growth-years", "3"), "come together"),
        ("warrant", ("--rate-pa", "0.02"), "none of the columns"),
        (
            "premium",
            ("--risk-ratio", "0", "--expense-share", "0.6", "--profit-share", "0.5"),
            "together must be below 1",
        ),
    ],
)
def test_wrong_input(tmp_path, command, options, words):
    file = tmp_path / "rows.csv"
    file.write_text("lgd\n0.4\n")
    run_words = ["loan", command, str(file), "--out", str(tmp_path / "o.csv"), *options]
    done = CliRunner().invoke(techflow, run_words)
    assert isinstance(done.exception, InvalidInput | MissingColumn)
    assert words in str(done.exception)


def test_percent_for_a_fraction_is_refused(tmp_path):
    done = CliRunner().invoke(techflow, ["loan", "crmw", "x.csv", "--out", "y", "--rate-pa", "2.5"])
    assert done.exit_code == 2 and "-0.1<=x<=1.0" in done.output


def test_a_large_file_is_valued_by_compiled_code_with_the_same_result(monkeypatch):
    rows = pl.DataFrame({"maturity_years": [1.3, 5.0], "lgd": [0.5, 0.6], "pd": [0.1, 0.02]})
    plain = protect_rows(rows, curve=Curve.flat(0.02), per_year=4)
    monkeypatch.setattr("techflow_service.loan_tools.COMPILED_FROM", 1)
    assert find_valuer(1).__name__ == "value_legs_compiled"
    fast = protect_rows(rows, curve=Curve.flat(0.02), per_year=4)
    for name in ("protection_share", "annuity_years", "fair_spread_pa"):
        assert fast[name].to_list() == pytest.approx(plain[name].to_list(), rel=1e-13)


def test_results_do_not_overwrite_the_file():
    rows = pl.DataFrame({"maturity_years": [1.0], "lgd": [0.5], "pd": [0.1], "upfront_share": [1]})
    with pytest.raises(InvalidInput, match="rename upfront_share"):
        protect_rows(rows, curve=Curve.flat(0.0), per_year=1)


def test_no_rows_are_no_crash():
    empty = {name: pl.Series([], dtype=pl.Float64) for name in ("maturity_years", "lgd", "pd")}
    assert protect_rows(pl.DataFrame(empty), curve=Curve.flat(0.0), per_year=1).height == 0
    names = ("claims_per_year", "loss_mean_cny", "loss_cv_ratio")
    empty = pl.DataFrame({name: pl.Series([], dtype=pl.Float64) for name in names})
    assert insure_rows(empty, law="lognormal", loadings=Loadings()).height == 0


def test_curve_of_a_file_says_what_is_wrong():
    with pytest.raises(InvalidInput, match="years and rate_pa; got x"):
        read_curve(pl.DataFrame({"x": [1]}))
    with pytest.raises(InvalidInput, match="must ascend"):
        read_curve(pl.DataFrame({"years": ["2", "1"], "rate_pa": ["0.1", "0.1"]}))
