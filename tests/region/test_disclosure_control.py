"""Suppression on published examples and against an attacker written apart from the library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from techflow.basics import InvalidInput
from techflow.region.statistics.attack import Attacker, find_insiders
from techflow.region.statistics.layout import lay_out
from techflow.region.statistics.rules import (
    REASONS,
    Rules,
    Safety,
    gather_cells,
    judge_cells,
    judge_changes,
)
from techflow.region.statistics.suppress import protect_cells

RULES = Rules(5, ((1, 0.75), (2, 0.85)), 0.1, 3, 0.1)
NO_TIES = np.empty((0, 12))


def of(amounts, rules):
    return judge_cells(
        gather_cells(np.zeros(len(amounts), np.int64), np.array(amounts, float), 1), rules
    )


def grid(inner):
    """Cells of a table of numbers, its row sums, column sums and grand total."""
    inner = np.asarray(inner, float)
    rows, columns = inner.shape
    one = np.eye(rows * columns)
    by = one.reshape(rows, columns, -1)
    cells = np.vstack([one, by.sum(axis=1), by.sum(axis=0), by.sum(axis=(0, 1))[None]])
    return cells, cells @ inner.ravel()


def plain_interval(cells, ties, values, shown, target):
    """The attacker in eight lines, in the plain form and without the library."""
    known = np.vstack([cells[shown], ties])
    right = np.concatenate([values[shown], np.zeros(len(ties))])
    ends = []
    for sign in (1, -1):
        found = linprog(sign * cells[target], A_eq=known, b_eq=right, method="highs-ds")
        ends.append(sign * (found.fun if found.status == 0 else -np.inf))
    return ends


def test_rules_on_the_examples_of_the_handbook():
    """Handbook on Statistical Disclosure Control (2024), chapter 4, examples 1, 4 and 5."""
    one_90 = Rules(1, ((1, 0.90),), 0.0, 1, 1e-9)
    assert of([50_000, 49_000, 1_000], one_90).reason[0] == 0, "safe, to the handbook's regret"
    percent = Rules(1, (), 0.02, 1, 1e-9)
    assert of([50_000, 49_000, 1_000], percent).reason[0] == 0
    stricter = Rules(1, (), 0.05, 1, 1e-9)
    found = of([50_000, 49_000, 1_000], stricter)
    assert REASONS[found.reason[0]] == "close"
    assert found.margin[0] == pytest.approx(0.05 * 50_000 - 1_000)
    one_85 = of([300, 20, 10], Rules(1, ((1, 0.85),), 0.0, 1, 1e-9))
    assert REASONS[one_85.reason[0]] == "dominance"
    assert 330 + one_85.margin[0] == pytest.approx(352.94, abs=0.005)


def test_few_firms_and_empty_cells():
    assert REASONS[of([9.0] * 4, RULES).reason[0]] == "few"
    assert of([9.0] * 5, RULES).reason[0] == 0
    assert of([], RULES).reason[0] == 0
    assert of([0.0] * 3, RULES).reason[0] == 0
    with pytest.raises(InvalidInput, match="0 or more"):
        of([-1.0], RULES)


def test_interval_of_the_handbook():
    """The same chapter, example 3 (Geurts 1992, table 10): cell (1,1) lies in 3 to 6."""
    cells, values = grid([[4.0, 3.0], [2.0, 1.0], [3.0, 3.0]])
    hidden = np.isin(np.arange(len(cells)), [0, 1, 2, 3])
    attacker = Attacker(cells, values, np.empty((0, 6)))
    assert attacker.interval(0, ~hidden) == pytest.approx((3.0, 6.0))


def test_three_by_three_by_hand():
    """Row 2 keeps 30 for two cells and column A 25: so cell (2, C) lies in 30 - 25 to 30."""
    cells, values = grid([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    hidden = np.isin(np.arange(len(cells)), [3, 5, 6, 8])
    attacker = Attacker(cells, values, np.empty((0, 9)))
    assert attacker.interval(5, ~hidden) == pytest.approx((5.0, 30.0))
    safety = Safety(np.eye(16, dtype=np.int64)[5], np.eye(16)[5] * 5.0)
    release = protect_cells(attacker, safety, hidden=np.zeros(16, bool))
    assert (~release.shown).sum() <= 5, "four are enough; the heuristic takes one more"
    low, high = plain_interval(cells, np.empty((0, 9)), values, release.shown, 5)
    assert low <= 17.0 + 1e-6 and high >= 27.0 - 1e-6


@given(
    st.lists(st.lists(st.integers(1, 60), min_size=4, max_size=4), min_size=3, max_size=3),
    st.sets(st.integers(0, 11), min_size=1, max_size=4),
)
def test_no_attacker_comes_close(inner, sensitive):
    cells, values = grid(inner)
    reason = np.isin(np.arange(len(cells)), list(sensitive)).astype(np.int64)
    safety = Safety(reason, 0.2 * values * reason)
    release = protect_cells(Attacker(cells, values, NO_TIES), safety, hidden=np.zeros(20, bool))
    assert not release.shown[list(sensitive)].any()
    for target in sensitive:
        low, high = plain_interval(cells, NO_TIES, values, release.shown, target)
        assert low <= 0.8 * values[target] + 1e-3 and high >= 1.2 * values[target] - 1e-3


def test_overlapping_tables_are_not_subtracted():
    """Both tables are safe alone; their difference is one firm's loan."""
    both, giant = frozenset({"a", "b"}), frozenset({"b"})
    laid = lay_out([both, giant], {"any": both, "a": frozenset("a")}, {"region": ["1", "2"]})
    loans = {both: {"1": 900.0, "2": 800.0}, giant: {"1": 40.0, "2": 700.0}}
    values = laid.cells @ np.array([loans[p][level] for p, _, level in laid.parts])
    place = laid.names.index(("any - a", "region", "1"))
    assert values[place] == 40.0 and laid.hidden[place]
    reason = np.zeros(len(values), np.int64)
    reason[place] = 1
    safety = Safety(reason, np.where(reason > 0, 8.0, 0.0))
    naive = plain_interval(laid.cells, laid.ties, values, ~laid.hidden, place)
    assert naive == pytest.approx([40.0, 40.0]), "shown in full, the difference is exact"
    release = protect_cells(Attacker(laid.cells, values, laid.ties), safety, hidden=laid.hidden)
    low, high = plain_interval(laid.cells, laid.ties, values, release.shown, place)
    assert low <= 32.0 + 1e-3 and high >= 48.0 - 1e-3
    assert release.shown.any() and (release.reason[~release.shown & ~laid.hidden] > 0).all()


def test_the_change_between_two_periods_is_judged_too():
    """Eight firms then and now, but only one has borrowed more."""
    then, now = np.full(8, 10.0), np.full(8, 10.0)
    now[3] = 60.0
    assert of(now, Rules(5, (), 0.0, 3, 0.1)).reason[0] == 0
    moved = gather_cells(np.zeros(8, np.int64), np.abs(now - then), 1)
    found = judge_changes(moved, RULES)
    assert REASONS[found.reason[0]] == "change" and found.margin[0] == pytest.approx(5.0)


def test_a_lone_firm_cannot_unmask_its_neighbour():
    """Two cells of one firm each are withheld in one row: each firm knows its own amount."""
    cells, values = grid([[5.0, 7.0, 90.0, 80.0], [60.0, 60.0, 60.0, 60.0], [50.0] * 4])
    reason = np.isin(np.arange(20), [0, 1]).astype(np.int64)
    safety, nobody = Safety(reason, 0.1 * values * reason), np.zeros(20, bool)
    single = np.full(20, -1)
    single[:2] = 11, 12
    attacker = Attacker(cells, values, NO_TIES)
    alone = protect_cells(attacker, safety, hidden=nobody)
    watched = protect_cells(attacker, safety, hidden=nobody, single=single)
    for release, safe in ((alone, False), (watched, True)):
        knows = release.shown.copy()
        knows[1] = True
        low, high = plain_interval(cells, NO_TIES, values, knows, 0)
        assert (high - low > 0.1) == safe
    assert not find_insiders(cells, NO_TIES, watched.shown, reason > 0, single)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("firms_n_min", 0, "1 or more"),
        ("dominance", [[1, 1.5]], r"\(0, 1\]"),
        ("dominance", [[4, 0.9]], "1 to 3"),
        ("interval_share", 0.0, r"in \(0, 1\)"),
    ],
)
def test_rules_out_of_range_are_refused(name, value, words):
    data = {
        "firms_n_min": 5,
        "dominance": [[1, 0.75]],
        "close_share": 0.1,
        "changed_n_min": 3,
        "interval_share": 0.1,
    }
    with pytest.raises(InvalidInput, match=words):
        Rules.from_data(data | {name: value})
