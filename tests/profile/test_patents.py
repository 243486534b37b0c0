"""Patent features, by hand."""

from datetime import date

import pytest

from techflow.profile import patent_features

AS_OF = date(2020, 2, 29)


def patent(number, filed_on, **more):
    return {"patent_id": str(number), "firm_id": "a", "filed_on": filed_on} | more


@pytest.fixture
def features(table, by_firm):
    return lambda lines: by_firm(patent_features(table("patent", lines), as_of=AS_OF))["a"]


def test_by_hand(features):
    seen = features(
        [
            # Three years back from 29 February 2020 is 28 February 2017: not within.
            patent(1, date(2017, 2, 28), patent_kind="invention", ipc="H01M 4/02", claims_n=10),
            patent(2, date(2017, 3, 1), patent_kind="utility", cpc="H01M4/13", claims_n=4),
            patent(3, date(2019, 2, 28), patent_kind="invention", cpc="C01B 33/02", ipc="H01M1/00"),
            patent(4, date(2020, 1, 30), ipc="G06F17/00"),
            patent(5, date(2014, 2, 28)),  # six years back to the day: not within
            patent(6, date(2014, 3, 1)),
            patent(7, None, patent_kind="design"),
            patent(8, date(2020, 3, 1), patent_kind="invention"),  # later
        ]
    )
    assert seen == {
        "firm_id": "a",
        "patents_n": 7,
        "inventions_n": 2,
        "patents_3y_n": 3,
        "patent_growth_ratio": pytest.approx(3 / 2 - 1),
        "patent_age_years": pytest.approx(30 / 365.25),
        "subclasses_n": 3,
        "claims_mean_n": 7.0,
    }


def test_nothing_known_but_the_number(features):
    seen = features([patent(1, None), patent(2, None)])
    assert seen["patents_n"] == 2
    assert {seen[name] for name in set(seen) - {"firm_id", "patents_n"}} == {None}


def test_old_patents_are_a_fact(features):
    seen = features([patent(1, date(2001, 1, 1), patent_kind="utility")])
    assert (seen["patents_3y_n"], seen["inventions_n"]) == (0, 0)
    assert seen["patent_growth_ratio"] is None
    assert seen["patent_age_years"] == pytest.approx((AS_OF - date(2001, 1, 1)).days / 365.25)
