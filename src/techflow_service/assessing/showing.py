"""A comparison on the terminal, as a table file and as one small page."""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from techflow.schema.assessment import VERDICTS
from techflow_service.assessing.comparing import Comparison, status_label, tabulate
from techflow_service.assessing.summary import short
from techflow_service.assessing.tables import guarded

TERMINAL_FIRMS_N, PAGE_FIRMS_N = 20, 500
HEADS = (
    ("企业", "Firm"),
    ("结论", "Verdict"),
    ("等级", "Grade"),
    ("违约概率", "PD"),
    ("额度", "Limit"),
    ("利率", "Rate"),
    ("原因", "Why"),
)
STYLE = """
body{font:14px/1.5 -apple-system,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif;
margin:24px auto;max-width:1280px;padding:0 16px;color:#1c2733;background:#fff;
font-variant-numeric:tabular-nums}
h1{font-size:20px}table{border-collapse:collapse;width:100%}
th{position:sticky;top:0;background:#eef1f5;text-align:left}
td,th{padding:8px;border-bottom:1px solid #dde2e8;vertical-align:top}
small{color:#5a6675}html[lang=zh] .en,html[lang=en] .zh{display:none}
button{float:right;padding:8px 16px}
@media(max-width:640px){table,tbody,tr,td{display:block}thead{display:none}
td{border:0;padding:4px 0}tr{border-bottom:1px solid #dde2e8;padding:8px 0;display:block}}
@media(prefers-color-scheme:dark){body{background:#12171d;color:#dfe5ec}th{background:#1d252e}
td,th,tr{border-color:#2b3540}small{color:#9aa7b5}}
"""


def _step(row: Mapping[str, Any], name: str, form: Callable[[Any], str], arrow: str) -> str:
    old, new = (row[f"{name}_{word}"] for word in ("before", "after"))
    words = ["–" if value is None else form(value) for value in (old, new)]
    return words[0] if words[0] == words[1] else arrow.join(words)


def _cells(row: Mapping[str, Any], tongue: int, arrow: str) -> list[str]:
    """What moved, in Chinese (0) or English (1)."""
    forms: list[tuple[str, Callable[[Any], str]]] = [
        ("verdict", lambda word: VERDICTS[word][tongue]),
        ("grade", str),
        ("pd", lambda share: f"{share:.2%}"),
        ("limit_lcy", short),
        ("rate_pa", lambda share: f"{share:.2%}"),
    ]
    return [_step(row, name, form, arrow) for name, form in forms]


def tell_comparison(comparison: Comparison, *, width: int) -> str:
    """The comparison for the terminal: what differs, how many moved, the largest moves.

    Args:
        comparison: Result of `compare_folders`.
        width: Columns of the terminal.
    """
    counts = ", ".join(f"{n:,} {status_label(key, 1)}" for key, n in comparison.counts.items())
    lines = [f"{comparison.after['counts']['firms_n']:,} firms; {counts or 'nothing moved'}"]
    lines += [f"  {name}: {old} -> {new}" for name, old, new in comparison.causes]
    if comparison.firms.is_empty():
        return "\n".join(lines)
    table = Table(*(en for _, en in HEADS), box=None, pad_edge=False)
    for row in comparison.firms.head(TERMINAL_FIRMS_N).iter_rows(named=True):
        named = row["firm_id"] if row["name"] is None else f"{row['firm_id']} {row['name']}"
        table.add_row(*(Text(text) for text in (named, *_cells(row, 1, " -> "), row["why_en"])))
    laid = Console(width=width).render_lines(table, pad=False)
    lines += ["".join(segment.text for segment in line).rstrip() for line in laid]
    if (more := comparison.firms.height - TERMINAL_FIRMS_N) > 0:
        lines.append(f"and {more:,} more; --out DIR writes all of them")
    return "\n".join(lines)


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """The comparison for machines: counts, causes, every firm that moved."""
    return {
        "counts": comparison.counts,
        "causes": [
            dict(zip(("what", "before", "after"), c, strict=True)) for c in comparison.causes
        ],
        "firms": tabulate(comparison).to_dicts(),
    }


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write `compare.csv` and `compare.html`.

    Args:
        comparison: Result of `compare_folders`.
        out: Folder to write in; made if it is not there.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows: pl.LazyFrame = tabulate(comparison).lazy()
    guarded(rows).collect().write_csv(out / "compare.csv", include_bom=True)
    (out / "compare.html").write_text(render_comparison(comparison), "utf8")


def _both(zh: str, en: str) -> str:
    return f'<span class="zh">{escape(zh)}</span><span class="en">{escape(en)}</span>'


def render_comparison(comparison: Comparison) -> str:
    """One self-contained page, both languages, no network."""
    causes = "".join(
        f"<li>{escape(name)}: {escape(old)} → {escape(new)}</li>"
        for name, old, new in comparison.causes
    )
    head = "".join(f"<th>{_both(zh, en)}</th>" for zh, en in HEADS)
    body = "".join(_row(row) for row in comparison.firms.head(PAGE_FIRMS_N).iter_rows(named=True))
    counts = "".join(
        f"<li>{_both(status_label(key, 0), status_label(key, 1))}: {n:,}</li>"
        for key, n in comparison.counts.items()
    )
    flip = "document.documentElement.lang=document.documentElement.lang=='zh'?'en':'zh'"
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Techflow compare</title><style>{STYLE}</style>"
        f'<button onclick="{flip}">中文 / English</button>'
        f"<h1>{_both('两次评估的比较', 'Two assessments compared')}</h1>"
        f"<ul>{counts}{causes}</ul>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>"
    )


def _row(row: Mapping[str, Any]) -> str:
    name = f"{escape(row['firm_id'])}<br><small>{escape(row['name'] or '')}</small>"
    texts = zip(_cells(row, 0, " → "), _cells(row, 1, " → "), strict=True)
    cells = "".join(f"<td>{_both(zh, en)}</td>" for zh, en in texts)
    return f"<tr><td>{name}</td>{cells}<td>{_both(row['why_zh'], row['why_en'])}</td></tr>"
