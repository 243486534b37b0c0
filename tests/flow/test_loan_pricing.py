"""Tools of a day on a book: the same on every engine, the weaker mark where two meet."""

from datetime import date

import polars as pl
import pytest
from narwhals.stable import v2 as nw

from techflow.basics import InvalidInput
from techflow.flow import POOLS, grant_tools, loan_numbers, price_book
from techflow.pricing import PARTS, PRICED, TOOLS, effect_names
from techflow_service.policies import load_laws
from techflow_service.pricing import price_terms
from techflow_service.products import load_products

DAY = date(2026, 6, 30)
LAWS = load_laws()
PRODUCTS = load_products()
TERMS = {
    "loan": PRODUCTS["working-capital"].terms,
    "guarantee": PRODUCTS["special-guarantee-loan"].terms,
    "price": price_terms(),
}
ALL = tuple(TOOLS)
BOOK = pl.DataFrame(
    {
        "loan_id": list(range(6)),
        "pd": [0.01, 0.03, 0.08, None, 1.5, 0.02],
        "lgd": [0.4] * 6,
        "limit_lcy": [1e6, 8e6, 2.5e7, 1e6, 1e6, 6e7],
        "sales_lcy": [5e6, 9e7, 2e9, None, 5e6, 1e8],
        "term_months": [12.0] * 6,
        "currency": ["CNY"] * 6,
        "use_relending": [True, False, True, True, True, None],
        "use_guarantee": [False, False, True, True, True, True],
        "warrant_cny": [0.0, 1e5, 2e5, 0.0, 0.0, 0.0],
    }
)


def numbers(tools=ALL, **kwargs):
    return loan_numbers(LAWS, TERMS, on=DAY, tools=tools, relending_share=0.5, **kwargs)


@pytest.mark.parametrize("pool", POOLS)
def test_engines_agree_and_no_row_is_lost(make, rows, pool):
    priced = price_book(make(BOOK), numbers(), LAWS, on=DAY, tools=ALL, pool=pool)
    found = sorted(rows(priced), key=lambda row: row["loan_id"])
    plain = price_book(_polars(BOOK), numbers(), LAWS, on=DAY, tools=ALL, pool=pool).collect()
    expected = plain.rows(named=True)
    reasons = [None, None, None, "pd_missing", "pd_out_of_range", "relending_fact_missing"]
    assert [row["reason_code"] for row in found] == reasons
    for one, other in zip(found, expected, strict=True):
        for name in (*PRICED, *effect_names(ALL)):
            assert one[name] == pytest.approx(other[name], abs=1e-13), name
        if one["reason_code"] is None:
            assert sum(one[name] for name in PARTS) == pytest.approx(one["rate_pa"], abs=1e-12)


def _polars(frame):
    return nw.from_native(frame.lazy())


def test_support_by_relending_raises_the_pool_only_where_it_is_used(make, rows):
    """穗金管规字〔2025〕1号: 40 % up to 5 million, 5 points more with a monetary tool."""
    tools = ("relending", "pool")
    book = make(BOOK.with_columns(limit_lcy=pl.lit(1e6)))
    priced = price_book(book, numbers(tools), LAWS, on=DAY, tools=tools, pool=POOLS[0])
    found = sorted(rows(priced), key=lambda row: row["loan_id"])
    assert found[0]["pool_loss_share"] == pytest.approx(0.45 * 0.4, abs=1e-15)
    assert found[1]["pool_loss_share"] == pytest.approx(0.40 * 0.4, abs=1e-15)


def test_a_number_of_a_doubtful_text_carries_the_texts_mark():
    """The premium subsidy is an example without issuer: its number was read, the text is ours."""
    found = numbers(("insurance", "relending"))
    assert found["premium_subsidy_share"].mark == "proposal"
    assert found["relending_rate_pa"].mark == "text"
    assert found["relending_share"].mark == "operator"


def test_a_quote_of_ones_own_goes_first_and_a_subsidy_has_its_most(make, rows):
    """25 % of a premium of 2 % on 60 million is 300,000 yuan; 200,000 a year are paid."""
    book = BOOK.with_columns(insurance_premium_rate_pa=pl.lit(0.02))
    granted = grant_tools(make(book), numbers(("insurance", "relending")), tools=("insurance",))
    found = sorted(rows(granted), key=lambda row: row["loan_id"])
    assert found[0]["premium_subsidy_rate_pa"] == pytest.approx(0.005, abs=1e-15)
    assert found[5]["premium_subsidy_rate_pa"] == pytest.approx(2e5 / 6e7, abs=1e-15)


def test_the_pool_must_be_one_we_know():
    with pytest.raises(InvalidInput, match="the tool pool needs one of"):
        price_book(_polars(BOOK), numbers(("pool", "relending")), LAWS, on=DAY, tools=("pool",))
