"""`techflow policy experiment` on a small assessed book: the price by hand, and wrong inputs."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, NotInForce, TechflowError
from techflow_service.cli import techflow
from techflow_service.price_columns import Way
from techflow_service.pricing import price_rows

DAY, N = date(2026, 6, 30), 60
PLAN = "cn.special_guarantee_plan"
CHANGE = f"""
zh = "担保费减半"
en = "Half the guarantee fee"
[product.special-guarantee-loan]
fee_rate_pa = 0.005
[policy."{PLAN}"]
ngf_share_max = "30%"
"""


def run(*words):
    return CliRunner().invoke(
        techflow,
        ["policy", "experiment", *map(str, words), "--batches", "5", "--scenarios", "50"],
        catch_exceptions=False,
        standalone_mode=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Small firms; a third holds the certificate that makes an innovative SME, the rest is open."""
    path = tmp_path_factory.mktemp("assessed")
    ids = [f"f{k:02}" for k in range(N)]
    pd = [0.01 + 0.001 * k for k in range(N)]
    pl.DataFrame({"firm_id": ids, "pd": pd}).with_columns(
        name=pl.col("firm_id"),
        country=pl.lit("CN"),
        currency=pl.lit("CNY"),
        sector=pl.lit("s"),
        grade=pl.lit("TF6"),
        limit_lcy=pl.lit(1e6),
        as_of=pl.lit(DAY),
    ).write_parquet(path / "assessment.parquet")
    pl.DataFrame({"firm_id": ids}).with_columns(sales_lcy=pl.lit(1e7)).write_parquet(
        path / "profile.parquet"
    )
    facts = {
        "firm_id": ids,
        "country": ["CN"] * N,
        "region_code": [("110000", "440300")[k % 2] for k in range(N)],
        "hnte_certificate": [(True, False, None)[k % 3] for k in range(N)],
        "size_industry": ["industry"] * N,
        "employees_n": [100.0] * N,
        "revenue_y0_cny": [1e7] * N,
    }
    pl.DataFrame(facts).write_parquet(path / "facts.parquet")
    return path


def write(path, text, name="change.toml"):
    (path / name).write_text(text, "utf8")
    return path / name


def test_who_gains_and_who_pays(folder, tmp_path):
    change = write(tmp_path, CHANGE)
    told = json.loads(run(change, folder, "--out", tmp_path / "out", "--json").output)
    firms = pl.read_parquet(tmp_path / "out" / "firms.parquet")
    held = firms.filter(pl.col("before_answer") == "yes")
    loans = held.select("firm_id", "pd", amount_cny="limit_lcy", sales_cny="sales_lcy")
    priced = price_rows(loans, Way(DAY, ("guarantee",))).rows
    # the plain price and the backed one are those of `techflow loan price`; a fee of 1 % less half
    plain = priced["all_in_rate_pa"] - priced["effect_guarantee_firm_rate_pa"]
    assert held["before_plain_rate_pa"].to_list() == pytest.approx(plain.to_list())
    best = [min(pair) for pair in zip(plain, priced["all_in_rate_pa"], strict=True)]
    assert held["before_rate_pa"].to_list() == pytest.approx(best)
    cheaper = held.filter(pl.col("before_backed"))
    gain = (cheaper["before_rate_pa"] - cheaper["after_rate_pa"]).to_list()
    assert gain == pytest.approx([0.005 * 0.8] * len(gain)) and gain
    assert told["change_n"]["cheaper"] == held["after_backed"].sum()
    assert told["change_n"]["open"] == (firms["before_answer"] == "unknown").sum() == N // 3 * 2
    assert told["change_n"]["dearer"] == 0
    regions = pl.read_csv(
        tmp_path / "out" / "regions.csv", schema_overrides={"region_code": pl.String}
    )
    parts = (
        regions.filter(pl.col("region_code") != "all")
        .group_by("measure")
        .agg(pl.col("value").sum())
    )
    whole = regions.filter(pl.col("region_code") == "all")
    both = whole.join(parts, on="measure")
    assert both["value"].to_list() == pytest.approx(both["value_right"].to_list())
    page = (tmp_path / "out" / "experiment.html").read_text("utf8")
    assert "深圳" in page and "Shenzhen" in page


def test_a_clause_and_places(folder, tmp_path):
    """Only certificate holders may borrow before and after; then no place is left in Shenzhen."""
    change = write(
        tmp_path,
        """
{"zh": "名额", "en": "Places",
 "product": {"special-guarantee-loan": {"qualification": [["cn.innovative_sme", "cn.hnte"]]}},
 "capacity_cny": {"after": {"440300": 0}}}
""",
        "change.json",
    )
    out = tmp_path / "out"
    run(change, folder, "--out", out)
    firms = pl.read_parquet(out / "firms.parquet")
    shenzhen = firms.filter(pl.col("region_code") == "440300")
    assert shenzhen["before_backed"].any() and not shenzhen["after_backed"].any()
    assert set(shenzhen.filter(pl.col("before_backed"))["change"]) == {"dearer"}
    assert set(firms.filter(pl.col("region_code") == "110000")["change"]) <= {"same", "open"}


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ('[policy."cn.special_guarantee"]\na = 1', "no policy cn.special_guarantee; nearest"),
        (f'[policy."{PLAN}"]\nngf_share = 0.3', "has no parameter ngf_share"),
        (f'[policy."{PLAN}"]\nngf_share_max = "much"', "must be a number"),
        ("[product.ip-pledge-loan]\nx = 1", "enters no price here"),
        ("[product.special-guarantee-loan]\nfee = 1", "has no term fee"),
        ("[price]\nvat_rate = 'a'", "must be a number"),
        ("[scheme.zhuhai]\nx = 1", "runs special-guarantee-plan"),
        ('[scheme.special-guarantee-plan]\n"cap.4.amount" = 1', "at 4 it has 0"),
        ('[scheme.special-guarantee-plan]\n"cap.0.amount" = 1', "under \\[policy\\]"),
        ("[capacity_cny.after]\n999999 = 1", "the book has 110000, 440300"),
        ("[polici]\nx = 1", "no use for polici"),
        ("", "changes nothing"),
    ],
)
def test_what_does_not_exist_is_refused(folder, tmp_path, tables, words):
    change = write(tmp_path, f'zh = "改"\nen = "change"\n{tables}\n')
    with pytest.raises(TechflowError, match=words):
        run(change, folder, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_none_and_a_scheme_that_is_none(folder, tmp_path):
    change = write(tmp_path, CHANGE)
    with pytest.raises(InvalidInput, match="techflow assess"):
        run(change, tmp_path, "--out", tmp_path / "out")
    with pytest.raises(NotInForce, match="2024-07-24"):
        run(change, folder, "--out", tmp_path / "out", "--on", "2023-01-01")
    with pytest.raises(InvalidInput, match="special-guarantee-plan"):
        run(change, folder, "--out", tmp_path / "out", "--scheme", "sba-7a")
