"""What came out, in words that can be pasted into a mail."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from techflow.policy import Decision, Titles, explain, explain_gaps, gaps_of
from techflow_service.judging.register import Lang

CHANGES = {
    "gains": "gain",
    "loses": "lose",
    "keeps": "keep",
    "stays_out": "stay out",
    "open": "cannot be decided",
}
SHOWN = 12


def count_answers(judged: Path, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Yes, no and unknown per policy, with the reasons of what is unknown.

    Args:
        judged: Parquet with the columns of `evaluate`.
        ids: Policies.
    """
    frame, rows = pl.scan_parquet(judged), []
    for policy_id in ids:
        prefix = policy_id.replace(".", "_")
        answer, reason = pl.col(f"{prefix}__answer"), pl.col(f"{prefix}__reason")
        counts = frame.select(
            firms_n=pl.len(),
            yes_n=answer.sum(),
            no_n=(~answer).sum(),
            unknown_n=answer.is_null().sum(),
            **{f"{why}_n": (reason == why).sum() for why in ("undecided", "unusable")},
            not_in_force_n=(reason == "not_in_force").sum(),
        )
        rows.append({"id": policy_id, **counts.collect(engine="streaming").row(0, named=True)})
    return rows


def tell_summary(summary: Mapping[str, Any]) -> str:
    """The summary of `judge_file` as lines.

    Args:
        summary: From `judge_file`.
    """
    width = max(len(row["id"]) for row in summary["policies"])
    rows_n, day = summary["policies"][0]["firms_n"], summary["on"]
    when = f"on {day}" if day[:1].isdigit() else f"each on the day in {day}"
    lines = [f"{rows_n:,} rows, {when}, {summary['engine']}"]
    for row in summary["policies"]:
        reasons = [
            f"{row[f'{why}_n']:,} {why.replace('_', ' ')}"
            for why in ("undecided", "unusable", "not_in_force")
            if row[f"{why}_n"]
        ]
        lines.append(
            f"  {row['id']:<{width}}  yes {row['yes_n']:,}  no {row['no_n']:,}  "
            f"unknown {row['unknown_n']:,}" + (f" ({', '.join(reasons)})" if reasons else "")
        )
    files = [f"wrote {file}" for file in summary["out"]]
    return "\n".join([*lines, *_caveats(summary, summary["facts_n"]), *files])


def _caveats(summary: Mapping[str, Any], facts_n: int | None = None) -> list[str]:
    """Facts without a column, and cells that could not be read."""
    lines, absent = [], summary["absent"]
    if absent:
        of = f" of {facts_n}" if facts_n else ""
        more = f", and {len(absent) - SHOWN} more (--json names all)" if len(absent) > SHOWN else ""
        names = ", ".join(absent[:SHOWN])
        lines.append(f"no column for {len(absent)}{of} facts, unknown for all: {names}{more}")
    for name, n in summary["unreadable"].items():
        lines.append(f"column {name}: {n:,} cells could not be read, taken as unknown")
    return lines


def tell_comparison(found: Mapping[str, Any]) -> str:
    """The result of `compare_with_draft` as lines.

    Args:
        found: From `compare_with_draft`.
    """
    total = found["total"]
    head = f"{found['policy']} on {found['on']}: {found['in_force']} against {found['draft']}"
    lines = [
        head,
        f"{total['firms_n']:,} firms; qualify now {total['before_n']:,}, "
        f"under the draft {total['after_n']:,}",
        "  " + ", ".join(f"{total[f'{key}_n']:,} {word}" for key, word in CHANGES.items()),
    ]
    for row in found["groups"]:
        name = ", ".join("(none)" if row[by] is None else str(row[by]) for by in found["by"])
        counts = (f"{row[f'{key}_n']:,} {word}" for key, word in CHANGES.items())
        lines.append(f"  {name}: {', '.join(counts)}")
    written = [f"wrote {found['out']}"] if found["out"] else []
    return "\n".join([*lines, *_caveats(found), *written])


def tell_gaps(decision: Decision, lang: Lang, *, titles: Titles) -> list[str]:
    """What a firm must change to qualify: the verdict, then what to do.

    Args:
        decision: What the policy says of the firm.
        lang: `zh` or `en`.
        titles: Titles of the policies whose answers it uses.
    """
    todo = explain_gaps(gaps_of(decision), decision, lang, titles=titles)
    if not todo and decision.answer:
        todo = ["无须改变" if lang == "zh" else "Nothing is missing"]
    return [explain(decision, lang, titles=titles)[0], *(f"  {line}" for line in todo)]
