"""`techflow book allocate` on a small synthetic region, and on tables typed in here."""

import json
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.allocating.reading import name_sectors, read_rules
from techflow_service.allocating.shared import rank_shared
from techflow_service.allocating.shocking import customer_sales, read_shock
from techflow_service.churning import load_curves
from techflow_service.cli import techflow

AS_OF = "2026-06-30"


def run(*arguments):
    return CliRunner().invoke(techflow, list(map(str, arguments)))


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region")
    store, assessed = folder / "store", folder / "assessment"
    for line in (
        ("sample", "--store", store, "--config", "demo", "--firms", 60, "--seed", 7),
        ("assess", "--store", store, "--as-of", AS_OF, "--out", assessed),
    ):
        found = run(*line)
        assert found.exit_code == 0, found.output
    return store, assessed


def typed(n=40, seed=3):
    random = np.random.default_rng(seed)
    pd = np.sort(random.uniform(0.003, 0.11, n))
    return pl.DataFrame(
        {
            "firm_id": [f"x:{place:03d}" for place in range(n)],
            "name": [
                f"企业{place}建筑有限公司" if place % 2 else f"乙{place}" for place in range(n)
            ],
            "grade": ["TF5" if p < 0.016 else "TF7" if p < 0.064 else "TF8" for p in pd],
            "pd": pd,
            "pd_basis": "classification",
            "limit_lcy": 1e4 * random.integers(5, 150, n),
            "funding_rate_pa": 0.025,
            "cost_rate_pa": 0.012,
            "capital_rate_pa": 0.01,
            "currency": "CNY",
            "as_of": date(2020, 2, 29),
        }
    )


def allocate(rows, tmp_path, *more):
    rows.write_parquet(tmp_path / "assessed.parquet")
    out = tmp_path / "out"
    found = run(
        "book", "allocate", "--assessment", tmp_path / "assessed.parquet", "--out", out, *more
    )
    return found, out


def test_the_table_adds_up_to_the_summary_and_keeps_the_rules(tmp_path):
    more = ("--budget-cny", "8e6", "--tail-cny", "8e4", "--json")
    found, out = allocate(typed(), tmp_path, *more)
    told = json.loads(found.output)
    rows = pl.read_parquet(out / "allocation.parquet")
    made, lent = told["decision"], rows.filter(pl.col("amount_cny") > 0.0)
    assert rows.height == 40 and made["offers_n"] == lent.height > 5
    assert lent["expected_profit_cny"].sum() == pytest.approx(made["profit_cny"])
    assert made["profit_cny"] <= made["bound_cny"] * (1.0 + 1e-12)
    assert lent["amount_cny"].sum() == made["offered_cny"] <= 8e6
    assert made["tail_used_cny"] <= 8e4
    assert lent["amount_cny"].is_between(1e5, 1e6).all()
    assert (lent["amount_cny"] <= lent["limit_lcy"]).all()
    assert lent["rate_pa"].is_between(0.04, 0.15).all()
    # One loan by hand: 2020 loss given default 45 % (Basel II), cost as typed above.
    row = lent.row(0, named=True)
    curve = load_curves().by_rating[row["curve"]]
    stay = np.exp(-curve.decay * (row["rate_pa"] - curve.start_rate_pa))
    margin = (1.0 - row["pd"]) * row["rate_pa"] - 0.45 * row["pd"] - 0.047
    assert row["expected_profit_cny"] == pytest.approx(row["amount_cny"] * stay * margin)
    assert all(one["profit_cny"] <= made["profit_cny"] for one in told["strategies"])
    # Without prices of budget and tail: break-even rate plus the mark-up of its curve.
    free = (0.45 * row["pd"] + 0.047) / (1.0 - row["pd"]) + 1.0 / curve.decay
    assert row["best_rate_pa"] == pytest.approx(min(free, 0.15), abs=1e-4)
    assert (lent["rate_pa"] >= lent["best_rate_pa"]).all()


def test_every_firm_has_a_reason_in_both_languages_and_the_page_both(tmp_path):
    rows = typed().with_columns(pd=pl.when(pl.col("firm_id") == "x:002").then(None).otherwise("pd"))
    found, out = allocate(rows, tmp_path, "--budget-cny", "5e6")
    assert found.exit_code == 0, found.output
    table = pl.read_csv(out / "allocation.csv")
    assert table["reason_zh"].null_count() == table["reason_en"].null_count() == 0
    assert table.filter(pl.col("firm_id") == "x:002")["reason_code"].item() == "not_graded"
    page = (out / "allocation.html").read_text("utf8")
    assert "信贷决策" in page and "The credit decision" in page and "no one-year forecast" in page
    assert "nan" not in page.lower().replace("finan", "")


def test_a_bigger_budget_and_a_free_tail_never_lower_profit(tmp_path):
    profits = [
        json.loads(allocate(typed(), tmp_path, "--json", *more)[0].output)["decision"]["profit_cny"]
        for more in (
            ("--budget-cny", "4e6", "--tail-cny", "4e4"),
            ("--budget-cny", "6e6", "--tail-cny", "4e4"),
            ("--budget-cny", "6e6", "--tail-cny", "4e5"),
            ("--budget-cny", "6e6", "--tail-cny", "4e5", "--beyond-limits"),
        )
    ]
    assert all(late >= early - 1.0 for early, late in pairwise(profits))


def test_a_list_of_firms_is_met_with_or_without_the_scheme(tmp_path):
    (tmp_path / "list.csv").write_text("企业代号,企业名称\n001,a\n004,b\n", "utf8")
    found, out = allocate(typed(), tmp_path, "--firms", tmp_path / "list.csv")
    assert found.exit_code == 0, found.output
    assert set(pl.read_parquet(out / "allocation.parquet")["firm_id"]) == {"x:001", "x:004"}


def test_a_shock_to_a_sector_is_judged_again_and_decided_again(region, tmp_path):
    store, assessed = region
    sector = (
        pl.read_parquet(assessed / "assessment.parquet")
        .filter(pl.col("verdict") == "graded")["sector"]
        .mode()[0]
    )
    odds = f"sector-odds={sector.split(' / ')[0]}:3"
    base = ("book", "allocate", "--assessment", assessed, "--budget-cny", "1e7", "--json")
    found = run(*base, "--store", store, "--shock", odds, "--out", tmp_path)
    assert found.exit_code == 0, found.output
    told = json.loads(found.output)
    rows = pl.read_parquet(tmp_path / "allocation.parquet")
    hit = rows.filter((pl.col("odds_factor") == 3.0) & pl.col("pd").is_not_null())
    odds_of = pl.col("pd") / (1 - pl.col("pd"))
    after = pl.col("shock_pd") / (1 - pl.col("shock_pd"))
    assert hit.select((after / odds_of).alias("r"))["r"].to_list() == pytest.approx(
        [3.0] * len(hit)
    )
    spared = rows.filter((pl.col("odds_factor") == 1.0) & pl.col("pd").is_not_null())
    assert (spared["pd"] == spared["shock_pd"]).all() and spared.height and hit.height
    page = (tmp_path / "allocation.html").read_text("utf8")
    assert "违约赔率×3" in page and "default odds x 3" in page
    shock = told["shock"]
    assert shock["decision"]["profit_cny"] <= told["decision"]["profit_cny"] + 1.0
    if not shock["kept_breaks_tail"]:
        assert shock["decision"]["profit_cny"] >= shock["kept"]["profit_cny"] - 1.0


def test_a_customer_that_buys_nothing_takes_its_share_of_each_sellers_sales(region, tmp_path):
    store, assessed = region
    sold = customer_sales(store, date.fromisoformat(AS_OF))
    shares = sold.group_by("firm_id").agg(pl.col("sales_share").sum())["sales_share"]
    assert shares.to_list() == pytest.approx([1.0] * len(shares))
    graded = pl.read_parquet(assessed / "assessment.parquet").filter(pl.col("verdict") == "graded")
    row = sold.join(graded.select("firm_id"), on="firm_id").sort("sales_share").row(-1, named=True)
    found = run(
        *("book", "allocate", "--assessment", assessed, "--store", store, "--out", tmp_path),
        *("--shock", f"partner={row['partner_id']}:0.5"),
    )
    assert found.exit_code == 0, found.output
    rows = pl.read_parquet(tmp_path / "allocation.parquet")
    mine = rows.filter(pl.col("firm_id") == row["firm_id"]).row(0, named=True)
    assert mine["sales_lost_share"] == pytest.approx(0.5 * row["sales_share"])
    assert mine["shock_pd"] >= mine["pd"]


def test_sectors_are_read_from_names_where_none_is_stated():
    rows = pl.DataFrame(
        {
            "name": ["***建筑劳务有限公司", "***物流有限公司", "个体经营E124", "甲贸易"],
            "sector": [None, None, None, "矿业"],
        }
    )
    found = name_sectors(rows)["book_sector"].to_list()
    assert found == ["labour", "logistics", None, "矿业"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--budget-cny", "-5"), "--budget-cny must be a positive"),
        (("--budget-cny", "0"), "--budget-cny must be a positive"),
        (("--tail-cny", "0"), "--tail-cny must be a positive"),
        (("--rate-pa-min", "4"), "write 0.04 for 4 %"),
        (("--rate-pa-max", "0.15005"), "hundredths of a percent"),
        (("--amount-cny-min", "2e6"), "least <= greatest"),
        (("--shock", "sector=x"), "KIND=WHOM:SIZE"),
        (("--shock", "flood=x:1"), "KIND=WHOM:SIZE"),
        (("--shock", "sector=x:many"), "is no number"),
        (("--shock", "sector=x:1.5"), "lies in"),
        (("--shock", "sector-odds=x:0"), "must be positive"),
        (("--shock", "sector=construction:0.3"), "needs the profiles"),
        (("--firms", "nowhere.csv"), "--firms names a file"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(tmp_path, more, told):
    found, _ = allocate(typed(), tmp_path, *more)
    assert isinstance(found.exception, InvalidInput) and told in str(found.exception)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows.drop("pd"), "lacks pd"),
        (lambda rows: pl.concat([rows, rows.head(1)]), "more than once"),
        (lambda rows: rows.with_columns(currency=pl.lit("KRW")), "not in yuan"),
        (lambda rows: rows.with_columns(pd=pl.lit(None, pl.Float64)), "no firm of the assessment"),
    ],
)
def test_a_wrong_assessment_is_refused_in_one_sentence(tmp_path, change, told):
    found, _ = allocate(change(typed()), tmp_path)
    assert isinstance(found.exception, InvalidInput) and told in str(found.exception)


def test_a_list_with_an_unknown_firm_and_a_missing_folder_are_refused(tmp_path):
    (tmp_path / "list.csv").write_text("firm_id\nx:001\nx:999\n", "utf8")
    found, _ = allocate(typed(), tmp_path, "--firms", tmp_path / "list.csv")
    assert "x:999" in str(found.exception)
    (tmp_path / "list.csv").write_text("firm\nx:001\n", "utf8")
    found, _ = allocate(typed(), tmp_path, "--firms", tmp_path / "list.csv")
    assert "firm_id or 企业代号" in str(found.exception)
    found = run("book", "allocate", "--assessment", tmp_path / "none", "--out", tmp_path / "o")
    assert "is no assessment" in str(found.exception)


def test_the_rules_of_the_content_are_those_of_the_published_problem():
    # CUMCM 2020 problem C: 100 thousand to 1 million yuan, 4 % to 15 %, one year.
    rules = read_rules(date(2020, 2, 29), 0.45, {})
    assert rules.amounts_cny == (1e5, 1e6) and rules.rates_pa == (0.04, 0.15)
    assert rules.budget_cny == 1e8 and rules.tail_cny == 1e6


def test_a_partner_id_may_hold_a_colon():
    shock = read_shock("partner=cumcm:B17:0.4")
    assert (shock.kind, shock.whom, shock.size) == ("partner", "cumcm:B17", 0.4)


def test_customers_shared_by_lent_firms_are_ranked_by_the_loans_that_hang_on_them():
    sold = pl.DataFrame(
        {
            "firm_id": ["a", "a", "b", "b", "c"],
            "partner_id": ["p", "q", "p", "r", "q"],
            "sales_lcy": [1.0] * 5,
            "sales_share": [0.25, 0.75, 0.5, 0.5, 1.0],
        }
    )
    lent = pl.DataFrame(
        {"firm_id": ["a", "b", "c"], "expected_lent_cny": [4e5, 2e5, 1e5]}
    ).with_columns(amount_cny=pl.Series([1e6, 1e6, 0.0]))
    found = rank_shared(lent, sold)
    # p: a quarter of a's 400,000 and half of b's 200,000; q and r serve one lent firm each.
    assert found == [{"partner_id": "p", "firms_n": 2, "dependent_cny": 2e5}]
