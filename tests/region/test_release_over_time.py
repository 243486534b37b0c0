"""Somebody holds the tables of all periods at once: programmes written apart from the library."""

import numpy as np
import pytest
from scipy.optimize import linprog

from techflow.region.statistics.layout import lay_out
from techflow.region.statistics.releasing import Book, release_periods
from techflow.region.statistics.rules import Rules

K, CHANGED, NEAR = 5, 3, 0.1
RULES = Rules(K, (), 0.0, CHANGED, NEAR)
FIRMS = 26
SETS = [frozenset(text.split()) for text in ("a", "b", "a b", "c", "a c")]
CATEGORIES = {"any": frozenset("abc"), **{name: frozenset(name) for name in "abc"}}
LEVELS = {"region": ["1", "2", "3"], "size": ["s", "l"]}
OVERLAPS = [("a", "b"), ("a", "c"), ("b", "c")]
LAID = lay_out(SETS, CATEGORIES, LEVELS, overlaps=OVERLAPS)


def by_hand():
    """Every sum an attacker may care for, from the words of the statistics."""
    groups = {name: [bool(p & flags) for p in SETS] for name, flags in CATEGORIES.items()}
    both = {f"{a} & {b}": np.logical_and(groups[a], groups[b]) for a, b in OVERLAPS}
    alone = {
        f"{x} - {name}": np.logical_and(groups[x], ~inside)
        for name, inside in both.items()
        for x in name.split(" & ")
    }
    return {**groups, **both, **alone}


def draw_books(seed, periods_n=3):
    """Most firms keep their loan; one in eight borrows more, pays back, comes or leaves."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(SETS), FIRMS, p=(0.3, 0.3, 0.15, 0.15, 0.1))
    at = {dim: rng.integers(0, len(levels), FIRMS) for dim, levels in LEVELS.items()}
    place = {part: k for k, part in enumerate(LAID.parts)}
    owed = rng.lognormal(3, 0.7, FIRMS) * (rng.random(FIRMS) < 0.9)
    books = []
    for _ in range(periods_n):
        move = rng.random(FIRMS) < 1 / 8
        owed = np.where(move, rng.lognormal(3, 0.7, FIRMS) * (rng.random(FIRMS) < 0.7), owed)
        part, firm = zip(
            *(
                (place[SETS[kind[f]], dim, LEVELS[dim][at[dim][f]]], f)
                for f in range(FIRMS)
                for dim in LEVELS
            ),
            strict=True,
        )
        firm = np.array(firm)
        books.append(Book(np.array(part), firm, owed[firm]))
    return books


def attack(known, right, goal):
    """Least and greatest value of `goal` for somebody who knows sums of amounts from 0."""
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal, A_eq=known, b_eq=right, method="highs-ds")
        assert found.status in (0, 3), "the truth itself agrees with what is published"
        ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
    return ends


class Holder:
    """Holds the published cells of all periods; parts nobody ever filled are known to be empty."""

    def __init__(self, books, releases):
        parts_n, periods_n = LAID.cells.shape[1], len(books)
        self.amount = np.zeros((periods_n, parts_n, FIRMS))
        for period, book in enumerate(books):
            self.amount[period, book.part, book.firm] = book.amount
        self.rows, self.right = [], []
        empty = ~self.amount.any(axis=(0, 2))
        for period, one in enumerate(releases):
            for row in LAID.cells[one.release.shown]:
                self.learn(period, row)
            for row in (*LAID.ties, *np.eye(parts_n)[empty]):
                self.learn(period, row)

    def spread(self, period, row):
        goal = np.zeros(self.amount.shape[:2])
        goal[period] = row
        return goal.ravel()

    def learn(self, period, row):
        self.rows.append(self.spread(period, row))
        self.right.append(row @ self.amount[period].sum(axis=1))

    def bounds(self, goal):
        return attack(np.array(self.rows), np.array(self.right), goal)


def goals():
    """(name, row) of each category, overlap and rest, in total and by level."""
    dims = np.array([dim for _, dim, _ in LAID.parts])
    level = np.array([level for *_, level in LAID.parts])
    kind = np.array([SETS.index(p) for p, *_ in LAID.parts])
    for name, inside in by_hand().items():
        held = np.asarray(inside)[kind]
        yield (name, "total"), (held & (dims == "region")).astype(float)
        if name in CATEGORIES:
            for dim, levels in LEVELS.items():
                for one in levels:
                    yield (name, one), (held & (dims == dim) & (level == one)).astype(float)


def find_disclosures(books, releases):
    """What comes nearer than a tenth: levels of fewer than 5 firms, changes of fewer than 3."""
    holder, found = Holder(books, releases), []
    for name, row in goals():
        level = np.einsum("p,tpf->tf", row, holder.amount)
        for now in range(len(books)):
            true, n = level[now].sum(), int((level[now] > 0).sum())
            if 0 < n < K:
                low, high = holder.bounds(holder.spread(now, row))
                near = low > (1 - NEAR) * true + 1e-6 or high < (1 + NEAR) * true - 1e-6
                found += [(name, now)] * bool(near)
            for before in range(now):
                moved = np.abs(level[now] - level[before])
                if not 0 < (moved > 0).sum() < CHANGED:
                    continue
                goal = holder.spread(now, row) - holder.spread(before, row)
                low, high = holder.bounds(goal)
                true, margin = (level[now] - level[before]).sum(), NEAR * moved.sum()
                # Nobody pays back more than was owed: that end is given by the past alone.
                most = -holder.bounds(holder.spread(before, row))[1]
                near = high < true + margin - 1e-6 or low > max(true - margin, most) + 1e-6
                found += [(name, before, now)] * bool(near)
    return found


def release(books):
    return release_periods(LAID, books, RULES, firms_n=FIRMS, stock=True)


def mark_seeds():
    """2 and 6 gave a firm away: a change of a cell withheld before, and what overlaps leave."""
    others = [seed for seed in range(12) if seed not in (2, 6)]
    return [2, 6, *(pytest.param(seed, marks=pytest.mark.soak) for seed in others)]


@pytest.mark.parametrize("seed", mark_seeds())
def test_all_periods_at_once_give_no_firm_away(seed):
    books = draw_books(seed)
    releases = release(books)
    assert find_disclosures(books, releases) == []
    assert any(one.release.shown.any() for one in releases)
