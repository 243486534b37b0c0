"""What a reason claims is true of the market, by brute force over small ones."""

import numpy as np
from hypothesis import given, settings
from tests.matching.markets import small_markets

from techflow.flow.market import match_market


def facts(market, matched, i):
    """Products of a firm with value and price, its own, and which products are full."""
    value = (market.firm_gain_fen + market.provider_gain_fen).tolist()
    arcs = range(market.start[i], market.start[i + 1])
    taken = np.bincount(matched.choice[matched.choice >= 0], minlength=len(market.places_n))
    nets = {a: value[a] - matched.price_fen[a] for a in arcs}
    full = {a: taken[market.product[a]] == market.places_n[market.product[a]] for a in arcs}
    return {a: value[a] for a in arcs}, nets, full


@settings(deadline=None, max_examples=200)
@given(small_markets())
def test_reasons_with_prices_say_what_is_so(market):
    matched = match_market(market, method="best")
    for i, code in enumerate(matched.reasons.code.tolist()):
        arc, rival = int(matched.reasons.arc[i]), int(matched.reasons.rival_arc[i])
        value, net, full = facts(market, matched, i)
        assert (arc >= 0) == (matched.choice[i] >= 0)
        assert code in {"only", "ahead", "dear", "even"} if arc >= 0 else code[:3] in {"no_", "shu"}
        if code == "no_pair":
            assert not value
        elif code == "no_gain":
            assert max(value.values()) <= 0
        elif code == "only":
            assert list(value) == [arc]
        elif code == "shut_out":
            assert value[rival] > 0 >= net[rival] and full[rival]
            assert matched.reasons.lead_fen[i] == -net[rival]
        else:
            others = [net[a] for a in net if a != arc and value[a] > 0]
            assert net[rival] == max(others) if others else value[rival] <= 0
            assert matched.reasons.lead_fen[i] == net[arc] - net[rival] >= 0
            assert code != "dear" or (value[rival] > value[arc] and full[rival])
            assert code != "ahead" or value[rival] <= value[arc]


@settings(deadline=None, max_examples=200)
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
