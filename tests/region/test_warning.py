"""Early warning: figures by hand, intervals against SciPy, and what two pages give away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from techflow.basics import InvalidInput
from techflow.flow import WarningRules, warn_fields
from techflow.region.statistics.warning import Figure, Watch, estimate, judge_signal
from techflow.region.statistics.warning_groups import OTHER, Entry, form_groups
from techflow.region.statistics.warning_signals import (
    FORMS,
    firm_hhi,
    growth,
    relative,
    spread_hhi,
    sum_ratio,
    top_share,
)

AMOUNTS = st.lists(st.floats(0.01, 1e6), min_size=5, max_size=30)
QUICK = Watch({}, draws_n=50)


def once(statistic, n):
    return float(statistic(np.ones((1, n)))[0])


def column(*amounts):
    return np.array(amounts, float)[:, None]


def row(firm, field="chips", **known):
    blank = dict.fromkeys(name for form in FORMS.values() for name in form.columns)
    return {"firm_id": firm, "field": field, "region": "440300"} | blank | known


def tell(rows, watch=QUICK, before=(), **rules):
    made = warn_fields(rows, WarningRules(watch, rules.get("k", 5), 3), before=before)
    return {(one["field"], one["signal"]): one for one in made}


def test_figures_by_hand():
    """Shares 0.5, 0.3, 0.2: 0.25 + 0.09 + 0.04; the others by the formulas of the content file."""
    assert once(firm_hhi(column(50, 30, 20)), 3) == pytest.approx(0.38)
    assert once(spread_hhi(np.array([[50, 0], [30, 0], [0, 20.0]])), 3) == pytest.approx(0.68)
    assert once(top_share(column(*[10] * 10, 5, 5)), 12) == pytest.approx(100 / 110)
    assert once(sum_ratio(np.array([[30.0, 100], [0, 50]])), 2) == pytest.approx(0.2)
    assert once(growth(np.array([[6, 10, 4, 10.0], [0, 0, 1, 5]])), 2) == pytest.approx(0.8)
    assert once(relative(np.array([[6, 10, 6, 10.0], [0, 0, 2, 10]])), 2) == pytest.approx(1.5)
    assert np.isnan(once(sum_ratio(np.array([[1.0, 0.0]])), 1))


def test_gap_of_a_field_by_hand():
    """Unmet 10 + 0 + 20 + 0 + 0 of a need of 300; the firm of unknown gap is not in it."""
    gaps = [(10, 100), (0, 50), (20, 50), (0, 60), (0, 40)]
    rows = [row(f"f{k}", unmet_lcy=u, need_lcy=n) for k, (u, n) in enumerate(gaps)]
    rows.append(row("f9", need_lcy=1e9))
    found = tell(rows)["chips", "need_unmet_share"]
    assert found["value"] == pytest.approx(0.1) and found["firms_n"] == 5


@pytest.mark.parametrize("method", ["percentile", "basic"])
def test_interval_agrees_with_scipy(method):
    """`scipy.stats.bootstrap` with other random numbers: ends within what 10,000 draws leave."""
    random = np.random.default_rng(3)
    need = random.lognormal(0, 0.5, 60)
    unmet = need * random.uniform(0, 0.6, 60)
    theirs = bootstrap(
        (unmet, need), lambda u, n, axis: u.sum(axis) / n.sum(axis), paired=True, vectorized=True,
        n_resamples=10_000, method=method, random_state=1,
    )  # fmt: skip
    watch = Watch({}, draws_n=10_000)
    statistic = sum_ratio(np.column_stack([unmet, need]))
    ours = estimate(statistic, [("a", 60)], watch, reflect=method == "basic")
    ends = [ours.low, ours.high]
    # the standard error of a 2.5 % quantile from 10,000 draws is near 0.03 standard deviations
    assert ends == pytest.approx(list(theirs.confidence_interval), abs=0.15 * theirs.standard_error)


def test_hhi_interval_agrees_with_scipy():
    debt = np.random.default_rng(5).lognormal(0, 1, 80)
    theirs = bootstrap(
        (debt,), lambda x, axis: (x**2).sum(axis) / x.sum(axis) ** 2, vectorized=True,
        n_resamples=10_000, method="percentile", random_state=1,
    )  # fmt: skip
    ours = estimate(firm_hhi(column(*debt)), [("a", 80)], Watch({}, draws_n=10_000))
    assert [ours.low, ours.high] == pytest.approx(
        list(theirs.confidence_interval), abs=0.15 * theirs.standard_error
    )


@given(AMOUNTS, st.integers(-20, 20))
def test_scale_changes_nothing(amounts, power):
    one, other = (
        tell(
            [row(f"f{k}", debt_lcy=a * scale) for k, a in enumerate(amounts)], Watch({}, draws_n=9)
        )
        for scale in (1.0, 2.0**power)
    )
    assert one == other


@given(st.lists(st.floats(1, 1e3), min_size=5), st.integers(0, 4), st.floats(0.05, 0.95))
def test_splitting_a_firm_lowers_the_hhi(amounts, place, share):
    split = [*amounts, amounts[place] * (1 - share)]
    split[place] *= share
    assert once(firm_hhi(column(*split)), len(split)) < once(
        firm_hhi(column(*amounts)), len(amounts)
    )


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(amounts, random):
    rows = [row(f"f{k:02}", debt_lcy=a, field="ab"[k % 2]) for k, a in enumerate(amounts)]
    mixed = random.sample(rows, len(rows))
    assert tell(rows, Watch({}, draws_n=9), k=2) == tell(mixed, Watch({}, draws_n=9), k=2)


def test_a_field_is_measured_alike_whatever_the_others_are():
    rows = [row(f"f{k}", debt_lcy=k + 1.0) for k in range(6)]
    more = [row(f"g{k}", "ships", debt_lcy=k + 1.0) for k in range(6)]
    assert tell(rows)["chips", "debt_hhi"] == tell(rows + more)["chips", "debt_hhi"]


def test_small_fields_are_in_no_total():
    rows = [row(f"f{k}", debt_lcy=1.0) for k in range(6)] + [row("g", "ships", debt_lcy=9e9)]
    found = tell(rows)
    assert {field for field, _ in found} == {"chips", None}
    assert found[None, "debt_hhi"]["value"] == pytest.approx(1 / 6)
    assert found[None, "debt_top10_share"]["value"] is None  # ten firms or fewer say nothing


def test_warns_only_beyond_the_whole_interval():
    watch = Watch({"debt_hhi": 0.25, "default_share": 0.1}, frozenset({"default_share"}))
    told = [
        judge_signal("debt_hhi", Figure(*f), watch, firms_n=20)
        for f in [
            (0.2, 0.1, 0.4),
            (0.3, 0.2, 0.4),
            (0.3, 0.26, 0.4),
            (0.3, 0.3, 0.3),
            (0.3,),
            (None,),
        ]
    ]
    assert told == ["calm", "watch", "warn", "watch", "watch", "unknown"]
    assert judge_signal("debt_hhi", Figure(0.3, 0.26, 0.4), watch, firms_n=19) == "watch"
    micro = [
        judge_signal("default_share", Figure(*f), watch, firms_n=20)
        for f in [(0.05, 0.0, 0.2), (0.15, 0.05, 0.2), (0.2, 0.15, 0.3)]
    ]
    assert micro == ["tolerated", "watch", "beyond"]


def test_few_samples_at_the_threshold_warn():
    """Debt spread evenly over five regions: HHI 0.2 in truth. Of 200 samples of 20 firms, 5 may
    warn by the level of the interval, 15 allow for chance."""
    random, watch = np.random.default_rng(1), Watch({"debt_region_hhi": 0.2}, draws_n=200)
    warned = 0
    for seed in range(200):
        spread = np.zeros((20, 5))
        spread[np.arange(20), random.integers(0, 5, 20)] = random.lognormal(0, 1, 20)
        figure = estimate(spread_hhi(spread), [(f"{seed}", 20)], watch, reflect=True)
        warned += judge_signal("debt_region_hhi", figure, watch, firms_n=20) == "warn"
    assert warned <= 15


PAGES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 2), st.integers(0, 2), st.booleans()),
    min_size=8,
    max_size=40,
)


@given(PAGES)
def test_two_pages_give_no_few_firms_away(firms):
    """An attacker written apart: all sums and differences of published groups of two pages.

    Every firm and value is one unknown; a group is the set of its unknowns. Nothing may be found
    by which fewer than 5 firms stand alone, or 1 or 2 firms make a difference.
    """
    was = [Entry(f"f{k:02}", f, (float(x),)) for k, (f, x, _, _) in enumerate(firms) if x]
    now = [
        Entry(f"f{k:02}", "a" if moved and k % 7 == 0 else f, (float(y if moved else x),))
        for k, (f, x, y, moved) in enumerate(firms)
        if (y if moved else x)
    ]
    first = form_groups(was, firms_n_min=5)
    second = form_groups(now, firms_n_min=5, changed_n_min=3, before=first)
    seen = [
        {(f, *a) for f, a in zip(g.firms, g.amounts.tolist(), strict=True)}
        for g in (*first, *second)
    ]
    assert all(len(group) >= 5 for group in seen)
    for one in seen[: len(first)]:
        for other in seen[len(first) :]:
            if one & other and one != other:
                assert len({firm for firm, _ in one ^ other}) >= 3
    for group in first:  # groups of the one page that make up a group of the other
        within = [g for g in second if g.fields < group.fields]
        assert not within
    for group in second:
        assert not [g for g in first if g.fields < group.fields]


def test_one_firm_more_is_not_shown_and_three_are():
    def page(n):
        return [row(f"f{k}", debt_lcy=k + 1.0) for k in range(n)]

    assert ("chips", "debt_hhi") not in tell(page(7), before=page(6))
    assert ("chips", "debt_hhi") in tell(page(9), before=page(6))
    assert ("chips", "debt_hhi") in tell(page(6), before=page(6))


def test_growth_by_hand():
    """0.6 a unit of revenue now, 0.5 before."""
    then = [row(f"f{k}", raised_lcy=5.0, revenue_lcy=10.0) for k in range(6)]
    now = [row(f"f{k}", raised_lcy=6.0, revenue_lcy=10.0) for k in range(6)]
    found = tell(now, before=then)
    assert found["chips", "raised_growth_ratio"]["value"] == pytest.approx(0.2)
    assert ("chips", "raised_growth_ratio") not in tell(now)


def test_wrong_inputs():
    with pytest.raises(InvalidInput, match="twice"):
        tell([row("a"), row("a")])
    with pytest.raises(InvalidInput, match="signals are"):
        Watch({"hhi": 0.1})
    with pytest.raises(InvalidInput, match="draws_n"):
        Watch({}, draws_n=1)
    with pytest.raises(InvalidInput, match="named"):
        form_groups([Entry("f", OTHER, (1.0,))], firms_n_min=5)
    with pytest.raises(InvalidInput, match="firms_n_min"):
        form_groups([], firms_n_min=0)
