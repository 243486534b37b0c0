"""What a reason claims is true of the market, by brute force over small ones."""

import numpy as np
from hypothesis import given, settings
from tests.matching.markets import best_total_of_scipy, small_markets

from techflow.flow.market import match_market
from techflow.matching import build_market

HELD = ("only", "ahead", "dear", "even", "first_in_line")
NOT_HELD = ("no_pair", "no_gain", "shut_out", "first_out")


def facts(market, matched, i):
    """Products of a firm with value and price, its own, and which products are full."""
    value = (market.firm_gain_fen + market.provider_gain_fen).tolist()
    arcs = range(market.start[i], market.start[i + 1])
    taken = np.bincount(matched.choice[matched.choice >= 0], minlength=len(market.places_n))
    nets = {a: value[a] - matched.price_fen[a] for a in arcs}
    full = {a: taken[market.product[a]] == market.places_n[market.product[a]] for a in arcs}
    return {a: value[a] for a in arcs}, nets, full


@settings(deadline=None, max_examples=33)
@given(small_markets())
def test_reasons_with_prices_say_what_is_so(market):
    matched = match_market(market, method="best")
    for i, code in enumerate(matched.reasons.code.tolist()):
        arc, rival = int(matched.reasons.arc[i]), int(matched.reasons.rival_arc[i])
        value, net, full = facts(market, matched, i)
        assert (arc >= 0) == (matched.choice[i] >= 0)
        assert code in (HELD if arc >= 0 else NOT_HELD)
        if code == "no_pair":
            assert not value
        elif code == "no_gain":
            assert max(value.values()) <= 0
        elif code == "only":
            assert list(value) == [arc]
        elif code in ("shut_out", "first_out"):
            assert value[rival] > 0 >= net[rival] and full[rival]
            assert matched.reasons.lead_fen[i] == -net[rival]
            assert (code == "first_out") == (net[rival] == 0)
        else:
            others = [net[a] for a in net if a != arc and value[a] > 0]
            assert net[rival] == max(others) if others else value[rival] <= 0
            assert matched.reasons.lead_fen[i] == net[arc] - net[rival] >= 0
            dearer = value[rival] > value[arc]
            assert full[rival] or not dearer
            tie = net[arc] == net[rival]
            expected = (
                ("first_in_line" if tie else "dear") if dearer else "even" if tie else "ahead"
            )
            assert code == expected


@settings(deadline=None, max_examples=33)
@given(small_markets(firms_max=5))
def test_the_first_in_line_would_take_one_more_place(market):
    """With one more place and the firm held to it, SciPy finds the best total of that market."""
    matched = match_market(market, method="best")
    for i, code in enumerate(matched.reasons.code.tolist()):
        if code not in ("first_in_line", "first_out"):
            continue
        rival = int(matched.reasons.rival_arc[i])
        j = int(market.product[rival])
        more = market.places_n.copy()
        more[j] += 1
        wider = rebuilt(market, np.ones(market.product.size, dtype=bool), more)
        bound_to_it = rebuilt(
            market, (market.firm != i) | (np.arange(market.firm.size) == rival), more
        )
        assert best_total_of_scipy(bound_to_it) == best_total_of_scipy(wider)


def rebuilt(market, kept, places):
    gains = tuple(gain[kept] / 100 for gain in (market.firm_gain_fen, market.provider_gain_fen))
    firm, product = market.firm[kept], market.product[kept].astype(np.int64)
    return build_market(firm, product, gains, firms_n=market.firms_n, places_n=places)


@settings(deadline=None, max_examples=33)
@given(small_markets())
def test_reasons_of_stable_matchings_say_what_is_so(market):
    matched = match_market(market, method="stable")
    gain, bring = market.firm_gain_fen, market.provider_gain_fen
    for i, code in enumerate(matched.reasons.code.tolist()):
        arc, rival = int(matched.reasons.arc[i]), int(matched.reasons.rival_arc[i])
        own = range(market.start[i], market.start[i + 1])
        if code == "no_pair":
            assert not len(own)
        elif code == "first":
            assert gain[arc] == max(gain[a] for a in own)
        else:
            j = market.product[rival]
            assert code == ("wish_full" if arc >= 0 else "ranked_out")
            assert gain[rival] == max(gain[a] for a in own)
            assert (matched.choice == j).sum() == market.places_n[j]
            assert matched.last_fen[j] >= bring[rival]
