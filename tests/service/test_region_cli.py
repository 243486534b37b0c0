"""`techflow region` on made-up yearbook rows: who must lead leads, the unknown is said."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow
from techflow_service.regions.model import read_model

MODEL = read_model()
CODES = list(MODEL.words["region"])
LEADER, LAST, HIDDEN = CODES[4], CODES[9], CODES[20]
YEARS = range(2010, 2024)


def run(*words):
    return CliRunner().invoke(
        techflow, ["region", *map(str, words)], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Outputs per input grow in the leader and shrink in the last; one region hides its patents."""
    rng, rows = np.random.default_rng(3), []
    for code in CODES:
        size = rng.lognormal(8, 1)
        gift = {LEADER: 8.0, LAST: 0.125}.get(code, 1.0)
        for year in YEARS:
            grown = {LEADER: 1.3, LAST: 1.01}.get(code, 1.15) ** (year - 2010)
            for measure in MODEL.measures:
                if code == HIDDEN and measure.id.startswith(("inventions", "contracts")):
                    continue
                made = measure.id.startswith(("inventions", "contracts", "science", "accredited"))
                value = (
                    size
                    * rng.lognormal(0, 0.05)
                    * (gift * grown if made else 1.15 ** (year - 2010))
                )
                if measure.id == "rd_intensity_share":
                    value = 2.0 * gift * rng.lognormal(0, 0.05)
                rows.append((code, year, measure.variable, measure.unit, value))
    names = ["province", "year", "variables", "units", "value"]
    path = tmp_path_factory.mktemp("region") / "rows.csv"
    pl.DataFrame(rows, schema=names, orient="row").write_csv(path)
    return path


def test_rank_finds_who_leads_and_who_is_last(file, tmp_path):
    told = json.loads(run("rank", file, "--out", tmp_path, "--json").output)
    found = pl.read_csv(tmp_path / "region_rank.csv", schema_overrides={"region_code": pl.String})
    by_code = {row["region_code"]: row for row in found.rows(named=True)}
    assert told["year"] == 2023 and told["unknown_n"] == 1 and told["ranked_n"] == 30
    assert by_code[LEADER]["rank"] == 1 and by_code[LEADER]["tier"] == "top"
    assert by_code[LAST]["rank"] == 30 and by_code[LAST]["last_chance"] > 0.9
    assert by_code[HIDDEN]["rank"] is None and by_code[HIDDEN]["tier"] == "unknown"
    assert "inventions_per_rd" in by_code[HIDDEN]["lacks"].split()
    known = [row for row in by_code.values() if row["rank"] is not None]
    assert all(row["rank_lifted"] <= row["rank"] for row in known), "mending never harms"
    assert by_code[LAST]["rank_lifted"] > 25, "one of eight indicators does not make a leader"
    assert by_code[HIDDEN]["rank_lifted"] is None
    middle = [r for c, r in by_code.items() if c not in (LEADER, LAST, HIDDEN)]
    assert sum(r["rank_high"] - r["rank_low"] > 5 for r in middle) > 20, "noise is not told apart"


def test_page_speaks_both_languages_and_to_the_last(file, tmp_path):
    run("rank", file, "--out", tmp_path)
    page = (tmp_path / "region_rank.html").read_text("utf8")
    parts = {
        language: " ".join(re.findall(rf'data-l="{language}"[^>]*>([^<]*)<', page))
        for language in ("zh", "en")
    }
    assert not re.search("[一-鿿]", parts["en"])
    assert not re.search("unverified|proposal", parts["zh"]), "marks are told in Chinese"
    assert "Moves most without it" in parts["en"] and "What can be done next" in parts["en"]
    last = MODEL.words["region"][LAST]
    assert f"{last['en']} is truly last with a chance of" in parts["en"]
    assert f"{last['zh']}排在最后的概率为" in parts["zh"]
    assert "What this page cannot know" in parts["en"] and "本页无法知道的" in parts["zh"]
    assert "http" not in page


def test_a_moved_weight_moves_ranks_and_a_wrong_one_is_named(file, tmp_path):
    run("rank", file, "--out", tmp_path / "a")
    others = [i.id for i in MODEL.indicators if i.id != "rd_intensity"]
    words = [word for name in others for word in ("--weight", f"{name}=0")]
    run("rank", file, "--out", tmp_path / "b", *words)
    plain, moved = (
        pl.read_csv(
            tmp_path / name / "region_rank.csv", schema_overrides={"region_code": pl.String}
        )
        for name in "ab"
    )
    assert plain["region_code"].to_list() != moved["region_code"].to_list()
    hidden = moved.filter(pl.col("region_code") == HIDDEN)
    assert hidden["rank"][0] is not None, "all that is weighed is known of it"
    with pytest.raises(InvalidInput, match=r"got wealth; known: rd_intensity"):
        run("rank", file, "--out", tmp_path, "--weight", "wealth=1")
    with pytest.raises(InvalidInput, match="INDICATOR=NUMBER; got 'efficiency'"):
        run("rank", file, "--out", tmp_path, "--weight", "efficiency")


def test_efficiency_names_what_is_lacking(file, tmp_path):
    told = json.loads(run("efficiency", file, "--out", tmp_path, "--draws", 50, "--json").output)
    assert told["scored_n"] == 30 * 14 and told["unknown_n"] == 14
    found = pl.read_csv(
        tmp_path / "region_efficiency.csv",
        schema_overrides={"region_code": pl.String, "peers": pl.String},
    )
    hidden = found.filter(pl.col("region_code") == HIDDEN)
    assert hidden["efficiency"].null_count() == 14
    assert hidden["lacks"][0] == "inventions_granted_n contracts_sold_cny"
    leader = found.filter((pl.col("region_code") == LEADER) & (pl.col("year_n") == 2023))
    assert leader["efficiency"][0] == pytest.approx(1.0)
    scored = found.drop_nulls("efficiency")
    assert (scored["efficiency_low"] <= scored["efficiency_high"]).all()
    assert (scored["efficiency_high"] <= scored["efficiency"] + 1e-12).all()
    page = (tmp_path / "region_efficiency.html").read_text("utf8")
    assert "four times in five" in page and "约有八成" in page


def test_wrong_files_say_what(file, tmp_path):
    (tmp_path / "x.csv").write_text("province,year\n北京,2023\n")
    with pytest.raises(MissingColumn, match="units, value, variables"):
        run("rank", tmp_path / "x.csv", "--out", tmp_path)
    (tmp_path / "y.csv").write_text("province,year,variables,units,value\nParis,2023,a,b,1\n")
    with pytest.raises(InvalidInput, match="Paris"):
        run("efficiency", tmp_path / "y.csv", "--out", tmp_path)
    with pytest.raises(InvalidInput, match="2031"):
        run("rank", file, "--out", tmp_path, "--year", 2031)
    (tmp_path / "m.toml").write_text("[rank]\n")
    with pytest.raises(InvalidInput, match="incentive"):
        run("rank", file, "--out", tmp_path, "--model", Path(tmp_path / "m.toml"))


def planted(path, jump, drift):
    """Neighbours of the centres of 2020 jump from then on, or drift before."""
    rng, rows = np.random.default_rng(8), []
    near = MODEL.words["design"]["neighbours_2020"]["neighbours"]
    for place, code in enumerate(CODES):
        for year in YEARS:
            value = 8.0 + 0.2 * (place % 7) + 0.1 * (year - 2010) + rng.normal(0, 0.02)
            value += (code in near) * (jump * (year >= 2020) + drift * (year - 2010))
            for measure in MODEL.measures:
                rows.append((code, year, measure.variable, measure.unit, float(np.exp(value))))
    # The range of those that are not reached must hold the reached: two extreme others.
    names = ["province", "year", "variables", "units", "value"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    odd = {"140000": 1e-2, "650000": 1e2}
    factor = pl.col("province").replace_strict(odd, default=1.0)
    frame.with_columns(pl.col("value") * factor).write_csv(path)
    return path


def effects(tmp_path, **planting):
    path = planted(tmp_path / "rows.csv", **planting)
    told = json.loads(run("effect", path, "--out", tmp_path, "--json").output)
    found = pl.read_csv(tmp_path / "region_effect.csv").rows(named=True)
    return told, {(row["design"], row["outcome"]): row for row in found}


def test_a_planted_spillover_is_found(tmp_path):
    told, found = effects(tmp_path, jump=0.3, drift=0.0)
    row = found["neighbours_2020", "rd_cny"]
    assert row["identified"] and row["p"] < 0.01
    assert row["difference_log"] == pytest.approx(0.3, abs=4 * row["difference_log_se"])
    assert set(row["left_out"].split()) == {"110000", "310000", "440000"}
    assert told["identified_n"] >= 3


def test_twins_stand_alone_and_are_made_of_regions_not_reached(tmp_path):
    told, _ = effects(tmp_path, jump=0.3, drift=0.0)
    rows = pl.read_csv(tmp_path / "region_twin.csv", schema_overrides={"region_code": pl.String})
    assert set(rows["region_code"]) == {"110000", "310000"} and told["twins_n"] == rows.height
    assert told["twins_identified_n"] == rows["identified"].sum() > 0
    donors = {pair.split(":")[0] for text in rows["donors"] for pair in text.split()}
    assert not donors & {"110000", "310000", "440000"}


def test_a_drift_before_is_not_called_an_effect(tmp_path):
    _, found = effects(tmp_path, jump=0.0, drift=0.1)
    row = found["neighbours_2020", "rd_cny"]
    assert not row["identified"] and "moving apart before" in row["why_not"]
    assert "走势" in row["why_not_zh"]


def test_without_years_after_nothing_is_estimated(tmp_path):
    _, found = effects(tmp_path, jump=0.3, drift=0.0)
    for design in ("centres_2025", "key_regions_2024"):
        row = found[design, "contracts_sold_cny"]
        assert not row["identified"] and row["difference_log"] is None
        assert row["why_not"] == "the file has no year after the date"
    page = (tmp_path / "region_effect.html").read_text("utf8")
    assert "never add them" in page and "Not identified" in page and "无法识别" in page
    with pytest.raises(InvalidInput, match="centres_2020"):
        run("effect", tmp_path / "rows.csv", "--out", tmp_path, "--design", "x")
