"""At every threshold: the columns against `fractions.Fraction`, at, one unit under, one over."""

import operator
from datetime import date
from fractions import Fraction

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from techflow.policy import (
    Condition,
    Facts,
    Growth,
    Law,
    MeanGrowth,
    Params,
    Policy,
    Share,
    Total,
    Version,
    decide_one,
    evaluate,
)

DAY = date(2024, 1, 1)
MONEY = {"kind": "money", "zh": "金额", "en": "amount"}
FACTS = Facts.from_data(
    {
        "part_cny": MONEY,
        "whole_cny": MONEY,
        "revenue_cny": {**MONEY, "years": 4},
        "people_n": {"kind": "count", "zh": "人数", "en": "people"},
        "stake_share": {"kind": "share", "zh": "比例", "en": "stake"},
    }
)
OPS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


def rule_of(measure, op, bound):
    row = {"since": DAY, "value": bound, "reference": "none", "status": "proposal"}
    spec = {"zh": "界", "en": "bound", "unit": "share", "checked_on": DAY, "values": [row]}
    test = Condition("it", measure, op, "bound")
    policy = Policy("x.y", "甲", "A", "we", (Version(DAY, "none", test),))
    return Law(policy, Params.from_data({"bound": spec}), FACTS).on(DAY)


def answers(frame, rule):
    judged = evaluate(nw.from_native(frame.lazy()), [rule], detail="answers")
    return judged.collect(backend="polars").to_native()["x_y__answer"].to_list()


def yuan(fen):
    return [value / 100 for value in fen]


def around(values):
    return [value + step for value in values for step in (-1, 0, 1)]


def test_every_percentage_at_its_threshold():
    """99 percentages x 400 wholes x (one fen under, at, over) = 118,800 cases; none wrong."""
    seed = np.random.default_rng(7)
    wrong = 0
    for percent in range(1, 100):
        share = Fraction(percent, 100)
        wholes = [int(x) * 100 for x in 10 ** seed.uniform(2, 13, 400)]
        parts = around([int(share * whole) for whole in wholes])
        wholes = [whole for whole in wholes for _ in range(3)]
        frame = pl.DataFrame({"part_cny": yuan(parts), "whole_cny": yuan(wholes)})
        op = (">=", ">", "<=", "<")[percent % 4]
        got = answers(frame, rule_of(Share("part_cny", "whole_cny"), op, f"{percent}%"))
        pairs = zip(parts, wholes, strict=True)
        expected = [OPS[op](Fraction(part, whole), share) for part, whole in pairs]
        wrong += sum(a != b for a, b in zip(got, expected, strict=True))
    assert wrong == 0


@pytest.mark.parametrize("years", [2, 3, 4])
@pytest.mark.parametrize("percent", ["3.7%", "8%", "20%", "25%", "33.33%", "100%", "-10%"])
def test_compound_growth_at_its_threshold(years, percent):
    """Exact equality exists where the first year is a multiple of the denominator's power."""
    goal = (1 + Fraction(percent[:-1]) / 100) ** (years - 1)
    firsts = [goal.denominator * k for k in (1, 7, 12345) if goal.denominator * k < 2**44]
    firsts += [99_999_999_937, 3_000_000_019]
    lasts = around([int(goal * first) for first in firsts])
    firsts = [first for first in firsts for _ in range(3)]
    frame = pl.DataFrame({"revenue_y0_cny": yuan(lasts), f"revenue_y{years - 1}_cny": yuan(firsts)})
    got = answers(frame, rule_of(Growth("revenue_cny", years), ">=", percent))
    assert got == [Fraction(a, b) >= goal for a, b in zip(lasts, firsts, strict=True)]


def test_mean_growth_at_its_threshold(make, rows):
    """Products of two amounts need more than 64 bits: 100 -> 115 -> 132.25 grows 15 %."""
    base = [10_000 * k for k in (1, 200_000, 170_000_000, 150_000_000_000)]
    lasts = around([value * 13225 // 10000 for value in base])
    first, second = ([v * k // 100 for v in base for _ in range(3)] for k in (100, 115))
    frame = pl.DataFrame(
        {
            "revenue_y0_cny": yuan(lasts),
            "revenue_y1_cny": yuan(second),
            "revenue_y2_cny": yuan(first),
        }
    )
    rule = rule_of(MeanGrowth("revenue_cny", 3), ">=", "15%")
    found = [row["x_y__answer"] for row in rows(evaluate(make(frame), [rule]))]
    triples = zip(first, second, lasts, strict=True)
    means = [(Fraction(b, a) + Fraction(c, b)) / 2 - 1 for a, b, c in triples]
    assert found == [mean >= Fraction(15, 100) for mean in means]
    assert found == [False, True, True] * 4


def test_sums_of_years_at_their_threshold():
    lasts = around([2_000_000_000])
    frame = pl.DataFrame(
        {
            "revenue_y0_cny": yuan(lasts),
            "revenue_y1_cny": yuan([3_333_333_333] * 3),
            "revenue_y2_cny": yuan([2_666_666_667] * 3),
        }
    )
    got = answers(frame, rule_of(Total("revenue_cny", 3), ">=", 80_000_000))
    assert got == [False, True, True]


@pytest.mark.parametrize(
    ("name", "values", "bound", "expected"),
    [
        ("people_n", [499, 500, 501], 500, [True, True, False]),
        ("stake_share", [0.09999999, 0.1, 0.10000001], "10%", [True, True, False]),
        ("part_cny", [2e8 - 0.01, 2e8, 2e8 + 0.01], 200_000_000, [True, True, False]),
    ],
)
def test_plain_bounds(name, values, bound, expected):
    assert answers(pl.DataFrame({name: values}), rule_of(name, "<=", bound)) == expected


def test_numbers_that_cannot_be_trusted_are_unknown_with_a_reason(make, rows):
    values = [2.3e13, -2.3e13, float("nan"), float("inf"), 1e300, None, 1.0]
    rule = rule_of("part_cny", ">=", 1)
    found = rows(evaluate(make(pl.DataFrame({"part_cny": values})), [rule]))
    assert [row["x_y__answer"] for row in found] == [None] * 6 + [True]
    assert [row["x_y__reason"] for row in found] == ["unusable"] * 5 + ["undecided", None]
    twin = [decide_one({"part_cny": value}, rule) for value in values]
    assert [one.answer for one in twin] == [None] * 6 + [True]
    assert [one.reason or None for one in twin] == [row["x_y__reason"] for row in found]


def test_half_a_person_is_no_count(make, rows):
    rule = rule_of("people_n", ">=", 1)
    found = rows(evaluate(make(pl.DataFrame({"people_n": [0.5, 2.0]})), [rule]))
    assert [row["x_y__answer"] for row in found] == [None, True]


@pytest.mark.parametrize("percent", [301, 500])
def test_sums_of_years_at_the_limits_of_the_facts(make, rows, percent):
    """Three years of nearly 2**51 fen: the sum fits float64, a hundred times the sum does not."""
    years = [[2**51 - 7 * k - year for k in range(60)] for year in range(3)]
    sums = [sum(firm) for firm in zip(*years, strict=True)]
    wholes = [total * 100 // percent + k % 3 - 1 for k, total in enumerate(sums)]
    columns = {f"revenue_y{year}_cny": yuan(fen) for year, fen in enumerate(years)}
    frame = make(pl.DataFrame(columns | {"whole_cny": yuan(wholes)}))
    rule = rule_of(Share(Total("revenue_cny", 3), "whole_cny"), ">=", f"{percent}%")
    exact = [Fraction(a, b) >= Fraction(percent, 100) for a, b in zip(sums, wholes, strict=True)]
    assert {*exact} == {True, False}
    assert [row["x_y__answer"] for row in rows(evaluate(frame, [rule]))] == exact
