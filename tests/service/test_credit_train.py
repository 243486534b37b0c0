"""Training from a store: what counts as known, the same file twice, the committed cards."""

import json
import sys
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from tests.service.small_book import rows

from techflow.basics import InvalidInput
from techflow_service.cards import card_folder, load_card, load_scale, read_recipe
from techflow_service.cli import main, techflow
from techflow_service.scoring import score_rows
from techflow_service.store import Store
from techflow_service.training.fit import calibrate, fit_effects
from techflow_service.training.train import (
    closed,
    long_run_rate,
    read_sample,
    read_shape,
    train_card,
)

LOADED = datetime(2021, 6, 1, tzinfo=UTC)
KOREA = read_recipe("korea-distress")
NAMES = [feature["name"] for feature in KOREA["feature"]]


def statement(firm_id, year, net, known_on=None, **more):
    known_on = known_on or date(year + 1, 3, 31)
    return {
        "firm_id": firm_id,
        "period_end_on": date(year, 12, 31),
        "basis": "separate",
        "months_n": 12,
        "currency": "KRW",
        "revenue_lcy": 5e10,
        "operating_income_lcy": 0.7 * net,
        "net_income_lcy": net,
        "total_assets_lcy": 1e11,
        "total_liabilities_lcy": 6e10 - net,
        "current_liabilities_lcy": 3e10 - net / 2,
        "retained_earnings_lcy": 3 * net,
        "known_at": datetime.combine(known_on, datetime.min.time(), UTC),
        **more,
    }


def delisting(firm_id, on, distress=True):
    known = datetime.combine(on, datetime.min.time(), UTC)
    return {
        "firm_id": firm_id,
        "event_on": on,
        "event": "delisted",
        "distress": distress,
        "known_at": known,
    }


def draw_market(seed=0, firms_n=250):
    """Firms that lose money are the ones that are delisted."""
    rng = np.random.default_rng(seed)
    accounts, events = [], []
    for n in range(firms_n):
        firm, health, gone = f"kr.stock:{n:06d}", rng.normal(), None
        for year in range(2015, 2020):
            if gone and gone.year <= year:
                break
            accounts.append(statement(firm, year, net=1e10 * (health + rng.normal(0, 0.5))))
            if rng.random() < 0.4 / (1.0 + np.exp(3.0 + 2.5 * health)) and year < 2019:
                gone = date(year + 1, 4, 1) + timedelta(days=int(rng.integers(300)))
                events.append(delisting(firm, gone, distress=bool(rng.random() < 0.8)))
    return accounts, events


def build_store(path, accounts, events):
    store = Store.open(path, create=True)
    with store.transaction(LOADED) as transaction:
        transaction.add("statement", rows("statement", *accounts))
        transaction.add("adverse_event", rows("adverse_event", *events))
    return store


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return build_store(tmp_path_factory.mktemp("market") / "s", *draw_market())


def seen(store, on):
    sample = read_sample(KOREA, store.snapshot(), on=on)
    return sample.rows.select("firm_id", "year", "event", "listed", "observed_days", *NAMES)


def test_label_by_hand(tmp_path):
    """Delisted for distress 1 to 850 days after year end; other causes and later days are none."""
    end = date(2016, 12, 31)
    days = {"a": 1, "b": 850, "c": 851, "d": 0, "e": 400, "f": None}
    accounts = [statement(f"kr.stock:{name}", 2016, 1e9) for name in days]
    accounts += [statement("kr.stock:x", 2016, 1e9, currency="USD"), statement("cn.x:1", 2016, 1e9)]
    accounts += [statement("kr.stock:a", 2016, 1e9, basis="consolidated")]
    events = [
        delisting(f"kr.stock:{name}", end + timedelta(days=after), distress=name != "e")
        for name, after in days.items()
        if after is not None
    ]
    found = seen(build_store(tmp_path / "s", accounts, events), date(2020, 12, 31))
    labels = {row["firm_id"][-1]: row["event"] for row in found.iter_rows(named=True)}
    assert labels == {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0, "e": 0.0, "f": 0.0}
    assert found.filter(~pl.col("listed"))["firm_id"].to_list() == ["kr.stock:d"]


def test_what_becomes_known_later_never_changes_an_earlier_sample(tmp_path, market):
    on = date(2018, 5, 1)
    before = seen(market, on)
    accounts, events = draw_market()
    late = date(2018, 5, 2)
    restated = [
        {
            **a,
            "net_income_lcy": -9e10,
            "known_at": datetime(2018, 5, 2, tzinfo=UTC),
            "source_id": "s2",
        }
        for a in accounts[::3]
    ]
    news = [delisting(a["firm_id"], late) for a in accounts[1::7]]
    grown = build_store(tmp_path / "s", accounts + restated, events + news)
    assert seen(grown, on).equals(before)
    assert not seen(grown, late).equals(seen(market, late))


def test_a_forward_test_is_fitted_on_closed_labels_only(market):
    known = closed(read_sample(KOREA, market.snapshot(), on=date(2019, 5, 1)), 850)
    assert set(known.rows["year"]) == {2015, 2016}  # 2016-12-31 + 850 days = 2019-04-30
    known = closed(read_sample(KOREA, market.snapshot(), on=date(2018, 5, 1)), 850)
    assert set(known.rows["year"]) == {2015}


def test_the_same_store_gives_the_same_card_that_scores(market, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    argv = ["credit", "train", "korea-distress", "--store", str(market.path)]
    told = CliRunner().invoke(techflow, argv, catch_exceptions=False)
    assert (
        "forward" not in told.output and "auc" in told.output and "fitted on labels" in told.output
    )
    first = (tmp_path / "fitted/korea-distress/fitted.json").read_bytes()
    again = json.loads(CliRunner().invoke(techflow, [*argv, "--out", "again", "--json"]).output)
    assert (tmp_path / again["fitted"]).read_bytes() == first
    card = load_card("korea-distress", fitted=tmp_path / again["fitted"])
    inside = {"country": "KR", "statement_basis": "separate", "statement_currency": "KRW"}
    typical = {feature.name: feature.typical for feature in card.features}
    out = score_rows(pl.DataFrame([typical | inside]), card, load_scale())
    one_year = 1 - (1 + np.exp(card.intercept)) ** (-365 / 850)
    assert out["pd"][0] == pytest.approx(one_year, rel=1e-6)
    auc = [m["value"] for m in again["metrics"] if m["name"] == "auc"]
    assert min(auc) > 0.7


def test_a_store_without_events_is_refused(tmp_path):
    store = build_store(
        tmp_path / "s",
        [statement("kr.stock:a", 2016, 1e9)],
        [delisting("kr.stock:b", date(2017, 1, 1))],
    )
    for card_id in ("korea-distress", "cn-sme-default"):
        with pytest.raises(InvalidInput, match="has no event for card"):
            train_card(card_id, store.snapshot())


def test_without_scipy_the_message_names_the_extra(market, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    monkeypatch.setattr(
        sys, "argv", ["techflow", "credit", "train", "korea-distress", "--store", str(market.path)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "pip install 'techflow[train]'" in capsys.readouterr().err


@pytest.fixture(scope="module")
def real(shared, tmp_path_factory):
    """A store of both real sets."""
    path = tmp_path_factory.mktemp("real") / "s"
    for noun, folder in (("korea", "korea_dart"), ("china-sme", "china_sme_invoices")):
        argv = ["import", noun, str(shared / folder), "--store", str(path)]
        assert CliRunner().invoke(techflow, argv, catch_exceptions=False).exit_code == 0
    return Store.open(path).snapshot()


@pytest.mark.parametrize("card_id", ["korea-distress", "cn-sme-default"])
def test_committed_cards_come_from_the_real_sets(real, card_id):
    """The coefficients in the repository are what these data give; no error is measured here."""
    recipe, fitted = (
        read_recipe(card_id),
        json.loads((card_folder(card_id) / "fitted.json").read_text("utf8")),
    )
    sample = read_sample(recipe, real, on=recipe["fit"]["as_of"])
    if card_id == "korea-distress":
        sample = closed(sample, recipe["fit"]["observed_days_min"])
    assert sample.fingerprint == fitted["sample"]["fingerprint"]
    shape = read_shape(recipe | {"fit": recipe["fit"] | {"penalties": [fitted["penalty"]]}})
    fit = calibrate(fit_effects(sample.x, sample.y, shape), sample.x, long_run_rate(sample))
    assert fit.intercept == pytest.approx(fitted["intercept"], abs=1e-4)
    for name, knots, effects in zip(sample.names, fit.knots, fit.effects, strict=True):
        points = np.array(fitted["features"][name]["points"])
        assert points[:, 0] == pytest.approx(knots, rel=1e-9)
        assert points[:, 1] == pytest.approx(effects, abs=1e-4)


def test_sizes_of_the_real_samples(real):
    """123 firms and 27 defaults (data README); 57 delistings for distress of 2015-2018."""
    sme = read_sample(read_recipe("cn-sme-default"), real, on=date(2020, 2, 29))
    assert (sme.rows.height, int(sme.y.sum())) == (123, 27)
    korea = closed(read_sample(KOREA, real, on=date(2020, 12, 31)), 731)
    events = korea.rows.group_by("year").agg(pl.col("event").sum()).sort("year")
    assert events.rows() == [(2015, 14.0), (2016, 15.0), (2017, 15.0), (2018, 13.0)]


@pytest.mark.soak
@pytest.mark.parametrize("card_id", ["korea-distress", "cn-sme-default"])
def test_committed_metrics_come_from_the_real_sets(real, card_id):
    committed = json.loads((card_folder(card_id) / "fitted.json").read_text("utf8"))
    fresh = train_card(card_id, real)
    for old, new in zip(committed["metrics"], fresh["metrics"], strict=True):
        assert (new["name"], new["how"]) == (old["name"], old["how"])
        assert new["value"] == pytest.approx(old["value"], abs=2e-3)
