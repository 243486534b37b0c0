import numpy as np
import pytest
from scipy.stats import norm

from techflow.economy import CONFIGS, parameters, stream
from techflow.economy.draws import normal_share, pick
from techflow.economy.places import REGIONS, SECTORS


def test_normal_share_is_that_of_scipy():
    x = np.linspace(-8, 8, 2_001)
    np.testing.assert_allclose(normal_share(x), norm.cdf(x), rtol=1e-13, atol=0)


def test_streams_differ_by_seed_topic_and_chunk_and_repeat():
    keys = [(7, "firm", 0), (8, "firm", 0), (7, "patent", 0), (7, "firm", 1)]
    drawn = [tuple(stream(*key).random(4)) for key in keys]
    assert len(set(drawn)) == len(keys)
    assert drawn == [tuple(stream(*key).random(4)) for key in keys]


def test_pick_gives_the_shares_asked_for():
    codes = pick(stream(1, "test"), np.array([0.2, 0.0, 0.8]), 100_000)
    shares = np.bincount(codes, minlength=3) / len(codes)
    assert shares[1] == 0.0
    assert abs(shares[0] - 0.2) < 3 * np.sqrt(0.2 * 0.8 / len(codes))


@pytest.mark.parametrize("config", CONFIGS)
def test_every_parameter_states_unit_and_source(config):
    rows = parameters(CONFIGS[config])
    assert all(row["unit"] and row["source"] for row in rows)
    assert len({row["name"] for row in rows}) == len(rows) > 60


def test_regions_are_the_thirteen_of_the_notice():
    """PBoC and MOST notice of 2024-10-16, division codes of GB/T 2260 (rules file 9.1)."""
    listed = "110000 310000 120000 320000 330000 340000 370000 420000 440000 500000 510000 610000"
    assert {region.code for region in REGIONS} == {*listed.split(), "440300"}


def test_sectors_are_high_technology_and_their_shares_sum_to_one():
    assert sum(sector.share for sector in SECTORS) == pytest.approx(1.0)
    division = {sector.industry_code[:3] for sector in SECTORS}
    assert all(
        code[0] == "C" or "63" <= code[1:] <= "65" or "73" <= code[1:] <= "75" for code in division
    )
