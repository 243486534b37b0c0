"""Numbers of the network on a graph small enough to count, intervals, and the stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.fraud import (
    FirmState,
    Search,
    Transaction,
    network_numbers,
    score_transaction,
    share_interval,
)

ASKED = {
    "issued_n_min": 4,
    "history_days_min": 180,
    "search_window_days": 30,
    "search_tolerance_share": 0.05,
}


def test_numbers_of_a_circle_of_three():
    # 0 -> 1 -> 2 -> 0 with 100, 98, 97; 0 sells 300 more to 3, who never sells; 4 sells to 3.
    seller, buyer = np.array([0, 1, 2, 0, 4]), np.array([1, 2, 0, 3, 3])
    amount, day = np.array([100.0, 98, 97, 300, 50]), np.array([1, 9, 20, 3, 3])
    found, circles = network_numbers(
        (seller, buyer, day, amount), np.array([0, 0, 2, 3, 4]), Search(30, 0.05)
    )
    assert circles.tolist() == [[0, 1, 2, -1]]
    assert found["cycle_share"][:3] == pytest.approx([0.25, 1.0, 1.0])
    assert np.isnan(found["cycle_share"][4])  # its only partner sells to nobody
    assert found["cycle_lcy"].tolist() == [100.0, 98.0, 97.0, 0.0, 0.0]
    assert found["linked_sales_share"][:3] == pytest.approx([0.25, 0.0, 0.0])
    assert found["mutual_share"][:3] == pytest.approx([0.0, 0.0, 0.0])


def test_interval_of_a_share_is_that_of_the_literature():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263, 15 of 148.
    assert share_interval(81, 263) == pytest.approx((0.2553, 81 / 263, 0.3662), abs=5e-5)
    assert share_interval(15, 148) == pytest.approx((0.0624, 15 / 148, 0.1605), abs=5e-5)


def play(lines, asked=ASKED):
    state, scores = FirmState(), []
    for line in lines:
        state, score = score_transaction(state, line, asked=asked, void_share_min=0.5)
        scores.append(score)
    return state, scores


def test_stream_sees_void_bursts_new_customers_and_amounts_that_come_back():
    void = [Transaction("a", 1, 5.0, void=n % 2 == 0) for n in range(4)]
    _, scores = play(void)
    assert [score.void_share for score in scores] == [None, None, None, 0.5]
    assert scores[-1].signs == ("void_burst",)
    _, scores = play([Transaction("a", 0, 5.0), Transaction("b", 180, 5.0)])
    assert [score.fresh_partner for score in scores] == [None, True]
    _, scores = play([Transaction("a", 0, 5.0), Transaction("b", 179, 5.0)])
    assert scores[-1].fresh_partner is None
    back = Transaction("a", 30, 95.0, sale=False)
    assert play([Transaction("a", 0, 100.0), back])[1][-1].back_days == 30
    assert play([Transaction("a", 0, 100.1), back])[1][-1].back_days is None


LINE = st.builds(
    Transaction,
    st.sampled_from("abc"),
    st.integers(0, 90),
    st.sampled_from([50.0, 98.0, 100.0]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(LINE, max_size=25))
def test_amounts_that_come_back_are_those_of_a_plain_search(lines):
    lines = sorted(lines, key=lambda line: line.day_n)
    _, scores = play(lines)
    for place, (line, score) in enumerate(zip(lines, scores, strict=True)):
        days = [
            line.day_n - past.day_n
            for past in lines[:place]
            if past.partner_id == line.partner_id
            and past.sale != line.sale
            and not past.void
            and line.day_n - past.day_n <= 30
            and min(past.net_lcy, line.net_lcy) >= 0.95 * max(past.net_lcy, line.net_lcy)
        ]
        assert score.back_days == (min(days) if days and not line.void else None)


def test_an_earlier_transaction_is_refused_and_the_state_is_left_alone():
    state, _ = play([Transaction("a", 5, 1.0)])
    with pytest.raises(InvalidInput, match="got day 4 after 5"):
        score_transaction(state, Transaction("a", 4, 1.0), asked=ASKED, void_share_min=0.5)
    score_transaction(state, Transaction("b", 6, 1.0), asked=ASKED, void_share_min=0.5)
    assert dict(state.partners) == {"a": 5} and len(state.recent) == 1
