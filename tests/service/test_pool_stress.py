"""`techflow pool stress`: a shock to a book file, and what it takes to empty the pool."""

import json

import pytest
from click.testing import CliRunner
from tests.service.test_pool_simulate import book  # noqa: F401

from techflow.basics import InvalidInput
from techflow_service.cli import techflow

ON = ("--on", "2026-06-30", "--scenarios", 300, "--years", 2)


def run(*args):
    done = CliRunner().invoke(techflow, ["pool", "stress", *map(str, args)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_shock_and_the_mildest_ones(book, tmp_path):  # noqa: F811
    shock = ("--deviations", -2, "--pd-times", 1.5, "--reverse")
    told = json.loads(run("designed-layers", book, *ON, *shock, "--out", tmp_path, "--json"))
    for name in ("before", "after"):
        parts = sum(party[name]["value"] for party in told["parties"])
        assert parts == pytest.approx(told["loss"][name]["value"])
    assert told["loss"]["after"]["value"] > 1.5 * told["loss"]["before"]["value"]
    assert told["fails"]["after"]["value"] >= told["fails"]["before"]["value"]
    rows = told["reverse"]["rows"]
    assert [row["kind"] for row in rows] == ["all", "sector", "sector", "pd", "lgd"]
    whole, first, second = (row["size"] or 9.0 for row in rows[:3])
    assert whole <= min(first, second)  # one sector alone must fall further
    curve = {point["deviations"]: point["value"] for point in told["reverse"]["curve"]}
    assert all(value < 0.5 for at, value in curve.items() if at < whole - 0.01)
    assert all(value >= 0.5 for at, value in curve.items() if at > whole + 0.01)
    page = (tmp_path / "stress.html").read_text("utf8")
    assert 'data-l="zh"' in page and "Mildest shocks" in page
    assert json.loads((tmp_path / "stress.json").read_text("utf8")) == told


def test_in_chinese_and_for_one_sector(book, tmp_path):  # noqa: F811
    shock = ("--pd-times", 3, "--sector", "biotech")
    text = run("designed-layers", book, *ON, *shock, "--out", tmp_path, "--lang", "zh")
    assert "违约概率乘以3，仅限行业：biotech" in text and "标准误" in text


def test_wrong_input_is_told(book, tmp_path):  # noqa: F811
    out = ("--out", tmp_path)
    for words, said in (
        ((), "say a shock"),
        (("--pd-times", 2, "--sector", "steel"), "the book has biotech, software"),
        (("--deviations", -20), "deviations must be in"),
        (("--reverse", "--chance", 2), "chance must be inside"),
    ):
        with pytest.raises(InvalidInput, match=said):
            run("designed-layers", book, *ON, *words, *out)
