"""Reasons and gaps in words: sentences typed in by hand for numbers chosen by hand."""

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.credit.firms import CARDS, firm

from techflow.credit import Card, explain_firms, name_missing, score_firms
from techflow.credit.explain import write_numbers

CARD = Card.from_data(
    {
        "id": "by-hand",
        "predicts": True,
        "horizon_days": 365,
        **{
            name: {"zh": f"{name}中", "en": f"{name} en"}
            for name in ("label", "population", "target", "use", "limits", "evidence")
        },
        "domain": {
            "required": [],
            "missing_share_max": 0.6,
            "condition": [
                {
                    "code": "country",
                    "column": "country",
                    "allowed": ["CN"],
                    "zh": "外",
                    "en": "out",
                },
                {
                    "code": "short",
                    "column": "history_months",
                    "above": 11,
                    "zh": "短",
                    "en": "short",
                },
            ],
        },
        "feature": [
            {"name": name, "sign": sign, "show": show, "why": {"zh": "因", "en": "why"}}
            for name, sign, show in (
                ("leverage_ratio", 1, "percent"),
                ("sales_12m_lcy", -1, "cny"),
                ("idle_months", 1, "months"),
            )
        ],
        "fitted": {
            "intercept": -3.0,
            "features": {
                "leverage_ratio": {"points": [[0, -1], [1, 1]], "missing": 0.25, "typical": 0.5},
                "sales_12m_lcy": {"points": [[0, 2], [4e6, 0]], "missing": 0.0, "typical": 4e6},
                "idle_months": {"points": [[0, 0], [4, 2]], "missing": 0.0, "typical": 0.0},
            },
        },
    }
)
FIRMS = [
    {"country": "CN", "leverage_ratio": 0.85, "sales_12m_lcy": 1e6, "idle_months": 0.0},
    {"country": "CN", "leverage_ratio": None, "sales_12m_lcy": 1234567.0, "idle_months": 3.0},
    {"country": "CN", "leverage_ratio": 0.5, "sales_12m_lcy": None, "idle_months": None},
    {"country": "KR", "leverage_ratio": 0.5, "sales_12m_lcy": 4e6, "idle_months": 0.0},
    {"country": None, "leverage_ratio": None, "sales_12m_lcy": None, "idle_months": None},
]


@pytest.fixture
def said(make, rows):
    frame = pl.DataFrame(
        [{"n": n, "history_months": 24.0} | each for n, each in enumerate(FIRMS)],
        schema_overrides={"country": pl.String},
    )
    scored = score_firms(make(frame), CARD)
    found = rows(name_missing(explain_firms(scored, CARD, top_n=2), CARD))
    return sorted(found, key=lambda row: row["n"])


def test_sentences_by_hand(said):
    first, second, *_ = said
    # Effects by hand: sales 1e6 -> 2 - 2 * 1/4 = 1.5; leverage 0.85 -> -1 + 2 * 0.85 = 0.7.
    assert first["reason_1_feature"] == "sales_12m_lcy"
    assert first["reason_1_part"] == pytest.approx(1.5)
    assert first["reason_1_zh"] == "近12个月销售额 100.0 万元，低于典型企业的 400.0 万元，推高风险"
    assert first["reason_1_en"] == (
        "Sales, last 12 months: 1.0 m yuan, below the typical 4.0 m yuan; this raises the risk"
    )
    assert first["reason_2_zh"] == "资产负债率 85.0%，高于典型企业的 50.0%，推高风险"
    assert first["reason_2_en"] == (
        "Liabilities to assets: 85.0%, above the typical 50.0%; this raises the risk"
    )
    # 3 of 4 months -> 1.5; sales 1.234567e6 -> 2 - 2 * 0.30864175 = 1.3827165.
    assert second["reason_1_zh"] == "距最近一次销售月数 3.0 个月，高于典型企业的 0.0 个月，推高风险"
    assert second["reason_2_part"] == pytest.approx(1.3827165)
    assert "123.5 万元" in second["reason_2_zh"]


def test_what_moved_nothing_is_no_reason_and_silence_has_none(said):
    _, _, unmoved, foreign, unknown = said
    for row in (unmoved, foreign, unknown):
        assert {row[f"reason_{k}_{what}"] for k in (1, 2) for what in ("zh", "en", "part")} == {
            None
        }
    assert [row["reason_code"] for row in (unmoved, foreign, unknown)] == [
        "too_little_known",
        "country",
        "country",
    ]


def test_gaps_are_named_only_where_evidence_would_help(said):
    first, second, little, foreign, unknown = said
    for row in (first, second, foreign):
        assert (
            row["missing_columns"]
            is row["missing_evidence_zh"]
            is row["missing_evidence_en"]
            is None
        )
    assert little["missing_columns"] == "sales_12m_lcy;idle_months"
    assert little["missing_evidence_zh"] == "evidence中：近12个月销售额、距最近一次销售月数"
    assert unknown["missing_evidence_en"] == (
        "evidence en: Liabilities to assets; Sales, last 12 months; Months since the last sale"
    )


def test_unknown_number_with_its_own_effect_is_a_reason():
    frame = pl.DataFrame([FIRMS[1] | {"history_months": 24.0, "sales_12m_lcy": 4e6}])
    scored = score_firms(nw.from_native(frame.lazy()), CARD)
    row = explain_firms(scored, CARD).to_native().collect().row(0, named=True)
    assert row["reason_2_zh"] == "资产负债率未知，推高风险"
    assert row["reason_2_en"] == "Liabilities to assets unknown; this raises the risk"
    assert row["reason_3_zh"] is None


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_reasons_are_the_largest_contributions_in_order(card, judge):
    worst = {f.name: f.points[-1 if f.sign > 0 else 0][0] for f in card.features}
    (row,) = judge(card, [firm(card, **worst)])
    parts = sorted((abs(row[f"part_{f.name}"]) for f in card.features), reverse=True)
    assert [abs(row[f"reason_{k}_part"]) for k in (1, 2, 3)] == parts[:3]
    assert all(row[f"reason_{k}_zh"].endswith("推高风险") for k in (1, 2, 3))


@settings(deadline=None, max_examples=33)
@given(st.lists(st.floats(-9e8, 9e8), min_size=1, max_size=20))
@example([0.0, -0.04, 999.95, 999.94, 1000.0, 1e6 - 0.05, 1234567.89, -1002003.4, 12.25])
def test_numbers_are_written_like_python_writes_them(values):
    frame = nw.from_native(pl.LazyFrame({"x": values}))
    for text, x in zip(
        write_numbers(frame, ["x"]).to_native().collect()["x_text"], values, strict=True
    ):
        assert abs(float(text.replace(",", "")) - x) <= 0.05 + 1e-6
        assert text in {f"{float(text.replace(',', '')):,.1f}", "0.0"}


def test_numbers_are_the_same_on_every_engine(make, rows):
    values = [0.0, -0.04, 0.05, 999.95, -1000.0, 1e6, 1234567.89, 1e300, -1e300, None]
    texts = rows(write_numbers(make({"x": values}, schema={"x": pl.Float64}), ["x"]))
    assert [row["x_text"] for row in texts] == [
        *("0.0", "0.0", "0.1", "1,000.0", "-1,000.0", "1,000,000.0", "1,234,567.9"),
        *("999,999,999.9", "-999,999,999.9", None),
    ]
