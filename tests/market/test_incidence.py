"""Cumulative incidence against published tables and a formula of another kind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.market.listing import cumulative_incidence, incidence_interval

# Bone marrow transplants, AML low risk: days, 0 alive, 1 relapse, 2 death in remission. Copelan et
# al. 1991; Klein and Moeschberger, Survival Analysis, section 1.3.
DAYS = [
    *(10, 35, 48, 53, 79, 80, 105, 211, 219, 248, 272, 288, 381, 390, 414, 421, 481, 486),
    *(606, 641, 704, 748, 847, 848, 860, 932, 957, 1030, 1063, 1074, 1258, 1324, 1363, 1384),
    *(1447, 1470, 1527, 1535, 1562, 1568, 1674, 1709, 1799, 1829, 1843, 1850, 1857, 1870),
    *(2204, 2218, 2246, 2409, 2506, 2569),
]
RELAPSED = (211, 219, 248, 272, 381, 421, 486, 606, 748)
DIED = (10, 35, 48, 53, 79, 80, 105, 288, 390, 414, 481, 641, 704, 1063, 1074, 2204)
# What R (tidycmprsk 1.1.1, cmprsk 2.2-12) and SAS PROC LIFETEST print of relapse, as published by
# PSI AIMS CAMIS, "Estimating Cumulative Incidence Functions Using R": years, estimate, standard
# error (Aalen), 95 % interval (log-log).
PUBLISHED = [
    (1.0, 0.0741, 0.0360, 0.0234, 0.1646),
    (1.5, 0.1296, 0.0463, 0.0563, 0.2344),
    (2.0, 0.1481, 0.0489, 0.0685, 0.2565),
    (3.0, 0.1667, 0.0514, 0.0813, 0.2783),
]
# Weeks to relapse under 6-MP and the product-limit estimate: Freireich et al. 1963, as tabled in
# Kleinbaum and Klein, Survival Analysis, chapter 2.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PRODUCT_LIMIT = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]


def transplants():
    cause = [1 if d in RELAPSED else 2 if d in DIED else 0 for d in DAYS]
    return cumulative_incidence(np.array(DAYS) / 365.25, np.array(cause), causes_n=2)


def test_the_published_table_of_relapse():
    found = transplants()
    years = np.array([row[0] for row in PUBLISHED])
    _, share, error = found.at(years)
    low, high = incidence_interval(share[:, 0], error[:, 0])
    got = np.column_stack([years, share[:, 0], error[:, 0], low, high])
    assert np.abs(got - np.array(PUBLISHED)).max() < 5.1e-5


def test_before_the_first_relapse_there_is_no_interval():
    _, share, error = transplants().at(np.array([0.5]))
    assert (share[0, 0], error[0, 0]) == (0.0, 0.0)
    assert np.isnan(incidence_interval(share[0, :1], error[0, :1])).all()


def test_one_cause_is_the_published_product_limit():
    cause = np.array([1] * 9 + [0] * 12)
    found = cumulative_incidence(np.array(WEEKS, float), cause, causes_n=1)
    assert found.years.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert np.abs(found.left_share - PRODUCT_LIMIT).max() < 5.1e-5
    assert np.abs(found.share[:, 0] + found.left_share - 1.0).max() < 1e-15


ROWS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=40)


@given(ROWS)
def test_it_is_the_share_weighed_by_the_chance_of_not_being_censored(rows):
    """Satten and Datta 2001: each end counts 1 / G, G the product limit of the censoring."""
    years, cause = (np.array(part) for part in zip(*rows, strict=True))
    found = cumulative_incidence(years.astype(float), cause, causes_n=3)
    # Ends come before what is censored on the same day: G before a time leaves that day out.
    unseen = np.array(
        [
            np.prod([1 - _censored(years, cause, t) for t in range(1, when)])
            for when in years.tolist()
        ]
    )
    for place, when in enumerate(found.years):
        for k in (1, 2, 3):
            counted = (cause == k) & (years <= when)
            assert found.share[place, k - 1] == pytest.approx(
                (1.0 / unseen[counted]).sum() / len(rows), abs=1e-9
            )
    assert np.abs(found.share.sum(axis=1) + found.left_share - 1.0).max(initial=0.0) < 1e-12
    assert (np.diff(found.share, axis=0) >= 0.0).all()
    assert np.isfinite(found.share_se).all()


def _censored(years, cause, when):
    gone = ((years == when) & (cause == 0)).sum()
    left = (years >= when).sum() - ((years == when) & (cause > 0)).sum()
    return gone / left if left else 0.0


def test_late_entry_by_hand():
    """Three enter at the start and one at 2: at 1 three are seen, at 3 three (one ended)."""
    years, cause = np.array([1.0, 3.0, 4.0, 5.0]), np.array([1, 2, 1, 0])
    found = cumulative_incidence(
        years, cause, causes_n=2, entry_years=np.array([0.0, 0.0, 0.0, 2.0])
    )
    assert found.at_risk_n.tolist() == [3, 3, 2]
    assert found.share[:, 0] == pytest.approx([1 / 3, 1 / 3, 1 / 3 + 4 / 9 / 2])
    assert found.share[:, 1] == pytest.approx([0, 2 / 9, 2 / 9])


def test_nothing_is_known_beyond_the_last_one_seen():
    left, share, _ = transplants().at(np.array([2569 / 365.25, 7.1]))
    assert np.isnan(left).tolist() == [False, True]
    assert np.isnan(share[:, 0]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("years", "cause", "said"),
    [
        ([], [], "got none"),
        ([0.0], [1], "above 0"),
        ([1.0], [3], "0 \\(open\\) to 2; got 3"),
    ],
)
def test_wrong_input_is_said(years, cause, said):
    with pytest.raises(InvalidInput, match=said):
        cumulative_incidence(np.array(years, float), np.array(cause, dtype=np.int64), causes_n=2)
