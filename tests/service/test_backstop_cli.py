"""`techflow backstop simulate`: seed, both languages, wrong input named."""

import json
import re

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.cli import techflow
from techflow_service.models import MODELS


def run(*words):
    return CliRunner().invoke(
        techflow,
        ["backstop", "simulate", *map(str, words)],
        catch_exceptions=False,
        standalone_mode=False,
    )


def test_numbers_come_with_errors_and_the_seed_gives_them_again(tmp_path):
    words = ("--paths", 400, "--years", 0.5, "--set", "asked.severe_fall=0.2", "--json")
    told = json.loads(run("--out", tmp_path / "a", *words).output)
    run("--out", tmp_path / "b", *words)
    names = ("backstop_sizes.csv", "backstop_hazards.csv", "backstop.html")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    sizes = pl.read_csv(tmp_path / "a" / names[0])
    numbers = [name for name in sizes.columns if name != "size_share" and "_error" not in name]
    assert all(f"{name}_error" in sizes.columns for name in numbers)
    assert sizes["severe"][0] > 0.0
    assert sizes["severe"].is_sorted(descending=True), "the same draws: more money never hurts here"
    assert told["severe_without"]["value"] == sizes["severe"][0]
    page = (tmp_path / "a" / "backstop.html").read_text("utf8")
    english = " ".join(re.findall(r'data-l="en"[^>]*>([^<]*)<', page))
    assert not re.search("[一-鿿]", english)
    assert "What this page cannot know" in english and "There is no official design" in english
    assert page.count(">proposal<") == 20, "every assumption carries its mark"


def test_wrong_assumptions_say_what(tmp_path):
    out = ("--out", tmp_path, "--paths", 100)
    with pytest.raises(InvalidInput, match=r"world\.leverage.*got 'world\.lever'"):
        run(*out, "--set", "world.lever=3")
    with pytest.raises(InvalidInput, match="NAME=NUMBER; got 'x'"):
        run(*out, "--set", "x")
    with pytest.raises(InvalidInput, match="one fall sells the whole market"):
        run(*out, "--set", "world.leverage=20")
    with pytest.raises(InvalidInput, match=r"asked\.severe_fall must be in \(0, 1\); got 3"):
        run(*out, "--set", "asked.severe_fall=3")
    with pytest.raises(InvalidInput, match="is a list"):
        run(*out, "--set", "asked.sizes=1")
    (tmp_path / "m.toml").write_text("[world]\n")
    with pytest.raises(InvalidInput, match="lacks fund, asked"):
        run(*out, "--model", tmp_path / "m.toml")
    ours = (MODELS / "backstop.toml").read_text("utf8")
    (tmp_path / "m.toml").write_text(ours.replace("value = 0.18", 'value = "x"'), "utf8")
    with pytest.raises(
        InvalidInput, match=r"world\.volatility_pa .*value must be a number; got 'x'"
    ):
        run(*out, "--model", tmp_path / "m.toml")


def test_a_target_that_is_met_without_a_fund_is_said_so(tmp_path):
    words = ("--paths", 100, "--years", 0.1, "--set", "asked.severe_chance_max=1")
    run("--out", tmp_path, *words)
    assert "Without a fund a severe fall" in (tmp_path / "backstop.html").read_text("utf8")
