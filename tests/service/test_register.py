"""The register at work: the command, and what a retired or unapproved card does to a result."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from tests.service.small_book import AS_OF, make_book

from techflow.basics import InvalidInput
from techflow_service.assessing import Job, assess_store, load_content
from techflow_service.cards import card_ids, load_card, load_register
from techflow_service.cli import techflow

HEAD = """owner = { zh = "模型部", en = "Model unit" }
developed_on = 2015-01-01
[review]
by = 2040-01-01
mark = "proposal"
source = "test"
"""


def retired(heir, on="2020-01-01"):
    return HEAD + f'[retired]\non = {on}\nreplaced_by = "{heir}"\n'


def approved(card_hash):
    return HEAD + (
        f'[limits]\nexposure_cny_max = 3e6\n[approval]\nby = "Board"\non = 2016-01-01\n'
        f'hash = "{card_hash}"\nscope = {{ zh = "试点", en = "pilot" }}\n'
    )


@pytest.fixture
def own(tmp_path):
    """Writes entries of one's own; gives their folder."""
    folder = tmp_path / "register"
    folder.mkdir()

    def write(**texts):
        for name, text in texts.items():
            (folder / f"{name.replace('_', '-')}.toml").write_text(text, "utf8")
        return folder

    return write


def run(*argv):
    return CliRunner().invoke(techflow, [str(item) for item in argv])


def test_command_lists_each_card_with_its_status(own):
    folder = own(korea_distress=approved(load_card("korea-distress").hash))
    listed = run("credit", "register", "--on", "2026-12-01", "--register", folder, "--json")
    found = {item["card_id"]: item for item in json.loads(listed.output)}
    assert set(found) == set(card_ids())
    mine = found.pop("korea-distress")
    assert mine["status"] == "approved" and mine["exposure_cny_max"] == 3e6
    assert (mine["approved_by"], mine["approved_on"]) == ("Board", "2016-01-01")
    assert {item["status"] for item in found.values()} == {"draft"}
    told = run("credit", "register", "--on", "2040-01-02", "--register", folder).output
    assert "korea-distress  review overdue  已批准，复审逾期" in told
    assert "nobody has approved it / 无人批准" in told


def test_wrong_registers_say_what_to_do(own, tmp_path):
    for folder, said in (
        (tmp_path / "none", "must be a folder of CARD.toml files"),
        (own(nobody=HEAD), "entries for nobody; there are cards"),
    ):
        assert said in str(run("credit", "register", "--register", folder).exception)
    (tmp_path / "register" / "nobody.toml").unlink()
    for text, said in (("= 1", "is no TOML file"), (retired("x"), "replaced_by must be one of")):
        done = run("credit", "register", "--register", own(sba_lgd=text))
        assert said in str(done.exception)
    assert "--on must be a day" in str(run("credit", "register", "--on", "soon").exception)


def features(tmp_path):
    card = load_card("korea-distress")
    row = {f.name: f.typical for f in card.features} | {
        c.column: c.allowed[0] if c.allowed else 1e9 for c in card.conditions
    }
    source = tmp_path / "in.parquet"
    pl.DataFrame([row]).write_parquet(source)
    return source


def test_scoring_refuses_a_retired_card_and_marks_one_not_approved(own, tmp_path):
    source, out = features(tmp_path), tmp_path / "out.csv"
    folder = own(korea_distress=retired("techflow-expert"))
    argv = ["credit", "score", "korea-distress", source, "--out", out]
    done = run(*argv, "--register", folder, "--on", "2020-01-01")
    assert isinstance(done.exception, InvalidInput) and not out.exists()
    assert "retired on 2020-01-01 and may not be used" in str(done.exception)
    before = run(*argv, "--register", folder, "--on", "2019-12-31")
    assert "not approved: nobody has approved it / 未批准：无人批准" in before.output
    own(korea_distress=approved(load_card("korea-distress").hash))
    fine = run(*argv, "--register", folder, "--on", "2019-12-31")
    assert fine.exit_code == 0 and "approved" not in fine.output


def test_an_approval_of_another_content_does_not_count(own, tmp_path):
    folder = own(korea_distress=approved("0" * 16))
    argv = ["credit", "score", "korea-distress", features(tmp_path), "--out", tmp_path / "o.csv"]
    told = json.loads(run(*argv, "--register", folder, "--on", "2026-12-01", "--json").output)
    assert told["register"]["status"] == "draft"
    assert "approve it again" in told["register"]["remark"]["en"]


def test_an_assessment_marks_cards_not_approved_and_leaves_retired_ones_to_their_heir(
    own, tmp_path
):
    store, out = make_book(tmp_path / "store"), tmp_path / "out"
    argv = ["assess", "--store", tmp_path / "store", "--as-of", AS_OF, "--out", out]
    assert "register    not approved: cn-sme-default, korea-distress" in run(*argv).output
    cards = json.loads((out / "run.json").read_text("utf8"))["cards"]
    assert {card["register"]["status"] for card in cards} == {"draft"}

    folder = own(cn_sme_default=retired("techflow-expert", on=AS_OF))
    done = run(*argv, "--register", folder)
    assert done.exit_code == 0, done.exception
    record = json.loads((out / "run.json").read_text("utf8"))
    assert [card["card_id"] for card in record["cards"]] == ["korea-distress"]
    assert "models/cn_sme_default" not in record["content"]
    used = set(pl.read_parquet(out / "assessment.parquet")["card_id"].drop_nulls())
    assert "cn-sme-default" not in used

    # Retired for a card of another kind, or for one that is retired too: nobody would grade.
    own(cn_sme_default=retired("us-bankruptcy", on=AS_OF))
    assert "may not be used" in str(run(*argv, "--register", folder).exception)
    with pytest.raises(InvalidInput, match="card cn-sme-default was retired"):
        assess_store(Job(store.snapshot(), AS_OF, None, load_content(register=folder), out))
    assert json.loads((out / "run.json").read_text("utf8")) == record


def test_entries_of_ones_own_stand_instead_of_the_shipped_ones_only(own):
    entries = load_register(own(sba_lgd=approved("x")))
    assert entries["sba-lgd"].owner.en == "Model unit"
    assert entries["sba-default"].developed_on == date(2026, 11, 25)
