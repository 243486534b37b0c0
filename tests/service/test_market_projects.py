"""`market projects` on files: figures by hand, both edges of a band, marks carried, wrong cells."""

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn, NotInForce, TechflowError
from techflow.matching.project_pairs import PROJECT_REFUSALS
from techflow.matching.project_reasons import PROJECT_REASONS
from techflow_service.cli import techflow
from techflow_service.matching.project_wording import WORDS
from techflow_service.matching.projects import fund_files

ON = date(2026, 6, 30)
COLUMNS = (
    *("project_id", "kind", "need_cny", "minimum_cny", "horizon_years", "stage", "sector"),
    *("region", "expected_return_pa", "return_source", "return_sd_pa", "paid_in_cny"),
)
PROJECTS = f"""{",".join(COLUMNS)}
fund,venture_fund,1000000000,600000000,10,growth,C39,31,0.09,plan of the manager,0.2,1000000000
lab,unlisted_equity,200000000,100000000,8,growth,C26,33,0.07,operator,0.15,
star,star_shares,300000000,,5,growth,C39,44,0.08,operator,0.25,
park,debt,500000000,400000000,12,stable,E48,33,0.055,term sheet,0.02,
early,unlisted_equity,50000000,,,start_up,I65,31,0.12,operator,0.4,
huge,unlisted_equity,9e10,8e10,8,growth,C26,33,0.10,operator,0.15,
"""
OWN = "provider_id,product,available_cny,assets_cny,solvency_share,equity_cny"
PROVIDERS = f"""{OWN},capital_cost_rate_pa
insurer1,insurer-project-equity,800000000,1e11,2.0,29500000000,
insurer2,insurer-project-equity,400000000,5e10,0.999,5000000000,0.02
insurer3,insurer-project-equity,400000000,5e10,,5000000000,
pension,pension-project-equity,300000000,2e10,,,
patient,patient-fund-equity,500000000,3e9,,,
"""


@pytest.fixture
def files(tmp_path):
    def write(projects=PROJECTS, providers=PROVIDERS):
        (tmp_path / "projects.csv").write_text(projects, "utf8")
        (tmp_path / "providers.csv").write_text(providers, "utf8")
        return tmp_path / "projects.csv", tmp_path / "providers.csv"

    return write


def given(found):
    return {row[:2]: row[2] for row in found.tickets.rows()}


def test_figures_by_hand(files):
    """Fund: 30 % of paid-in (law), 20 % and 10 % of 3 bn (proposals). Lab and star: 40 + 40 + 20 %
    of the need. Insurer 1 has room for 500 m of equity: 30 % of 100 bn less 29.5 bn."""
    found = fund_files(*files(), on=ON)
    told = given(found)
    assert {key[1]: cny for key, cny in told.items() if key[0] == "fund"} == {
        "insurer1": 3e8, "pension": 2e8, "patient": 3e8,
    }  # fmt: skip
    assert told["lab", "insurer1"] == 8e7 and told["star", "insurer1"] == 1.2e8
    assert found.summary["gain_cny"] == pytest.approx(
        3e8 * 0.04 + 2e8 * 0.045 + 3e8 * 0.05  # fund
        + 8e7 * 0.02 + 4e7 * 0.025 + 8e7 * 0.03  # lab
        + 1.2e8 * 0.03 + 6e7 * 0.035 + 1.2e8 * 0.04  # star
        + 5e8 * 0.005  # park, from insurers
    )  # fmt: skip
    assert found.summary["gap_share"] < 1e-6
    limits = {row[:2]: row for row in found.limits.rows()}
    assert limits["insurer1", "equity_room_cny"][2:4] == (5e8, 5e8)
    assert limits["insurer3", "equity_room_cny"][2] is None


def test_each_project_is_told_why_with_the_marks_of_its_limits(files):
    found = fund_files(*files(), on=ON).projects
    told = {row["project_id"]: row for row in found.iter_rows(named=True)}
    assert found["project_id"].to_list() == ["fund", "lab", "star", "park", "early", "huge"]
    assert "30%, text, 金规〔2025〕12号" in told["fund"]["reason_en"]
    assert "20%, proposal, house view" in told["fund"]["reason_en"]
    assert "10%，建议值，自拟" in told["fund"]["reason_zh"]
    # 0.4 x 2 % a year for tied-up capital; 10 % of its assets are held already.
    assert "(2.20% less 0.00%; insurer1 3.00% less" in told["star"]["reason_en"]
    assert "is used up (10%, text" in told["star"]["reason_en"]
    assert told["park"]["reason_code"] == "no_room"
    assert told["early"]["reason_en"] == (
        "no money: no provider may take it (1 by stage; 4 because its horizon is unknown)"
    )
    assert "reach 1,000,000,000.00 yuan together" in told["huge"]["reason_en"]
    assert all(re.search("[一-鿿]", row["reason_zh"]) for row in told.values())
    assert not any(re.search(r" (rather|because|yuan) ", row["reason_zh"]) for row in told.values())


EDGES = [
    *((0.999, 0.1), (1.0, 0.2), (1.499, 0.2), (1.5, 0.3), (2.499, 0.3), (2.5, 0.4)),
    *((3.499, 0.4), (3.5, 0.5)),
]


@pytest.mark.parametrize(("solvency", "ceiling"), EDGES)
def test_the_ceiling_at_both_edges_of_each_band(files, solvency, ceiling):
    """金规〔2025〕12号: below 100 % 10 %, then 20, 30, 40 and from 350 % 50 %."""
    projects = "\n".join(PROJECTS.splitlines()[:2]).replace(",600000000,", ",0,")
    held = ceiling * 1e11 - 123_456_789.01
    providers = (
        f"{PROVIDERS.splitlines()[0]}\ni,insurer-project-equity,1e9,1e11,{solvency},{held:.2f},"
    )
    found = fund_files(*files(projects, providers), on=ON)
    assert given(found) == {("fund", "i"): 123_456_789.01}
    assert found.tickets["limit_code"].to_list() == ["equity_ceiling"]
    assert f"{100 * ceiling:g}%, text" in found.tickets["limit_en"][0]


def test_an_insurer_of_ones_own_as_files(files, tmp_path):
    folder = tmp_path / "mine" / "my_insurer"
    folder.mkdir(parents=True)
    (folder / "product.toml").write_text(
        'id = "my-insurer"\nzh = "本公司"\nen = "Mine"\nkind = "project"\nprovider = "insurer"\n'
    )
    row = '{ since = 2026-01-01, value = 0.03, status = "proposal", reference = "内部 / own" }'
    (folder / "params.toml").write_text(
        '[required_return_pa]\nzh = "要求回报"\nen = "Required"\nunit = "rate_pa"\n'
        f"values = [{row}]\n"
    )
    providers = f"{PROVIDERS.splitlines()[0]}\nmine,my-insurer,1e9,1e11,2,0,"
    found = fund_files(*files(PROJECTS, providers), on=ON, folder=folder.parent)
    assert given(found)["lab", "mine"] == 2e8
    with pytest.raises(InvalidInput, match="row 2: product must be one of insurer-project-equity"):
        fund_files(*files(PROJECTS, providers), on=ON)


WRONG = [
    (
        {"projects": PROJECTS.replace("1000000000,600", "-1000000000,600")},
        r"row 2: need_cny .*-100",
    ),
    ({"projects": PROJECTS.replace("600000000", "1600000000")}, "minimum_cny must be no more than"),
    ({"projects": PROJECTS.replace("star_shares", "bitcoin")}, "row 4: kind must be one of vent"),
    ({"projects": PROJECTS.replace("term sheet", "")}, "row 5: return_source must be there"),
    ({"projects": PROJECTS.replace("need_cny", "need")}, "has no column need_cny"),
    ({"projects": PROJECTS.splitlines()[0]}, "no row"),
    ({"providers": PROVIDERS.replace("800000000", "0")}, "row 2: available_cny .* 0.01; got '0'"),
    (
        {"providers": PROVIDERS.replace("800000000", "-8")},
        "available_cny .* at least 0.01; got '-8",
    ),
    (
        {"providers": PROVIDERS.replace("patient-fund-equity", "venture-debt")},
        "row 6: product must",
    ),
    ({"providers": PROVIDERS.replace(",3e9,", ",,")}, "row 6: assets_cny is empty"),
    ({"providers": PROVIDERS.replace("insurer2", "insurer1")}, "provider_id must be there once"),
]


@pytest.mark.parametrize(("changed", "message"), WRONG, ids=[text for _, text in WRONG])
def test_wrong_input_is_named_with_its_place(files, changed, message):
    with pytest.raises(TechflowError, match=message):
        fund_files(*files(**changed), on=ON)


def test_law_that_is_not_in_force_and_a_column_that_is_missing(files):
    with pytest.raises(NotInForce):
        fund_files(*files(), on=date(2025, 4, 7))
    with pytest.raises(MissingColumn, match="assets_cny"):
        fund_files(*files(providers=PROVIDERS.replace("assets_cny", "size")), on=ON)


def test_command_writes_four_files(files, tmp_path):
    words = ["market", "projects", *map(str, files()), "--out", str(tmp_path / "o"), "--on"]
    done = CliRunner().invoke(techflow, [*words, "2026-06-30"], catch_exceptions=False)
    assert done.exit_code == 0 and "4 of 6 projects" in done.output
    summary = json.loads(Path(tmp_path / "o/summary.json").read_text("utf8"))
    assert summary["marks"] == ["proposal", "text"] and summary["on"] == "2026-06-30"
    assert pl.read_csv(tmp_path / "o/projects.csv").height == 6


def test_no_ticket_at_all(files):
    found = fund_files(
        *files(projects="\n".join([*PROJECTS.splitlines()[:1], PROJECTS.splitlines()[5]])), on=ON
    )
    assert found.tickets.is_empty() and found.summary["funded_n"] == 0


def test_every_code_has_words_in_both_languages():
    assert set(WORDS["reason"]) == set(PROJECT_REASONS)
    assert set(WORDS["refusal"]) == set(PROJECT_REFUSALS)
    for words in (each for topic in WORDS.values() for each in topic.values()):
        fields = [set(re.findall(r"\{(\w+)\}", words[language])) for language in ("zh", "en")]
        assert fields[0] == fields[1], words
