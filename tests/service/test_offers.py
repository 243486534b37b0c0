"""The guarantee plan beside each firm's price: who is priced, who qualifies, what it does."""

from datetime import date

import polars as pl
import pytest

from techflow_service.assessing.offering import write_offers

ON = date(2026, 6, 30)
IDS = ("cumcm:E1", "cumcm:E2", "cumcm:E3", "kr.stock:000001")


@pytest.fixture
def staged(tmp_path):
    firms = pl.DataFrame(
        {
            "firm_id": IDS,
            "country": ["CN", "CN", "CN", "KR"],
            "currency": ["CNY", "CNY", "CNY", "KRW"],
            "pd": [0.02, 0.10, 0.02, 0.02],
            "limit_lcy": [1e6, 1e6, 0.0, 1e9],
            "rate_pa": [0.05, 0.09, None, 0.05],
        }
    )
    firms.write_parquet(tmp_path / "assessment.parquet")
    profile = pl.DataFrame({"firm_id": IDS, "sales_lcy": [1e7, None, 1e7, 1e10]})
    profile.write_parquet(tmp_path / "profile.parquet")
    answers = [
        (IDS[0], "cn.tech_sme", "no"),
        (IDS[0], "cn.hnte", "yes"),
        (IDS[1], "cn.tech_sme", "no"),
        (IDS[1], "cn.hnte", "unknown"),
    ]
    rows = pl.DataFrame(answers, schema=["firm_id", "policy_id", "answer"], orient="row")
    rows.write_parquet(tmp_path / "qualification.parquet")
    return tmp_path


def test_firms_with_a_loan_are_priced_with_and_without(staged):
    write_offers(staged, as_of=ON)
    rows = {row["firm_id"]: row for row in pl.read_parquet(staged / "offer.parquet").to_dicts()}
    assert set(rows) == set(IDS[:2]), "no limit, no loan; abroad there is no plan"
    assert rows[IDS[0]]["guarantee_answer"] == "yes"
    assert rows[IDS[1]]["guarantee_answer"] == "unknown"
    for row in rows.values():
        effect = row["guaranteed_rate_pa"] - row["market_rate_pa"]
        assert row["guarantee_effect_rate_pa"] == pytest.approx(effect, abs=1e-15)
    # The plan takes 80 % of the loss for a fee of 0.8 %: it pays where the loss is large.
    assert rows[IDS[1]]["guarantee_effect_rate_pa"] < rows[IDS[0]]["guarantee_effect_rate_pa"]
    # Public cost a year: 80 % of pd x lgd, of which the fee comes back from those who pay.
    expected = 0.8 * (0.10 * 0.4) - 0.8 * 0.01
    assert rows[IDS[1]]["public_rate_pa"] == pytest.approx(expected, abs=1.5e-3)


def test_before_the_plan_there_is_no_offer(staged):
    write_offers(staged, as_of=date(2018, 1, 1))
    assert not (staged / "offer.parquet").exists()
