"""Plants rings of circular invoices, and honest groups that trade with each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.economy.draws import Columns, round_fen, spread, stream
from techflow.economy.mechanism import Mechanism
from techflow.economy.network import PURCHASE, SALE

NO_RING = -1
HONEST_LOG_SD = 0.6
AMOUNT_LOG_SD = 0.7
NUMBERS_FROM = 90_000
SINCE_DAYS = (45, 330)
OLD_DAYS = 400


def draw_rings(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Which firms are in a ring, and which in an honest group; nobody unless the shares say so.

    Args:
        mechanism: The declared mechanism: `ring_share` and `honest_group_share`.
        firms: Columns of `draw_firms`, and `stops_on`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One entry per firm: `ring` (number in the chunk, -1 if in none), `ring_place`,
        `ring_since` (its first day), `ring_honest` (a group, no ring), `ring_linked` (a person
        shared by its members is on record).
    """
    rng, n = stream(seed, "ring", chunk), len(firms["firm_n"])
    trades = (firms["evidence"] == 0) & np.isnat(firms["stops_on"])
    trades &= firms["founded_on"] < np.datetime64(mechanism.as_of) - OLD_DAYS
    able = rng.permutation(np.flatnonzero(trades))
    planted = int(len(able) * mechanism.ring_share)
    chosen = able[: planted + int(len(able) * mechanism.honest_group_share)]
    sizes = rng.integers(2, mechanism.ring_size_max + 1, len(chosen))
    ring, place = (part[: len(chosen)] for part in spread(sizes))
    paired = np.bincount(ring)[ring] > 1
    chosen, ring, place = chosen[paired], ring[paired], place[paired]
    honest = np.searchsorted(np.cumsum(sizes) - sizes, planted, side="left") <= ring
    since = np.datetime64(mechanism.as_of) - rng.integers(*SINCE_DAYS, len(chosen) + 1)
    linked = rng.random(len(chosen) + 1) < mechanism.ring_linked_share
    found = {
        "ring": np.full(n, NO_RING),
        "ring_place": np.zeros(n, np.int64),
        "ring_since": np.full(n, np.datetime64("NaT"), "datetime64[D]"),
        "ring_honest": np.zeros(n, np.bool_),
        "ring_linked": np.zeros(n, np.bool_),
    }
    found["ring"][chosen], found["ring_place"][chosen] = ring, place
    found["ring_since"][chosen], found["ring_linked"][chosen] = since[ring], linked[ring]
    found["ring_honest"][chosen] = honest
    return found


def plant_invoices(
    mechanism: Mechanism, firms: Columns, invoices: Columns, *, seed: int, chunk: int
) -> Columns:
    """The invoices and those of the rings and groups, each on record with both sides.

    A ring turns `ring_turns_n` times on average: in each turn every member invoices the next,
    with amounts that differ by a spread of its own and within days of its own, so that some rings
    are tight and others lie outside what a search looks for. A group does the same with amounts
    that have nothing to do with each other.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms` and `draw_rings`.
        invoices: Columns of `repeat_numbers`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        Columns as of `repeat_numbers`; the very same if nobody is in a ring.
    """
    members = np.flatnonzero(firms["ring"] != NO_RING)
    members = members[np.lexsort((firms["ring_place"][members], firms["ring"][members]))]
    if not len(members):
        return invoices
    planted = _turn(mechanism, firms, members, stream(seed, "ring invoice", chunk))
    copy = {**planted, "firm": planted["partner"], "partner": planted["firm"]}
    copy["direction"] = np.full(len(copy["firm"]), PURCHASE)
    merged = {
        name: np.concatenate([invoices[name], planted[name], copy[name]]) for name in invoices
    }
    order = np.lexsort((merged["number"], merged["issued_on"], merged["direction"], merged["firm"]))
    return {name: values[order] for name, values in merged.items()}


def _turn(
    mechanism: Mechanism, firms: Columns, members: NDArray[np.int64], rng: np.random.Generator
) -> Columns:
    """Invoices of all turns of all rings, as their sellers have them."""
    ring = firms["ring"][members]
    rings_n = int(ring.max()) + 1
    first = np.searchsorted(ring, np.arange(rings_n))
    size = np.bincount(ring, minlength=rings_n)
    turns = 2 + rng.poisson(mechanism.ring_turns_n - 2.0, rings_n)
    jitter = rng.random(rings_n) * mechanism.ring_spread_max
    days = rng.integers(1, mechanism.ring_days_max + 1, rings_n)
    base = firms["revenue_cny"][members][first] / 12.0
    jitter = np.where(firms["ring_honest"][members][first], HONEST_LOG_SD, jitter)
    whose, _ = spread(turns)
    share = np.exp(AMOUNT_LOG_SD * rng.standard_normal(len(whose)))
    opens = firms["ring_since"][members][first][whose]
    left = (np.datetime64(mechanism.as_of) - opens).astype(np.int64) - days[whose]
    starts = opens + (rng.random(len(whose)) * np.maximum(left, 1)).astype("timedelta64[D]")
    turn, place = spread(size[whose])
    of = whose[turn]
    amount = base[of] * share[turn] * np.exp(jitter[of] * rng.standard_normal(len(turn)))
    later = (rng.random(len(turn)) * days[of]).astype("timedelta64[D]")
    buyer = members[first[of] + (place + 1) % size[of]]
    columns = {
        "firm": members[first[of] + place],
        "partner": buyer,
        "issued_on": np.minimum(starts[turn] + later, np.datetime64(mechanism.as_of)),
        "net_lcy": round_fen(amount),
    }
    kept = columns["firm"] != columns["partner"]
    return _dress(mechanism, firms, {name: values[kept] for name, values in columns.items()})


def _dress(mechanism: Mechanism, firms: Columns, planted: Columns) -> Columns:
    order = np.lexsort((planted["issued_on"], planted["firm"]))
    rows: dict[str, NDArray[Any]] = {name: values[order] for name, values in planted.items()}
    firm, n = rows["firm"], len(order)
    _, place = spread(np.bincount(firm))
    rates = dict(mechanism.vat_rates)
    rate = np.array([rates[item.family] for item in mechanism.sectors])[firms["sector"][firm]]
    return {
        **rows,
        "direction": np.full(n, SALE),
        "number": (firm + 1) * 100_000 + NUMBERS_FROM + place,
        "outside_n": np.ones(n, np.int64),
        "vat_lcy": round_fen(rows["net_lcy"] * rate),
        "void": np.zeros(n, np.bool_),
        "line_n": np.ones(n, np.int64),
        "number_repeated": np.zeros(n, np.bool_),
    }
