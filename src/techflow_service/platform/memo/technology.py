"""Technology flow against peers; patents and what they are worth."""

from typing import Any

from techflow.schema.technology import DIMENSIONS
from techflow_service.platform.charts import Chart, radar
from techflow_service.platform.memo.figures import COLUMNS, amount, choose, label, tell
from techflow_service.platform.memo.writing import Memo, Row
from techflow_service.platform.roles import Part
from techflow_service.platform.showing import number, share

SPOKES_MIN = 3
SHOWN_N = 12
VALUED = (
    *("technology_revenue_cny", "royalty_share", "royalty_basis", "patents_in_force_n"),
    *("patent_value_low_cny", "patent_value_median_cny", "patent_value_high_cny"),
    *("largest_patent_share", "haircut_share", "loan_to_value_share", "pledge_cap_share"),
    "pledge_value_cny",
)
VALUE = ("term_ends_on", "patent_value_mean_cny")
RIGHT = frozenset({"claims_n", "patent_value_mean_cny"})
PATENT = (*("patent_id", "patent_kind", "title", "filed_on", "granted_on", "ipc", "claims_n"),)


def tell_flow(memo: Memo) -> dict[str, Any]:
    """Score and level, the dimensions beside the peers' medians, bounds, what is not known."""
    row, speak = memo.row(Part.TECHNOLOGY, "technology"), memo.speak
    known = share(row.get("flow_known_share"))
    scored = row.get("flow_score") is not None
    title = (
        speak("firm.flow", level=row["flow_level"], n=number(row["flow_score"], 1), known=known)
        if scored
        else speak("firm.flow_none", known=known)
    )
    lists = [
        (key, memo.listed(row, f"flow_{name}"))
        for key, name in (("strong", "strong"), ("weak", "weak"), ("unknown", "missing"))
    ]
    return {
        "title": title,
        "score": memo.cell("technology", "flow_score", row) if scored else None,
        "bounds": _bounds(memo, row),
        "rank": _rank(memo, row),
        "chart": _radar(memo, row),
        "dimensions": [
            (
                choose(speak, words),
                memo.cell("technology", f"flow_{name}_points", row),
                memo.cell("technology", f"flow_peer_{name}_points", row),
            )
            for name, words in DIMENSIONS.items()
        ]
        if scored
        else [],
        "lists": [(speak(f"firm.flow_{key}"), items) for key, items in lists if items],
    }


def _bounds(memo: Memo, row: Row) -> dict[str, Any] | None:
    if row.get("flow_score_min") is None:
        return None
    return {
        "low": row["flow_score_min"],
        "mid": row.get("flow_score"),
        "high": row["flow_score_max"],
        "text": memo.speak(
            "firm.flow_bounds",
            low=number(row["flow_score_min"]),
            high=number(row["flow_score_max"]),
        ),
    }


def _rank(memo: Memo, row: Row) -> str:
    if row.get("flow_peer_rank_share") is None:
        return memo.speak("firm.peers_none") if row.get("flow_score") is not None else ""
    others = number(row["flow_peers_n"] - 1)
    return memo.speak("firm.peers", share=share(row["flow_peer_rank_share"]), n=others)


def _radar(memo: Memo, row: Row) -> Chart | None:
    """Spokes are the dimensions that are known of this firm."""
    speak = memo.speak
    names = [name for name in DIMENSIONS if row.get(f"flow_{name}_points") is not None]
    if len(names) < SPOKES_MIN:
        return None
    own = [round(row[f"flow_{name}_points"], 2) for name in names]
    peers = [row.get(f"flow_peer_{name}_points") for name in names]
    series = {speak("firm.this_firm"): own}
    known = [round(value, 2) for value in peers if value is not None]
    if len(known) == len(names):
        series[speak("firm.peers_median")] = known
    top = max(5.0, *(value for values in series.values() for value in values))
    spokes = [choose(speak, DIMENSIONS[name]) for name in names]
    return Chart(
        _rank(memo, row), speak("firm.radar_subtitle"), radar(spokes, series, -(-top // 5) * 5)
    )


def tell_patents(memo: Memo) -> dict[str, Any]:
    """What the patents are worth, with its interval; what they secure; the patents."""
    row, speak = memo.row(Part.PATENTS, "technology"), memo.speak
    patents = memo.rows(Part.PATENTS, "patents")
    median = row.get("patent_value_median_cny")
    reason = memo.word("technology", "patent_value_reason_code", row)
    title = (
        speak("firm.value", n=amount(speak, median, "CNY"))
        if median is not None
        else speak("firm.value_none", reason=reason or speak("firm.unknown"))
    )
    return {
        "title": title,
        "interval": _interval(memo, row),
        "facts": memo.cells("technology", VALUED, row),
        "pledge": memo.word("technology", "pledge_reason_code", row),
        "ask": speak("firm.value_ask") if median is None and patents else "",
        "table": _patents(memo, patents),
        "more": max(0, (row.get("patents_in_force_n") or 0) - len(patents)),
    }


def _interval(memo: Memo, row: Row) -> dict[str, Any] | None:
    low, mid, high = (row.get(f"patent_value_{name}_cny") for name in ("low", "median", "high"))
    if low is None or mid is None or not high:
        return None
    told = {
        name: amount(memo.speak, value, "CNY")
        for name, value in (("low", low), ("mid", mid), ("high", high))
    }
    return {
        "low": 100 * low / high,
        "mid": 100 * mid / high,
        "high": 100.0,
        "text": memo.speak("firm.value_interval", **told),
    }


def _patents(memo: Memo, patents: list[Row]) -> dict[str, Any]:
    """The newest patents with their part in the value; columns in which something is known."""
    values = {row["patent_id"]: row for row in memo.rows(Part.PATENTS, "patent_value")}
    newest = sorted(patents, key=lambda row: row.get("filed_on") or "", reverse=True)[:SHOWN_N]
    rows = [{**patent, **values.get(patent["patent_id"], {})} for patent in newest]
    columns = [(table, name) for table, names in (("patent", PATENT), ("patent_value", VALUE))
               for name in names if any(row.get(name) is not None for row in rows)]  # fmt: skip
    return {
        "head": [(label(memo.speak, *column), column[1] in RIGHT) for column in columns],
        "rows": [
            [tell(memo.speak, row.get(name), COLUMNS[table][name]) for table, name in columns]
            for row in rows
        ],
    }
