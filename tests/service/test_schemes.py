"""The schemes that come along, against the policy library and the vectors of the rules."""

import json
from datetime import date
from fractions import Fraction

import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow.flow.schemes import change_days, settle_on
from techflow.pool import share_range
from techflow_service.cli import techflow
from techflow_service.policies import load_laws
from techflow_service.schemes import SCHEMES as ROOT
from techflow_service.schemes import load_scheme, load_schemes

LAWS, SCHEMES = load_laws(), load_schemes()
WANTED = {
    "anhui-4321",
    "anhui-direct",
    "designed-layers",
    "guangzhou-bank",
    "guangzhou-guarantee",
    "sba-7a",
    "shenzhen-2018",
    "sichuan-shudan",
    "special-guarantee-plan",
    "xuancheng-520",
    "zhuhai",
}


def shares(scheme_id, on):
    """Share of each party in hundredths; None for the layer that takes the rest."""
    settled = settle_on(SCHEMES[scheme_id], LAWS, on=on)
    return {
        layer.party: share_range(layer)[1] * 100 if layer.parts else None
        for layer in settled.layers
    }


def test_every_scheme_asked_for_is_there():
    assert set(SCHEMES) == WANTED


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.id)
def test_every_scheme_holds_on_every_day_of_change(scheme):
    days = change_days(scheme, LAWS)
    assert days
    for day in days:
        settled = settle_on(scheme, LAWS, on=day)
        rest = [layer for layer in settled.layers if not layer.parts]
        most = sum(share_range(layer)[1] for layer in settled.layers if layer.parts)
        assert most == 1 or (len(rest) == 1 and most <= 1)
        assert all(said.reference and said.mark for said in settled.said)


def test_numbers_of_law_come_from_the_policy_library():
    for scheme in SCHEMES.values():
        for said in scheme.said:  # what the file itself says: purses, and our own design
            assert said.mark == "proposal" or said.unit in ("cny", "usd")
            assert scheme.id in ("designed-layers", "zhuhai", "shenzhen-2018")


def test_published_splits():
    """财金〔2024〕60号 (20 + 40 + 20 + 20), Anhui 4321, Sichuan 20/60/20, Xuancheng 5 x 20."""
    day = date(2026, 6, 30)
    plan = {"ngf": 40, "reguarantor": 20, "guarantor": None, "bank": 20}
    assert shares("special-guarantee-plan", day) == plan
    assert 100 - sum(share or 0 for share in plan.values()) == 20
    anhui = {"guarantor": 40, "reguarantor": 30, "local": 10, "bank": 20}
    assert shares("anhui-4321", day) == anhui
    assert shares("sichuan-shudan", day) == {"reguarantor": 20, "guarantor": None, "bank": 20}
    assert set(shares("xuancheng-520", day).values()) == {20}
    assert shares("guangzhou-bank", day)["pool"] == 50  # 60 before the cap
    assert shares("guangzhou-guarantee", day)["pool"] == 20
    assert shares("shenzhen-2018", date(2019, 1, 1))["pool"] == 30
    assert shares("zhuhai", day)["pool"] == 90
    assert shares("anhui-direct", day)["pool"] == 35


def test_zhuhai_purse_is_40_million():
    funding = settle_on(SCHEMES["zhuhai"], LAWS, on=date(2026, 6, 30)).funding
    assert sum(fund.amount.value for fund in funding) == Fraction(40_000_000)


SPOILT = [
    ('param = "loss_rate"', 'param = "loss"', "cn.guangzhou_pool_bank has no parameter loss"),
    ("cn.guangzhou_pool_bank", "cn.guangzhou", "there is no policy cn.guangzhou"),
    ('id = "guangzhou-bank"', 'id = "canton"', "must be the name of the folder"),
    ('status = "text"', 'status = "sure"', "status must be one of"),
]


@pytest.mark.parametrize(("old", "new", "words"), SPOILT)
def test_a_spoilt_file_names_what_is_wrong(tmp_path, old, new, words):
    folder = tmp_path / "guangzhou_bank"
    folder.mkdir()
    good = load_text("guangzhou_bank")
    assert old in good
    (folder / "scheme.toml").write_text(good.replace(old, new), "utf8")
    with pytest.raises(InvalidInput, match=words):
        settle_on(load_scheme(folder / "scheme.toml"), LAWS, on=date(2026, 6, 30))


def load_text(name):
    return (ROOT / name / "scheme.toml").read_text("utf8")


def run(*args):
    return CliRunner().invoke(techflow, ["scheme", *args])


def test_list_and_show():
    rows = json.loads(run("list", "--on", "2026-06-30", "--json").output)
    assert {row["id"] for row in rows} == WANTED
    assert [row["id"] for row in rows if not row["in_force"]] == ["shenzhen-2018"]
    for lang, words in (("zh", "[原文] 珠海市科技信贷风险补偿金: 有效"), ("en", "not in force")):
        assert words in run("list", "--on", "2026-06-30", "--lang", lang).output
    told = json.loads(run("show", "zhuhai", "--on", "2026-06-30", "--json").output)
    assert {"policy": "cn.zhuhai_pool", "param": "project_cny_max"}.items() <= next(
        row for row in told["numbers"] if row["value"] == 3_000_000
    ).items()
    for lang, word in (("zh", "熔断"), ("en", "Circuit breakers")):
        shown = run("show", "guangzhou-bank", "--on", "2026-06-30", "--lang", lang).output
        assert word in shown and "3 %" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme_id", sorted(WANTED))
def test_each_scheme_can_be_told(scheme_id, lang):
    day = str(SCHEMES[scheme_id].since)
    shown = run("show", scheme_id, "--on", day, "--lang", lang)
    assert shown.exit_code == 0 and getattr(SCHEMES[scheme_id], lang) in shown.output


def test_an_unknown_scheme_and_day():
    found = run("show", "nowhere")
    assert isinstance(found.exception, InvalidInput)
    assert "there are anhui-4321" in str(found.exception)
    found = run("show", "shenzhen-2018", "--on", "2026-06-30")
    assert "not in force on 2026-06-30" in str(found.exception)
