"""Draws single invoices along a supply network; they add up to the monthly trade exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, round_fen, spread, stream
from techflow.economy.mechanism import Mechanism

OUTSIDE = -1
SALE, PURCHASE = 0, 1
INVOICE_LOG_SD = 0.95


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
        One row per partner: `trader` (place in `traders`), `place` (0 is the main partner),
        `share` (of the firm's invoices; sums to one per trader), `partner` (row of the firm
        in the chunk or -1), `outside_n` (number of the outside name), `since` and `until`
        (fractions of the window between which the partner trades).

    Source:
        Preferential attachment: Barabasi and Albert 1999, Science 286.
    """
    rng = stream(seed, topic, chunk)
    median, sd = mechanism.customers_median, mechanism.customers_log_sd
    counts = np.exp(np.log(median) + sd * rng.standard_normal(len(traders)))
    trader, place = spread(np.clip(np.rint(counts), 2, 400).astype(np.int64))
    n = len(trader)
    weight = np.exp(mechanism.partner_weight_log_sd * rng.standard_normal(n))
    weight = weight[np.lexsort((-weight, trader))]
    total = np.bincount(trader, weights=weight)
    inside = (rng.random(n) < mechanism.inside_share) & (topic == "customer") & (place > 0)
    attraction = np.cumsum(np.sqrt(firms["revenue_cny"][traders]))
    drawn = np.searchsorted(attraction, rng.random(n) * attraction[-1], side="right")
    chosen = traders[np.minimum(drawn, len(traders) - 1)]
    inside &= chosen != traders[trader]
    steady = (rng.random(n) < 0.5) | (place == 0)
    return {
        "trader": trader,
        "place": place,
        "share": weight / total[trader],
        "partner": np.where(inside, chosen, OUTSIDE),
        "outside_n": np.minimum(rng.zipf(1.6, n), 20 * mechanism.chunk_firms),
        "since": np.where(steady, 0.0, rng.random(n) * 0.7),
        "until": np.where(steady, 1.0, 0.3 + rng.random(n) * 0.7),
    }


def choose_partners(
    partners: Columns, trader: NDArray[np.int64], draw: Floats, when: Floats
) -> Any:
    """The partner row of each invoice, by share; the main partner if the drawn one is away.

    Args:
        partners: Columns of `draw_partners`.
        trader: Place of the firm in the list of traders, per invoice.
        draw: Uniform draws in [0, 1), per invoice.
        when: Moment of the invoice as a fraction of the window.
    """
    owner = partners["trader"]
    first = np.searchsorted(owner, np.arange(owner[-1] + 1))
    running = np.cumsum(partners["share"])
    before = (running - partners["share"])[first]
    edges = np.minimum(running - before[owner], 1.0) + owner
    row = np.minimum(np.searchsorted(edges, trader + draw, side="right"), len(owner) - 1)
    row = np.where(owner[row] == trader, row, first[trader])
    away = (when < partners["since"][row]) | (when > partners["until"][row])
    return np.where(away, first[trader], row)


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

    Valid sale invoices of a month add up to its gross sales, credit notes are negative, void
    invoices come on top. A sale to a firm of the sample appears again as that firm's purchase,
    with the same number and amount. Purchases of a month from outside names add up to
    its purchases less the share bought inside.

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
    bought = size["purchases_lcy"] * (1.0 - mechanism.inside_share)
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
        block = _draw_block(rng, partners[topic], amounts, counts, (starts, ends))
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
    window: tuple[NDArray[Any], NDArray[Any]],
) -> Columns:
    starts, ends = window
    months_n = len(starts)
    cell, _ = spread(counts.reshape(-1))
    trader, month = cell // months_n, cell % months_n
    weight = np.exp(INVOICE_LOG_SD * rng.standard_normal(len(cell)))
    total = np.bincount(cell, weights=weight, minlength=counts.size)
    days = (ends - starts).astype(np.int64)[month]
    offset = (rng.random(len(cell)) * days).astype(np.int64)
    when = (month + offset / days) / months_n
    row = choose_partners(partners, trader, rng.random(len(cell)), when)
    return {
        "trader": trader,
        "issued_on": starts[month] + offset.astype("timedelta64[D]"),
        "partner": partners["partner"][row],
        "outside_n": partners["outside_n"][row],
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
