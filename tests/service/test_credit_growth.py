"""Cards of growth: one row out per row in, blind to the future, errors as in closed form."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cards import load_card, read_recipe
from techflow_service.cli import techflow
from techflow_service.scoring import read_rows, score_growth
from techflow_service.training.boosting import Growth, boost, forest_of
from techflow_service.training.growth import fit_growth, forecast_later, read_growth
from techflow_service.training.growth_error import Forecast, measure_forecast, plain_forecasts

FILES = {
    "us-growth": "firm_panels/inst_innovation_1991_1999.csv",
    "korea-growth": "korea_dart/firm_year_2015_2019.csv.gz",
}
LEFT_OUT = ("cites", "patents", "precites", "competition", "subsample")


def values(metrics):
    return {metric["name"]: metric["value"] for metric in metrics}


def panel(rho, *, seed, firms_n=300):
    """A panel whose log growth is an AR(1) with unit variance over 10, around nothing."""
    rng, rows = np.random.default_rng(seed), []
    for firm in range(firms_n):
        growth, sales = rng.normal(), 1000.0
        for year in range(1991, 2000):
            rows.append({"company": f"F{firm}", "year": year, "sales": sales})
            growth = rho * growth + np.sqrt(1.0 - rho**2) * rng.normal()
            sales *= np.exp(growth / 10.0)
    rest = dict.fromkeys(("capital", "randd", "employment", "value", "tobinq"), 1.0)
    return pl.DataFrame(rows).with_columns(pl.lit(v).alias(n) for n, v in rest.items())


@pytest.fixture(params=FILES.items(), ids=FILES)
def raw(request, shared):
    card_id, path = request.param
    return card_id, read_rows(shared / path)


def test_one_row_out_for_each_row_in(raw):
    card_id, rows = raw[0], raw[1].sample(400, seed=1, shuffle=True)
    out = score_growth(rows, load_card(card_id))
    told = out.filter(pl.col("reason").is_null())
    assert out.height == 400 and told.height > 380
    assert out["year"].cast(pl.String).to_list() == rows["year"].to_list()
    assert (told["growth_low"] <= told["growth_median"]).all()
    assert (told["growth_median"] <= told["growth_high"]).all()
    assert out.filter(pl.col("reason").is_not_null())["growth_median"].is_null().all()


def test_later_years_change_nothing(raw):
    card_id, rows = raw
    card, early = (
        load_card(card_id),
        pl.col("year").cast(pl.Int64) <= rows["year"].cast(int).min() + 2,
    )
    known = rows.filter(early)
    assert (
        score_growth(rows, card)
        .filter(rows.select(early).to_series())
        .equals(score_growth(known, card))
    )


def test_what_is_granted_and_cited_later_is_not_read(shared):
    rows = read_rows(shared / FILES["us-growth"]).head(200)
    card = load_card("us-growth")
    assert score_growth(rows.drop(LEFT_OUT), card).equals(score_growth(rows, card))


def test_no_sales_no_answer():
    rows = panel(0.0, seed=1, firms_n=1).head(2).with_columns(sales=pl.Series([None, 500.0]))
    found = score_growth(rows, load_card("us-growth"))
    assert found["reason_code"].to_list() == ["too_small", None]
    assert found["growth_median"].is_null().to_list() == [True, False]


def test_firms_that_shrank_out_of_the_domain_stay_in_the_target():
    rows = panel(0.0, seed=1, firms_n=80).with_columns(
        sales=pl.when(pl.col("year") == 1999).then(0.5).otherwise(pl.col("sales"))
    )
    found = read_growth(read_recipe("us-growth"), rows)
    assert (found.y[found.period == 1998] < np.log(0.01)).all()
    assert (found.period == 1998).sum() == 80 and found.followed_share == 1.0


def test_errors_in_closed_form():
    # For y = 0.8 last + 0.6 noise, all standard normal: the best forecast has 0.6 of the error
    # of the median, R2 is 0.64, and 0.9 of the rows lie within 0.6 * 1.644854 of it.
    rng, n = np.random.default_rng(5), 200_000
    last = rng.normal(size=n)
    y = 0.8 * last + 0.6 * rng.normal(size=n)
    train = np.arange(n) < n // 2
    said = (
        0.8 * last[~train],
        0.8 * last[~train] - 0.6 * 1.644854,
        0.8 * last[~train] + 0.6 * 1.644854,
    )
    firms = (np.arange(n) % 1000).astype(str)
    found = Forecast.against_plain(y, last, firms, train=train, test=~train, said=said)
    metrics = measure_forecast(found, how="", seed=1)
    told = values(metrics)
    assert told["mae_ratio"] == pytest.approx(0.6, abs=0.006)
    assert told["mae_ratio_ar1"] == pytest.approx(1.0, abs=0.001)
    # last - y = 0.2 last - 0.6 noise has standard deviation sqrt(0.4).
    assert told["mae_ratio_last"] == pytest.approx(0.6 / np.sqrt(0.4), abs=0.01)
    assert told["r2"] == pytest.approx(0.64, abs=0.01)
    assert told["coverage"] == pytest.approx(0.9, abs=0.004)
    assert told["width_median"] == pytest.approx(1.2 * 1.644854)
    assert all(m["low"] <= m["value"] <= m["high"] for m in metrics if "low" in m)


def test_plain_forecasts_by_hand():
    y, last = np.array([1.0, 2.0, 6.0, 0.0, 0.0]), np.array([0.0, 1.0, np.nan, 2.0, np.nan])
    train = np.array([True, True, True, False, False])
    found = plain_forecasts(y, last, train=train, test=~train)
    assert found["median"].tolist() == [2.0, 2.0] and found["mean"].tolist() == [3.0, 3.0]
    assert found["last"].tolist() == [2.0, 3.0]
    # The line through (0, 1) and (1, 2) at 2 is 3.
    assert found["ar1"].tolist() == pytest.approx([3.0, 3.0])


def test_last_growth_is_carried_on_over_the_horizon():
    rows = panel(0.5, seed=1, firms_n=150)
    one, three = (read_growth(read_recipe(c), rows) for c in ("us-growth", "us-growth-3y"))
    at = (one.period == 1995), (three.period == 1995)
    assert three.last[at[1]] == pytest.approx(3.0 * one.last[at[0]])
    # Three years on is the sum of three years.
    later = sum(one.y[one.period == year] for year in (1995, 1996, 1997))
    assert three.y[at[1]] == pytest.approx(later)


@pytest.mark.parametrize(("rho", "low", "high"), [(0.8, 0.58, 0.75), (0.0, 0.98, 1.06)])
def test_a_planted_effect_is_found_and_none_is_not(rho, low, high):
    recipe = read_recipe("us-growth") | {"validation": {"test": [1998]}}
    found = forecast_later(recipe, read_growth(recipe, panel(rho, seed=2)))
    told = values(measure_forecast(found, how="", seed=1))
    assert low < told["mae_ratio"] < high
    assert told["coverage"] == pytest.approx(0.9, abs=0.04)


def test_each_test_year_sees_only_growth_known_by_its_end():
    # From 1998 to 1999 every sale is a thousandfold; no forecast of the tests may know.
    recipe = read_recipe("us-growth") | {"validation": {"test": [1997, 1998]}}
    rows = panel(0.0, seed=3, firms_n=100)
    jump = pl.when(pl.col("year") == 1999).then(pl.col("sales") * 1000.0).otherwise("sales")
    plain = forecast_later(recipe, read_growth(recipe, rows))
    jumped = forecast_later(recipe, read_growth(recipe, rows.with_columns(sales=jump)))
    assert np.array_equal(plain.median, jumped.median)
    assert not np.array_equal(plain.y, jumped.y)


def test_quantile_forests_agree_with_lightgbm():
    rng, recipe = np.random.default_rng(4), read_recipe("us-growth")
    x = np.where(rng.random((800, 12)) < 0.1, np.nan, rng.normal(size=(800, 12)))
    y = np.nansum(x, axis=1) + rng.normal(size=800)
    booster = boost(x, y, Growth.from_data(recipe), seed=1, objective="quantile", level=0.05)
    assert forest_of(booster.dump_model()).sums(x) == pytest.approx(booster.predict(x), abs=1e-12)


def test_signs_in_quantiles_are_refused():
    recipe = read_recipe("us-growth")
    recipe["feature"][0]["sign"] = 1
    with pytest.raises(InvalidInput, match="cannot hold signs"):
        forecast_later(recipe, read_growth(recipe, panel(0.0, seed=1, firms_n=100)))


def test_training_again_gives_the_committed_card(shared):
    recipe, card = read_recipe("us-growth"), load_card("us-growth")
    found = read_growth(recipe, read_rows(shared / FILES["us-growth"]))
    forests, margins = fit_growth(recipe, found, np.ones(found.y.size, dtype=np.bool_))
    assert found.found.sample.fingerprint == card.fitted["sample"]["fingerprint"]
    assert margins == pytest.approx((card.below, card.above), abs=1e-9)
    x = found.x[:500]
    assert forests["median"].sums(x) == pytest.approx(card.median.sums(x), abs=1e-9)


def test_no_more_is_claimed_than_was_measured():
    for card_id in (*FILES, "us-growth-3y"):
        card = load_card(card_id)
        told = {metric["name"]: metric for metric in card.fitted["metrics"]}
        no_better = "not shown to be better than a constant" in card.limits.en
        assert no_better == (told["mae_ratio"]["high"] >= 1.0)
        # A card whose interval misses what it claims says so.
        misses = told["coverage"]["high"] < card.interval_share
        assert misses == ("90 % interval held 87 % of firms" in card.limits.en)


def test_wrong_files_are_refused(shared):
    recipe = read_recipe("us-growth")
    with pytest.raises(InvalidInput, match="lacks tobinq"):
        read_growth(recipe, panel(0.0, seed=1, firms_n=1).drop("tobinq"))
    with pytest.raises(InvalidInput, match="needs 500 firm-years"):
        read_growth(recipe, panel(0.0, seed=1, firms_n=10))


def test_the_commands(tmp_path):
    source, out, run = tmp_path / "in.csv", tmp_path / "out.csv", CliRunner().invoke
    panel(0.0, seed=1, firms_n=3).write_csv(source)
    argv = ["credit", "score", "us-growth", str(source), "--out", str(out)]
    done = run(techflow, [*argv, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["scored_n"] == 27 and pl.read_csv(out).height == 27
    assert json.loads(done.output)["register"]["card_id"] == "us-growth"
    told = run(techflow, argv).output
    assert "27 rows, 27 scored" in told and "not scored" not in told
    assert "no reasons" in str(run(techflow, [*argv, "--explain"]).exception)
    said = run(techflow, ["credit", "validate", "us-growth", str(source), "--out", str(tmp_path)])
    assert "tells growth, not events" in str(said.exception)
    drift = ["credit", "drift", "us-growth", str(source), str(source), "--out", str(tmp_path)]
    assert "tells growth; drift is" in str(run(techflow, drift).exception)
    export = ["credit", "export", "us-growth", "--as", "json", "--out", str(out)]
    assert run(techflow, export).exit_code == 0 and '"kind": "growth"' in out.read_text("utf8")
    listed = run(techflow, ["credit", "cards"]).output
    assert "us-growth" in listed and "coverage_unseen" in listed


def test_training_by_command_repeats(tmp_path):
    source, run = tmp_path / "in.csv", CliRunner().invoke
    panel(0.5, seed=6, firms_n=80).write_csv(source)
    for folder in ("a", "b"):
        argv = ["credit", "train", "us-growth", "--from", str(source), "--out"]
        done = run(techflow, [*argv, str(tmp_path / folder)])
        assert done.exit_code == 0 and "640 rows, 80 firms\n" in done.output, done.output
    fitted = [(tmp_path / folder / "fitted.json").read_bytes() for folder in ("a", "b")]
    assert fitted[0] == fitted[1]
    card = load_card("us-growth", fitted=tmp_path / "a/fitted.json")
    assert card.fitted["sample"]["rows_n"] == 640 and card.interval_share == 0.9
