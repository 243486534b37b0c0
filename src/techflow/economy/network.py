"""Draws single invoices along a supply network; they add up to the monthly trade exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, round_fen, spread, stream
from techflow.economy.mechanism import Mechanism
from techflow.economy.trade import month_starts

OUTSIDE = -1
SALE, PURCHASE = 0, 1
PARTNERS_MAX = 1_500
OUTSIDE_PER_FIRM = 30


def draw_partners(
    mechanism: Mechanism,
    firms: Columns,
    traders: NDArray[np.int64],
    *,
    topic: str,
    seed: int,
    chunk: int,
) -> Columns:
    """Trading partners of each trading firm, the largest first.

    Partners inside the sample attract trade in proportion to the square root of their sales
    (preferential attachment); the others are names outside it, a few of them very common.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        traders: Rows of the firms that trade.
        topic: `customer` or `supplier`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per partner: `trader` (place in `traders`), `share` (of the firm's invoices;
        sums to one per trader, largest first), `partner` (row of the firm in the chunk or
        -1), `outside_n` and `former_n` (numbers of the outside name now and before),
        `switch` (fraction of the window until which the former one trades; 0 if it never did).

    Source:
        Preferential attachment: Barabasi and Albert 1999, Science 286.
    """
    rng, n = stream(seed, topic, chunk), len(traders)
    median = mechanism.customers_median if topic == "customer" else mechanism.suppliers_median
    counts = median * np.exp(mechanism.partners_log_sd * rng.standard_normal(n))
    trader, place = spread(np.clip(np.rint(counts), 3, PARTNERS_MAX).astype(np.int64))
    weight = np.exp(mechanism.partner_weight_log_sd * rng.standard_normal(len(trader)))
    weight = weight[np.lexsort((-weight, trader))]
    total = np.bincount(trader, weights=weight)
    return {
        "trader": trader,
        "share": weight / total[trader],
        "partner": _draw_inside(mechanism, firms, traders, rng, (trader, place))
        if topic == "customer"
        else np.full(len(trader), OUTSIDE),
        "outside_n": _draw_names(mechanism, rng, len(trader)),
        "former_n": _draw_names(mechanism, rng, len(trader)),
        "switch": np.where(rng.random(len(trader)) < 0.4, rng.random(len(trader)), 0.0),
    }


def _draw_inside(
    mechanism: Mechanism,
    firms: Columns,
    traders: NDArray[np.int64],
    rng: np.random.Generator,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """The sample's firm behind each partner, or -1; the main partner is always outside.

    Firms founded within the window buy from nobody inside: they would buy before they are born.
    """
    trader, place = rows
    attraction = np.cumsum(np.sqrt(firms["revenue_cny"][traders]))
    drawn = np.searchsorted(attraction, rng.random(len(trader)) * attraction[-1], side="right")
    chosen = traders[np.minimum(drawn, len(traders) - 1)]
    inside = (rng.random(len(trader)) < mechanism.inside_share) & (place > 0)
    opens_on = month_starts(mechanism.as_of, mechanism.months_n)[0]
    inside &= firms["founded_on"][chosen] < opens_on
    return np.where(inside & (chosen != traders[trader]), chosen, OUTSIDE)


def _draw_names(mechanism: Mechanism, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    names_n = OUTSIDE_PER_FIRM * mechanism.chunk_firms
    return 1 + (names_n * rng.random(n) ** 2).astype(np.int64)


def choose_partners(partners: Columns, trader: NDArray[np.int64], draw: Floats) -> NDArray[Any]:
    """The partner row of each invoice, drawn by share.

    Args:
        partners: Columns of `draw_partners`.
        trader: Place of the firm in the list of traders, per invoice.
        draw: Uniform draws in [0, 1), per invoice.
    """
    owner = partners["trader"]
    first = np.searchsorted(owner, np.arange(owner[-1] + 1))
    running = np.cumsum(partners["share"])
    before = (running - partners["share"])[first]
    edges = np.minimum(running - before[owner], 1.0) + owner
    row = np.minimum(np.searchsorted(edges, trader + draw, side="right"), len(owner) - 1)
    return np.where(owner[row] == trader, row, first[trader])


def draw_invoices(
    mechanism: Mechanism,
    firms: Columns,
    months: Columns,
    starts: NDArray[Any],
    *,
    traders: NDArray[np.int64],
    seed: int,
    chunk: int,
) -> Columns:
    """Single invoices behind the monthly trade.

    Valid sale invoices of a month add up to its gross sales (each rounded to the fen), credit
    notes are negative, void invoices come on top. A sale to a firm of the sample appears again
    as that firm's purchase, with the same number and amount. Purchases of a month from outside
    names add up to its purchases less the usual share bought inside.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        months: Arrays of `draw_months`.
        starts: First days of the months.
        traders: Rows of the firms whose invoices are known.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per invoice: `firm`, code `direction`, `number` (unique within firm and
        direction), `issued_on`, `partner` (row of the firm in the chunk or -1), `outside_n`,
        `net_lcy`, `vat_lcy`, `void` (bool).
    """
    ends = np.append(starts[1:], np.datetime64(mechanism.as_of) + 1)
    size = {name: values[traders] for name, values in months.items()}
    gross = size["sales_lcy"] + size["credit_notes_lcy"]
    inside = mechanism.inside_share / mechanism.purchase_share_median
    bought = size["purchases_lcy"] * (1.0 - inside)
    kinds = (
        ("customer", SALE, "valid", gross, size["sale_n"]),
        ("customer", SALE, "credit", -size["credit_notes_lcy"], size["credit_note_n"]),
        ("customer", SALE, "void", _void_amounts(gross, size), size["void_n"]),
        ("supplier", PURCHASE, "valid", bought, size["purchase_n"]),
    )
    partners = {
        topic: draw_partners(mechanism, firms, traders, topic=topic, seed=seed, chunk=chunk)
        for topic in ("customer", "supplier")
    }
    blocks = []
    for topic, direction, kind, amounts, counts in kinds:
        rng = stream(seed, f"invoice {direction} {kind}", chunk)
        pick_size = rng.lognormal(0.0, mechanism.invoice_log_sd, int(counts.sum()))
        block = _draw_block(rng, partners[topic], amounts, counts, (starts, ends, pick_size))
        n = len(block["trader"])
        direction_column = np.full(n, direction)
        blocks.append({**block, "direction": direction_column, "void": np.full(n, kind == "void")})
    merged = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return _mirror(_finish(mechanism, firms, merged, traders))


def _void_amounts(gross: Floats, size: dict[str, Any]) -> Floats:
    mean = np.divide(gross, size["sale_n"], out=np.zeros(gross.shape), where=size["sale_n"] > 0)
    return np.asarray(mean * size["void_n"], np.float64)


def _draw_block(
    rng: np.random.Generator,
    partners: Columns,
    amounts: Floats,
    counts: NDArray[np.int64],
    window: tuple[NDArray[Any], NDArray[Any], Floats],
) -> Columns:
    starts, ends, weight = window
    months_n = len(starts)
    cell, _ = spread(counts.reshape(-1))
    trader, month = cell // months_n, cell % months_n
    total = np.bincount(cell, weights=weight, minlength=counts.size)
    days = (ends - starts).astype(np.int64)[month]
    offset = (rng.random(len(cell)) * days).astype(np.int64)
    when = (month + offset / days) / months_n
    row = choose_partners(partners, trader, rng.random(len(cell)))
    former = when < partners["switch"][row]
    return {
        "trader": trader,
        "issued_on": starts[month] + offset.astype("timedelta64[D]"),
        "partner": np.where(former, OUTSIDE, partners["partner"][row]),
        "outside_n": np.where(former, partners["former_n"][row], partners["outside_n"][row]),
        "net_lcy": round_fen(amounts.reshape(-1)[cell] * weight / total[cell]),
    }


def _finish(
    mechanism: Mechanism, firms: Columns, merged: Columns, traders: NDArray[np.int64]
) -> Columns:
    order = np.lexsort((merged["issued_on"], merged["direction"], merged["trader"]))
    sorted_rows = {name: values[order] for name, values in merged.items()}
    trader = sorted_rows.pop("trader")
    group = trader * 2 + sorted_rows["direction"]
    _, place = spread(np.bincount(group, minlength=2 * len(traders)))
    firm = traders[trader]
    rates = dict(mechanism.vat_rates)
    rate = np.array([rates[item.family] for item in mechanism.sectors])[firms["sector"][firm]]
    return {
        "firm": firm,
        **sorted_rows,
        "number": (firm + 1) * 100_000 + place + 1,
        "vat_lcy": round_fen(sorted_rows["net_lcy"] * rate),
    }


def _mirror(invoices: Columns) -> Columns:
    sold = invoices["partner"] != OUTSIDE
    copy = {name: values[sold] for name, values in invoices.items()}
    copy = {**copy, "firm": copy["partner"], "partner": copy["firm"]}
    copy["direction"] = np.full(len(copy["firm"]), PURCHASE)
    both = {name: np.concatenate([invoices[name], copy[name]]) for name in invoices}
    order = np.lexsort((both["number"], both["issued_on"], both["direction"], both["firm"]))
    return {name: values[order] for name, values in both.items()}
