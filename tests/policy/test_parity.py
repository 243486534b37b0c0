"""Random rules and random facts: columns, SQL and the twin must say the same; order is free."""

from datetime import date

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.policy import (
    Amount,
    AnswerOf,
    Case,
    Choose,
    Condition,
    Excess,
    Facts,
    Fixed,
    Flag,
    Given,
    Growth,
    Judged,
    Law,
    Listed,
    Mean,
    Params,
    Plus,
    Policy,
    Share,
    Steps,
    Total,
    Value,
    Version,
    all_of,
    any_of,
    best_of,
    decide,
    evaluate,
    evaluate_by_date,
    in_order,
    least_of,
    total_points,
)
from techflow.policy.sql import to_sql

DAY = date(2024, 1, 1)
FACTS = Facts.from_data(
    {
        name: {"kind": kind, "zh": name, "en": name, **more}
        for name, kind, more in [
            ("sales_cny", "money", {"years": 3}),
            ("rnd_cny", "money", {}),
            ("staff_n", "count", {}),
            ("stake_share", "share", {}),
            ("expert_points", "points", {}),
            ("listed", "flag", {}),
            ("clean", "flag", {}),
            ("region_code", "code", {}),
        ]
    }
)
SOURCE = {"since": DAY, "reference": "none", "status": "proposal"}


def param(**row):
    spec = {"zh": "数", "en": "number", "unit": "", "checked_on": DAY, "op": ">="}
    return {**spec, "values": [{**SOURCE, **row}]}


PARAMS = Params.from_data(
    {
        "tenth": param(value="10%"),
        "two": param(value=2),
        "half": param(value="0.5"),
        "million": param(value=1_000_000),
        "codes": param(codes=["44", "3201"]),
        "falling": param(steps=[["30%", 20], ["10%", "7.5"], ["> 0", 2]], otherwise=0),
        "rising": param(steps=[["<= 0", "-3"], ["< 5", "1/3"]], otherwise=9),
        "bound_steps": param(steps=[[100, "30%"], [2, "10%"]], otherwise="5%"),
    }
)
MEASURES = st.sampled_from(
    [
        "staff_n",
        "rnd_cny",
        Share("rnd_cny", "sales_y0_cny"),
        Share("rnd_cny", Total("sales_cny", 3)),
        Excess("stake_share", Share("rnd_cny", "sales_y0_cny")),
        Plus(("rnd_cny", "sales_y1_cny")),
        Mean("sales_cny", 2),
        Growth("sales_cny", 3),
        Share("rnd_cny", "staff_n"),
    ]
)
OPS = st.sampled_from([">=", ">", "<=", "<", "=="])
NUMBERS = st.sampled_from(["tenth", "two", "half", "million"])


@st.composite
def trees(draw):
    """A rule with every kind of node, each with its own name."""
    counter = iter(range(10_000))

    def name(kind):
        return f"{kind}{next(counter)}"

    def points(depth):
        kind = draw(st.integers(0, 3 if depth == 0 else 8))
        if kind <= 1:
            return Steps(name("s"), draw(MEASURES), draw(st.sampled_from(["falling", "rising"])))
        if kind == 2:
            return Judged(name("j"), "expert_points", "two")
        if kind == 3:
            return Fixed(name("f"), draw(NUMBERS))
        if kind == 4:
            return Given(name("g"), truth(depth - 1), draw(NUMBERS))
        if kind == 5:
            return Case(name("c"), truth(depth - 1), points(depth - 1), points(depth - 1))
        parts = [points(depth - 1) for _ in range(draw(st.integers(1, 3)))]
        if kind == 6:
            return total_points(name("t"), *parts, cap=draw(st.sampled_from([None, "two"])))
        return (best_of if kind == 7 else least_of)(name("b"), *parts)

    def truth(depth):
        kind = draw(st.integers(0, 3 if depth <= 0 else 8))
        if kind == 0:
            fact = draw(st.sampled_from(["listed", "clean"]))
            return Flag(name("h"), fact, "1", draw(st.booleans()))
        if kind == 1:
            return Listed(name("l"), "region_code", "codes", draw(st.booleans()))
        if kind == 2:
            return Condition(name("m"), draw(MEASURES), draw(OPS), draw(NUMBERS))
        if kind == 3:
            bound = Steps(name("k"), "staff_n", "bound_steps")
            return Condition(name("d"), Share("rnd_cny", "sales_y0_cny"), draw(OPS), bound)
        if kind <= 5:
            parts = [truth(depth - 1) for _ in range(draw(st.integers(1, 3)))]
            return (all_of if kind == 4 else any_of)(name("a"), *parts)
        if kind == 6:
            return Choose(name("w"), *(truth(depth - 1) for _ in range(3)))
        return Condition(name("p"), points(depth - 1), draw(OPS), draw(NUMBERS))

    outcomes = (
        Value("rate", "率", "rate", points(1)),
        Amount("grant_cny", "额", "grant", "rnd_cny", Fixed(name("f"), "tenth"), Fixed("z", "two")),
        Amount(
            *("fee_cny", "费", "fee", "rnd_cny", Steps(name("s"), draw(MEASURES), "falling")),
            split=draw(st.sampled_from(["two", "million"])),
            rate_above=Fixed(name("f"), "half"),
        ),
    )
    return truth(3), outcomes


AMOUNTS = st.one_of(
    st.none(),
    st.sampled_from([0.0, -1.0, 0.004, 0.005, 1e5, 1e6, 1e6 + 0.01, 3e12, 1e16, float("inf")]),
    st.integers(-(10**15), 10**15).map(lambda fen: fen / 100),
)
FIRMS = st.fixed_dictionaries(
    {
        **dict.fromkeys(["sales_y0_cny", "sales_y1_cny", "sales_y2_cny", "rnd_cny"], AMOUNTS),
        "staff_n": st.one_of(st.none(), st.integers(-2, 5), st.just(2**62)),
        "stake_share": st.one_of(st.none(), st.sampled_from([0.1, 0.09999999, 0.5, -0.2])),
        "expert_points": st.one_of(st.none(), st.sampled_from([0.0, 1.25, 2.0, 2.01, -1.0])),
        "listed": st.one_of(st.none(), st.booleans()),
        "clean": st.one_of(st.none(), st.booleans()),
        "region_code": st.one_of(st.none(), st.sampled_from(["44", "4403", "3201", "11", ""])),
    }
)
SCHEMA = {
    **dict.fromkeys(["sales_y0_cny", "sales_y1_cny", "sales_y2_cny", "rnd_cny"], pl.Float64),
    "staff_n": pl.Int64,
    "stake_share": pl.Float64,
    "expert_points": pl.Float64,
    "listed": pl.Boolean,
    "clean": pl.Boolean,
    "region_code": pl.String,
}


def law_of(test, outcomes=(), name="x.y"):
    return Law(
        Policy(name, "甲", "A", "we", (Version(DAY, "none", test, outcomes),)), PARAMS, FACTS
    )


def told(firm, rules):
    """What the twin says, in the names of the columns."""
    out = {}
    for decision in decide(firm, rules).values():
        prefix = decision.rule.prefix
        out[f"{prefix}__answer"] = decision.answer
        out[f"{prefix}__reason"] = decision.reason or None
        out |= {f"{prefix}__ok_{name}": ok for name, ok in decision.results().items()}
        out |= {f"{prefix}__{name}": value for name, value in decision.outcomes.items()}
    return out


def shown(rows, expected):
    return [{name: row[name] for name in one} for row, one in zip(rows, expected, strict=True)]


@settings(deadline=None, max_examples=15)
@given(tree=trees(), firms=st.lists(FIRMS, min_size=1, max_size=12))
def test_columns_sql_and_twin_agree(tree, firms):
    rule = law_of(*tree).on(DAY)
    expected = [told(firm, [rule]) for firm in firms]
    frame = pl.DataFrame(firms, schema=SCHEMA)
    judged = evaluate(nw.from_native(frame.lazy()), [rule], allow_absent=True)
    assert shown(judged.collect(backend="polars").rows(named=True), expected) == expected
    connection = duckdb.connect()
    connection.register("firms", frame.with_row_index("firm_id").to_arrow())
    found = connection.sql(to_sql([rule], dialect="duckdb") + " ORDER BY firm_id").pl()
    assert shown(found.rows(named=True), expected) == expected


@settings(deadline=None, max_examples=8)
@given(tree=trees(), firms=st.lists(FIRMS, min_size=1, max_size=6))
def test_duckdb_columns_agree(tree, firms):
    rule = law_of(*tree).on(DAY)
    expected = [told(firm, [rule]) for firm in firms]
    table = duckdb.connect().from_arrow(pl.DataFrame(firms, schema=SCHEMA).to_arrow())
    judged = evaluate(nw.from_native(table), [rule], allow_absent=True)
    assert shown(judged.collect(backend="polars").rows(named=True), expected) == expected


def user_of(*ids, name="x.user"):
    return law_of(all_of("both", *(AnswerOf(f"of_{i}", i, "1") for i in ids)), name=name)


def test_answers_flow_in_derived_order(make, rows):
    base = law_of(Flag("is_listed", "listed", "1"), name="x.zz")
    laws = [user_of("x.zz", "x.mid"), base, user_of("x.zz", name="x.mid")]
    rules = [law.on(DAY) for law in laws]
    assert [rule.policy_id for rule in in_order(rules)] == ["x.zz", "x.mid", "x.user"]
    frame = pl.DataFrame({"listed": [True, False, None], "on": [DAY] * 3})
    for judged in (evaluate(make(frame), rules), evaluate_by_date(make(frame), laws, on="on")):
        assert [row["x_user__answer"] for row in rows(judged)] == [True, False, None]
    assert decide({"listed": True}, rules)["x.user"].answer is True


def test_circles_and_missing_policies_are_refused():
    circle = [user_of("x.b", name="x.a").on(DAY), user_of("x.a", name="x.b").on(DAY)]
    with pytest.raises(InvalidInput, match="circle"):
        in_order(circle)
    with pytest.raises(InvalidInput, match=r"uses the answer of x\.b"):
        in_order(circle[:1])


def test_a_column_of_the_wrong_type_is_refused(make):
    frame = make(pl.DataFrame({"listed": [1, 0]}))
    with pytest.raises(InvalidInput, match="column listed must hold a flag"):
        evaluate(frame, [law_of(Flag("a", "listed", "1")).on(DAY)])
    with pytest.raises(InvalidInput, match="fact listed is a flag"):
        decide({"listed": 1}, [law_of(Flag("a", "listed", "1")).on(DAY)])
