"""The verdict, why, and how it changed."""

from typing import Any

from techflow_service.platform.charts import Chart, axes, line, option, point
from techflow_service.platform.memo.figures import COLUMNS, amount, choose, label
from techflow_service.platform.memo.writing import Memo
from techflow_service.platform.scales import grade_places, meaning, steps_up
from techflow_service.platform.showing import DASH, number, rate


def tell_verdict(memo: Memo) -> dict[str, Any]:
    """Grade, PD, limit and rate, or what is missing for them; reasons; earlier runs."""
    row, speak = memo.verdict, memo.speak
    graded = row.get("grade")
    grade = memo.cell(
        "assessment", "grade", row, text=graded or memo.word("assessment", "verdict", row)
    )
    return {
        "sentence": _sentence(memo),
        "facts": [
            (grade, meaning(memo.record, graded, speak.language)),
            (
                memo.cell("assessment", "pd", row),
                memo.word("assessment", "pd_basis", row),
            ),
            (
                memo.cell("assessment", "limit_lcy", row),
                memo.word("assessment", "limit_reason_code", row),
            ),
            (
                memo.cell("assessment", "rate_pa", row),
                speak("firm.break_even") if row.get("rate_pa") is not None else "",
            ),
        ],
        "marks": _marks(memo),
        "reasons": _reasons(memo),
        "missing": memo.listed(row, "missing"),
        "history": _history(memo),
    }


def _sentence(memo: Memo) -> str:
    row, speak = memo.verdict, memo.speak
    if row.get("verdict") == "insufficient":
        missing = speak.pick(row, "missing")
        return speak("firm.insufficient", missing=missing) if missing else speak("firm.no_evidence")
    told = {"grade": row.get("grade") or DASH, "pd": rate(row.get("pd"))}
    if row.get("verdict") == "expert":
        return speak("firm.expert", **told)
    basis = memo.word("assessment", "pd_basis", row)
    return speak(
        "firm.graded", card=memo.sources.card_name(row.get("card_id")), basis=basis, **told
    )


def _marks(memo: Memo) -> list[str]:
    """What must be said beside a grade: a card that nobody approved, weights that are ours."""
    row, speak = memo.verdict, memo.speak
    if row.get("verdict") == "expert":
        return [speak.mark(memo.record.get("expert", {}).get("mark", "proposal"))]
    card = memo.sources.card(row.get("card_id"))
    status = card.get(f"status_{speak.language}")
    return [speak("firm.card_status", status=status)] if status else []


def _reasons(memo: Memo) -> list[dict[str, Any]]:
    row, speak = memo.verdict, memo.speak
    found = [n for n in (1, 2, 3) if row.get(f"reason_{n}_{speak.language}")]
    parts = {n: row.get(f"reason_{n}_part") for n in found}
    most = max((abs(part) for part in parts.values() if part is not None), default=1.0) or 1.0
    told = []
    for n in found:
        part = parts[n]
        cell = None
        if part is not None:
            word = speak("firm.raises" if part > 0 else "firm.lowers", n=number(abs(part), 2))
            cell = memo.cell("assessment", "reason_1_part", {"reason_1_part": part}, text=word)
            feature = label(speak, "profile", row[f"reason_{n}_feature"])
            cell = cell._replace(label=feature)
        told.append(
            {
                "text": row[f"reason_{n}_{speak.language}"],
                "cell": cell,
                "share": abs(part or 0.0) / most,
                "raises": (part or 0.0) > 0,
            }
        )
    return told


def _history(memo: Memo) -> dict[str, Any]:
    """Runs up to this one, newest first, and their finding."""
    rows, speak = memo.look.history, memo.speak
    codes = COLUMNS["assessment"]["verdict"].codes
    told = [
        (
            row["run__as_of"].isoformat(),
            row["grade"] or choose(speak, codes.get(row["verdict"], ("", ""))),
            rate(row["pd"]),
            amount(speak, row["limit_lcy"], row["currency"] or "CNY"),
            rate(row["rate_pa"]),
        )
        for row in reversed(rows)
    ]
    return {"title": _change(memo), "rows": told, "chart": _pd_chart(memo)}


def _change(memo: Memo) -> str:
    rows, speak = memo.look.history, memo.speak
    if len(rows) < 2:
        return speak("firm.history_one")
    before, now = rows[-2], rows[-1]
    told = {"before": before["grade"] or DASH, "now": now["grade"] or DASH}
    told |= {"since": before["run__as_of"].isoformat(), "on": now["run__as_of"].isoformat()}
    if before["grade"] == now["grade"]:
        return speak("firm.history_same" if now["grade"] else "firm.history_none", **told)
    steps = steps_up(grade_places(memo.record), before["grade"], now["grade"])
    if steps is None:
        return speak("firm.history_other", **told)
    return speak("firm.history_up" if steps > 0 else "firm.history_down", n=abs(steps), **told)


def _pd_chart(memo: Memo) -> Chart | None:
    """PD over the runs, one line for each kind of PD: kinds do not compare."""
    rows, speak = memo.look.history, memo.speak
    if sum(row["pd"] is not None for row in rows) < 2:
        return None
    codes = COLUMNS["assessment"]["pd_basis"].codes
    series = []
    for basis in dict.fromkeys(row["pd_basis"] for row in rows if row["pd"] is not None):
        points = [
            point(100 * row["pd"], row["grade"])
            if row["pd"] is not None and row["pd_basis"] == basis
            else None
            for row in rows
        ]
        series.append(line(choose(speak, codes.get(basis, (basis, basis))), points, labelled=False))
    days = [row["run__as_of"].isoformat() for row in rows]
    return Chart(_change(memo), speak("firm.history_subtitle"), option(**axes(days), series=series))
