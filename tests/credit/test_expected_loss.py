"""Stages and losses on each engine, against a plain loop over years and closed forms."""

import math

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit.expected_loss import Scenario, book_losses, measure_losses
from techflow.credit.loss_stages import STAGES, StageRules, stage_loans

LOAN = {
    "days_overdue": 0.0,
    "in_default": False,
    "pd": 0.02,
    "pd_at_origination": 0.02,
    "exposure_cny": 1e6,
    "lgd": 0.45,
    "rate_pa": 0.05,
    "maturity_years": 2.5,
    "repayment": "bullet",
}
SCHEMA = dict.fromkeys(LOAN, pl.Float64) | {
    "n": pl.Int64,
    "in_default": pl.Boolean,
    "repayment": pl.String,
}
THREE = (Scenario("good", 0.2, -0.5, 0.9), Scenario("base", 0.5), Scenario("bad", 0.3, 1.0, 1.5))


def table(changes, extra=()):
    rows = [{"n": n} | LOAN | change for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema=SCHEMA | dict(extra))


@pytest.fixture
def run(make, rows):
    def measured(frame, **options):
        found = measure_losses(stage_loans(make(frame)), **{"years_n": 10} | options)
        return sorted(rows(found), key=lambda row: row["n"])

    return measured


def plain(loan, hazards, scenarios, *, months_12=False):
    """The sum written as a loop: default in the middle of each year."""
    total = 0.0
    for s in scenarios:
        alive, year, left = 1.0, 0, loan["maturity_years"]
        while year < left:
            odds = hazards[min(year, len(hazards) - 1)]
            odds = odds / (1 - odds) * math.exp(s.log_odds_shift)
            part = min(1.0, left - year)
            middle = year + part / 2
            dies = alive * (1 - (1 - odds / (1 + odds)) ** part)
            falls = loan["repayment"] == "equal_principal"
            exposure = loan["exposure_cny"] * ((1 - middle / left) if falls else 1)
            lgd = min(1.0, loan["lgd"] * s.lgd_factor)
            total += s.weight * dies * lgd * exposure / (1 + loan["rate_pa"]) ** middle
            alive, year = alive - dies, year + 1
            if months_12:
                break
    return total


EDGES = [
    ({}, "no_rise"),
    ({"days_overdue": 30.0}, "no_rise"),
    ({"days_overdue": 31.0}, "overdue_stage_2"),
    ({"days_overdue": 89.0}, "overdue_stage_2"),
    ({"days_overdue": 90.0}, "overdue_stage_3"),
    ({"days_overdue": 90.0, "in_default": None}, "overdue_stage_3"),
    ({"in_default": True, "days_overdue": None}, "in_default"),
    ({"in_default": None}, "in_default_unknown"),
    ({"days_overdue": None}, "days_overdue_unknown"),
    ({"days_overdue": -1.0}, "days_overdue_unknown"),
    ({"pd": 0.06}, "no_rise"),
    ({"pd": 0.0601}, "pd_rise"),
    ({"pd": 0.004, "pd_at_origination": 0.001}, "no_rise"),  # rise under half a point
    ({"pd": 0.007, "pd_at_origination": 0.002}, "pd_rise"),
    ({"pd_at_origination": None}, "overdue_only"),
    ({"pd_at_origination": math.nan}, "overdue_only"),
    ({"pd": 1.2}, "overdue_only"),
    ({"pd": None, "days_overdue": 31.0}, "overdue_stage_2"),
]


def test_stage_at_each_edge(make, rows):
    found = rows(stage_loans(make(table([change for change, _ in EDGES]))))
    assert len(found) == len(EDGES)
    for row in found:
        reason = EDGES[row["n"]][1]
        stage, words, clause = STAGES[reason]
        assert (row["stage_reason"], row["stage"]) == (reason, stage), EDGES[row["n"]]
        assert (row["stage_reason_zh"], row["stage_reason_en"]) == (words.zh, words.en)
        assert row["stage_clause"] == (clause or None) and bool(clause) == (stage is not None)


def test_stage_one_closed_form(run):
    (row,) = run(table([{}]))
    assert row["ecl_12m_cny"] == pytest.approx(1e6 * 0.45 * 0.02 * 1.05**-0.5)
    assert row["ecl_cny"] == row["ecl_12m_cny"] < row["ecl_lifetime_cny"]
    assert row["coverage_ratio"] == pytest.approx(row["ecl_cny"] / 1e6)
    assert row["loss_reason"] is None


def test_lifetime_closed_form_of_a_geometric_series(run):
    # Constant hazard h, whole years, bullet: h v^1/2 (1 - q^T) / (1 - q), q = (1 - h) v.
    (row,) = run(table([{"days_overdue": 40.0, "maturity_years": 7.0}]))
    v, h = 1 / 1.05, 0.02
    q = (1 - h) * v
    assert row["ecl_cny"] == pytest.approx(1e6 * 0.45 * h * v**0.5 * (1 - q**7) / (1 - q))


def test_stage_three_is_lgd_on_exposure_and_needs_no_more(run):
    bare = {"pd": None, "rate_pa": None, "maturity_years": None, "repayment": None}
    (row,) = run(table([{"in_default": True} | bare]), scenarios=THREE)
    expected = 1e6 * (0.2 * 0.405 + 0.5 * 0.45 + 0.3 * 0.675)
    assert row["ecl_cny"] == row["ecl_12m_cny"] == pytest.approx(expected)


LOANS = st.fixed_dictionaries(
    {
        "pd": st.floats(1e-6, 0.9),
        "lgd": st.floats(0, 1),
        "rate_pa": st.floats(-0.01, 0.3),
        "maturity_years": st.floats(0.01, 10),
        "repayment": st.sampled_from(["bullet", "equal_principal"]),
        "days_overdue": st.sampled_from([0.0, 45.0]),
    }
)


@settings(max_examples=6, deadline=None)
@given(st.lists(LOANS, min_size=10, max_size=80))
def test_equals_a_plain_loop(changes):
    frame = nw.from_native(table(changes).lazy())
    found = measure_losses(stage_loans(frame), years_n=10, scenarios=THREE).collect()
    for row in found.rows(named=True):
        loan = LOAN | changes[row["n"]]
        year = plain(loan, [loan["pd"]], THREE, months_12=True)
        life = plain(loan, [loan["pd"]], THREE)
        assert row["ecl_12m_cny"] == pytest.approx(year, rel=1e-9, abs=1e-6)
        assert row["ecl_lifetime_cny"] == pytest.approx(life, rel=1e-9, abs=1e-6)
        assert row["ecl_cny"] == row["ecl_12m_cny" if row["stage"] == 1 else "ecl_lifetime_cny"]


def test_a_term_structure_and_scenarios_on_each_engine(run):
    changes = [{"days_overdue": 45.0, "repayment": kind} for kind in ("bullet", "equal_principal")]
    frame = table(changes).with_columns(pd_1=0.02, pd_2=0.05)
    found = run(frame, pd_term=("pd_1", "pd_2"), scenarios=THREE)
    hazards = [0.02, 0.03 / 0.98]
    for row, change in zip(found, changes, strict=True):
        assert row["ecl_cny"] == pytest.approx(plain(LOAN | change, hazards, THREE), rel=1e-9)


UNMEASURED = [
    ({"in_default": None}, "stage_unknown"),
    ({"exposure_cny": -1.0}, "exposure_cny_unknown"),
    ({"lgd": None}, "lgd_unknown"),
    ({"lgd": 45.0}, "lgd_unknown"),
    ({"pd": None}, "pd_unknown"),
    ({"rate_pa": math.nan}, "rate_pa_unknown"),
    ({"maturity_years": 0.0}, "maturity_years_unknown"),
    ({"maturity_years": 10.1}, "maturity_beyond"),
    ({"repayment": "balloon"}, "repayment_unknown"),
    ({"repayment": None}, "repayment_unknown"),
]


def test_a_loan_that_cannot_be_measured_says_why(run):
    found = run(table([change for change, _ in UNMEASURED]))
    assert [row["loss_reason"] for row in found] == [reason for _, reason in UNMEASURED]
    for row in found:
        assert row["loss_reason_zh"] and row["loss_reason_en"]
        assert row["ecl_cny"] is row["ecl_12m_cny"] is row["coverage_ratio"] is None


def test_zero_exposure_has_no_coverage(run):
    (row,) = run(table([{"exposure_cny": 0.0}]))
    assert row["ecl_cny"] == 0.0 and row["coverage_ratio"] is None


def test_book_adds_up(make, rows):
    changes = [{}, {"days_overdue": 45.0}, {"days_overdue": 45.0, "lgd": None}, {"lgd": 0.1}]
    frame = table(changes).with_columns(book=pl.Series(["a", "a", "a", "b"]))
    loans = measure_losses(stage_loans(make(frame)), years_n=5)
    found = {(row["book"], row["stage"]): row for row in rows(book_losses(loans, by=["book"]))}
    single = {row["n"]: row for row in rows(loans)}
    assert set(found) == {("a", 1), ("a", 2), ("b", 1)}
    assert (found["a", 2]["loans_n"], found["a", 2]["measured_n"]) == (2, 1)
    assert found["a", 2]["ecl_cny"] == pytest.approx(single[1]["ecl_cny"])
    assert found["a", 2]["coverage_ratio"] == pytest.approx(single[1]["coverage_ratio"])
    (whole,) = [row for row in rows(book_losses(loans)) if row["stage"] == 1]
    assert whole["ecl_cny"] == pytest.approx(single[0]["ecl_cny"] + single[3]["ecl_cny"])


def test_callers_mistakes_are_refused(make):
    staged = stage_loans(make(table([{}])))
    with pytest.raises(MissingColumn, match="lgd"):
        measure_losses(staged.drop("lgd"), years_n=1)
    with pytest.raises(MissingColumn, match="pd"):
        stage_loans(staged.drop("pd"))
    with pytest.raises(InvalidInput, match="years_n"):
        measure_losses(staged, years_n=0)
    with pytest.raises(InvalidInput, match="sum to 1"):
        measure_losses(staged, years_n=1, scenarios=(Scenario("x", 0.5),))
    with pytest.raises(InvalidInput, match="lgd_factor"):
        measure_losses(staged, years_n=1, scenarios=(Scenario("x", 1.0, lgd_factor=0.0),))
    with pytest.raises(InvalidInput, match="stage_2_days"):
        StageRules(stage_2_days=90)


LIMIT = {"undrawn_cny": pl.Float64, "conversion_factor": pl.Float64}
WHOLE_YEARS = {"days_overdue": 45.0, "maturity_years": 4.0}


@pytest.mark.parametrize("prepaid", [0.0, 0.1, 0.35])
def test_prepayment_is_a_geometric_sum(run, prepaid):
    # Constant hazard p, whole years, default mid-year, q = (1 - c) / (1 + r): the sum of
    # p * lgd * e * q^(k - 1/2) * (1 - p)^(k - 1) is a geometric series.
    found = run(table([WHOLE_YEARS, {}]), prepayment_rate_pa=prepaid)
    q, p = (1.0 - prepaid) / 1.05, 0.02
    first = p * 0.45 * 1e6 * q**0.5
    series = (1.0 - (q * (1.0 - p)) ** 4) / (1.0 - q * (1.0 - p))
    assert found[0]["ecl_cny"] == pytest.approx(first * series, rel=1e-12)
    assert found[1]["ecl_cny"] == pytest.approx(first, rel=1e-12)


@given(
    prepaid=st.floats(0.0, 0.9),
    loans=st.lists(st.tuples(st.floats(0.1, 9.9), st.booleans()), min_size=4, max_size=20),
)
@settings(max_examples=10, deadline=None)
def test_prepayment_acts_as_a_higher_rate(prepaid, loans):
    kinds = {True: "bullet", False: "equal_principal"}
    changes = [
        {"maturity_years": years, "days_overdue": 45.0, "repayment": kinds[kind]}
        for years, kind in loans
    ]
    others = [one | {"rate_pa": 1.05 / (1.0 - prepaid) - 1.0} for one in changes]
    found = [
        measure_losses(stage_loans(nw.from_native(table(book).lazy())), years_n=10, **options)
        for book, options in ((changes, {"prepayment_rate_pa": prepaid}), (others, {}))
    ]
    one, two = (f.to_native().collect().sort("n")["ecl_cny"].to_list() for f in found)
    assert one == pytest.approx(two, rel=1e-9)


def test_a_loan_in_default_is_not_prepaid(run):
    found = run(table([{"in_default": True}]), prepayment_rate_pa=0.5)
    assert found[0]["ecl_cny"] == 450_000.0


def test_undrawn_limits_add_a_bullet_of_their_converted_part(run):
    limit = {"undrawn_cny": 4e5, "conversion_factor": 0.5}
    changes = [
        WHOLE_YEARS | limit,
        WHOLE_YEARS | limit | {"repayment": "equal_principal"},
        limit | {"exposure_cny": 0.0},
        limit | {"in_default": True},
        {"undrawn_cny": 0.0},
    ]
    found = run(table(changes, LIMIT.items()), undrawn=True, scenarios=THREE)
    alone = [WHOLE_YEARS, WHOLE_YEARS | {"repayment": "equal_principal"}, {}]
    parts = run(table([*alone, WHOLE_YEARS | {"exposure_cny": 2e5}]), scenarios=THREE)
    assert found[0]["ecl_cny"] == pytest.approx(1.2 * parts[0]["ecl_cny"], rel=1e-12)
    both = parts[1]["ecl_cny"] + parts[3]["ecl_cny"]
    assert found[1]["ecl_cny"] == pytest.approx(both, rel=1e-12)
    # Only a limit: a fifth of the loss of a million, and no coverage of no exposure.
    assert found[2]["ecl_cny"] == pytest.approx(0.2 * parts[2]["ecl_cny"], rel=1e-12)
    assert found[2]["coverage_ratio"] is None
    assert found[3]["ecl_cny"] == run(table([{"in_default": True}]), scenarios=THREE)[0]["ecl_cny"]
    assert found[4]["ecl_cny"] == pytest.approx(parts[2]["ecl_cny"], rel=1e-12)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"conversion_factor": 0.5}, "undrawn_cny_unknown"),
        ({"undrawn_cny": -1.0, "conversion_factor": 0.5}, "undrawn_cny_unknown"),
        ({"undrawn_cny": 1.0}, "conversion_factor_unknown"),
        ({"undrawn_cny": 1.0, "conversion_factor": 1.1}, "conversion_factor_unknown"),
        ({"undrawn_cny": 1.0, "conversion_factor": math.nan}, "conversion_factor_unknown"),
        ({"undrawn_cny": 0.0}, None),
        ({"in_default": True}, None),
    ],
)
def test_an_unknown_limit_has_no_loss_and_a_reason(run, change, reason):
    found = run(table([change], LIMIT.items()), undrawn=True)[0]
    assert found["loss_reason"] == reason and (found["ecl_cny"] is None) == (reason is not None)
    assert (found["loss_reason_zh"] is None) == (reason is None)


@pytest.mark.parametrize("rate", [-0.1, 1.0, math.nan])
def test_a_prepayment_rate_out_of_range_is_refused(make, rate):
    with pytest.raises(InvalidInput, match="prepayment_rate_pa"):
        measure_losses(stage_loans(make(table([{}]))), years_n=1, prepayment_rate_pa=rate)


def test_limits_need_their_columns(make):
    with pytest.raises(MissingColumn, match="undrawn_cny"):
        measure_losses(stage_loans(make(table([{}]))), years_n=1, undrawn=True)
