"""Static checks: each way to be wrong gives one clear word."""

from datetime import date

import pytest
from tests.pool.demo import DEMO, demo, number

from techflow.basics import InvalidInput, NotInForce
from techflow.pool import check_scheme, find_problems

PARTIES, LAYERS = DEMO["party"], DEMO["layer"]
POOL, GUARANTOR, BANK = LAYERS
EXTRA = number("40%") | {"any": ["first_loan"]}


def test_the_demo_is_right():
    assert list(find_problems(demo())) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since": "2024-01-01"}, "since must be a day without quotes"),
        ({"until": date(2024, 1, 1)}, "until must be after since 2024-01-01"),
        ({"base": "interest"}, "base must be one of principal_loss, npl_balance"),
        ({"rebate": 1}, "has no key rebate"),
        ({"layer": [{"party": "pool"}]}, r"\[\[layer\]\] lacks share"),
        ({"layer": [POOL | {"share": 0.3}, GUARANTOR, BANK]}, "share must be a table; got 0.3"),
        ({"layer": [POOL | {"share": {"value": 1}}, BANK]}, "lacks unit, reference, status"),
        ({"layer": [POOL | {"share": number("x%")}, BANK]}, "must be a number"),
        ({"cap": [{"party": "pool", "scope": "town", "amount": number(1)}]}, "scope must be one"),
        ({"recovery": {"order": ["pool"], "status": "text"}}, "must be a list of lists"),
    ],
)
def test_a_wrong_file_is_refused(changes, words):
    with pytest.raises(InvalidInput, match=words):
        demo(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"layer": [POOL, GUARANTOR, BANK | {"share": number("19%")}]},
            "shares must add to 100 %; they add to 99.000000%",
        ),
        (
            {"layer": [POOL | {"share": number("60%")}, GUARANTOR, BANK]},
            "shares can add to 110.000000%, more than 100 %",
        ),
        (
            {"layer": [POOL | {"share": [number("30%"), EXTRA]}, GUARANTOR, BANK]},
            "shares can add to 120.000000%, more than 100 %",
        ),
        (
            {"layer": [POOL, GUARANTOR | {"share": "rest"}, BANK]},
            "only one layer can take the rest",
        ),
        ({"layer": [POOL | {"share": number("1/3")}, GUARANTOR, BANK]}, "whole millionths"),
        ({"layer": [POOL | {"share": number("-1%")}, GUARANTOR, BANK]}, r"in \[0 %, 100 %\]"),
        ({"layer": [POOL, GUARANTOR | {"spill": "pool"}, BANK]}, "must be a later layer"),
        ({"layer": [POOL, BANK, GUARANTOR]}, "the same, in the same order"),
        (
            {"layer": [POOL | {"bound_max": number("20%")}, GUARANTOR, BANK]},
            "share of pool may be 30.00%; the most allowed is 20.00%",
        ),
        (
            {"cap": [{"party": "pool", "scope": "firm", "amount": number(-1, "cny")}]},
            "cap of pool by firm must be 0 or more",
        ),
        (
            {"cap": [{"party": "pool", "scope": "firm", "amount": number(5, "usd")}]},
            "must be in cny; got usd",
        ),
        (
            {"cap": [{"party": "bank", "scope": "firm", "amount": number(5, "cny")}]},
            "the last layer bank bears what is left",
        ),
        (
            {"cap": [{"party": "city", "scope": "firm", "amount": number(5, "cny")}]},
            "there is no party city; it has pool, guarantor, bank",
        ),
        ({"recovery": {"order": [["pool"]], "status": "text"}}, "must name each party once"),
    ],
)
def test_a_scheme_that_cannot_hold_is_told(changes, words):
    with pytest.raises(InvalidInput, match=words):
        check_scheme(demo(**changes))


def test_every_problem_is_told_at_once():
    wrong = demo(layer=[POOL | {"share": number("60%")}, GUARANTOR | {"spill": "pool"}, BANK])
    assert len(list(find_problems(wrong))) == 2


def test_days_are_half_open():
    scheme = demo(until=date(2025, 1, 1))
    scheme.check_day(date(2024, 12, 31))
    for day in (date(2023, 12, 31), date(2025, 1, 1)):
        with pytest.raises(NotInForce, match="from 2024-01-01 until 2025-01-01"):
            scheme.check_day(day)


def test_a_parameter_must_be_filled_in():
    scheme = demo(layer=[POOL | {"share": {"param": "x"}}, GUARANTOR, BANK])
    with pytest.raises(InvalidInput, match=r"no value of cn\.demo x"):
        scheme.settle({})
    with pytest.raises(InvalidInput, match="settle the scheme first"):
        check_scheme(scheme)
