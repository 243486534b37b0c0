"""The validation as one page in two languages, with plots drawn as SVG; no network needed."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.validating.plots import bars, reliability, roc
from techflow_service.validating.sensitivity_page import (
    HEAD,
    explain_sensitivity,
    importance_plot,
    partial_plot,
    sensitivity_rows,
)
from techflow_service.validating.words import NOTHING_FOUND, REJECT_INFERENCE, TESTS, sheet, warn


def render(found: Mapping[str, Any]) -> str:
    """The whole page."""
    card, power = found["card"], found["discrimination"]
    title = both(f"{card.label.zh}：验证报告", f"Validation: {card.label.en}")
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(card.id)} · {escape(card.hash)} · '
        + both(
            f"{found['scored_n']:,}行评分，{found['events_n']:,}个事件",
            f"{found['scored_n']:,} rows scored, {found['events_n']:,} events",
        )
        + "</p>",
        _use(found),
        f"<h2>{both('区分与校准', 'Discrimination and calibration')}</h2>",
        f"<p>AUC {power['auc']:.3f} ({power['auc_low']:.3f}–{power['auc_high']:.3f}) · "
        f"KS {power['ks']:.3f} · AP {power['average_precision']:.3f} · "
        f"Brier {power['brier']:.4f}</p>",
        f'<div class="plots">{roc(found)}{reliability(found)}{bars(found)}</div>',
        _tests(found),
        _grades(found),
        _stability(found),
        _sensitivity(found),
        _groups(found),
        _leaks(found),
        _ends(found),
    ]
    return document(card.id, parts)


def _use(found: Mapping[str, Any]) -> str:
    """Intended use, population, limits, and when not to use it: first, because it matters most."""
    card = found["card"]
    lines = [
        (Words("用途", "Intended use"), card.use),
        (Words("适用客群", "Population"), card.population),
        (Words("目标", "Target"), card.target),
        (Words("限制", "Limits"), card.limits),
    ]
    told = "".join(f"<p><b>{said(name)}</b>　{said(words)}</p>" for name, words in lines)
    warnings = "".join(f'<p class="warn">{said(words)}</p>' for words in warn(found))
    refused = "".join(
        f"<p>{both('拒绝评分', 'Not scored')}: {escape(why)} {n:,}</p>"
        for why, n in found["refused"].items()
    )
    heading = both("何时不可使用", "When not to use it")
    first = both("用途与限制", "Use and limits")
    return f"<h2>{first}</h2>{told}<h2>{heading}</h2>{warnings}{refused}"


def _tests(found: Mapping[str, Any]) -> str:
    calibration = found["calibration"]
    rows = [
        [said(TESTS[name]), f"{test['value']:.2f}", f"{test['p']:.4f}"]
        for name, test in calibration["tests"].items()
    ]
    head = [
        Words("校准检验", "Test of calibration"),
        Words("统计量", "Statistic"),
        Words("p值", "p"),
    ]
    return table(head, rows)


COUNTS = [
    Words("行数", "Rows"),
    Words("事件", "Events"),
    Words("预测", "Expected"),
    Words("实际", "Observed"),
    Words("实际的95%区间（Jeffreys）", "95 % of observed (Jeffreys)"),
]


def _counts(row: Mapping[str, Any]) -> list[str]:
    return [
        f"{row['rows_n']:,}",
        f"{row['events_n']:,}",
        f"{row['expected']:.2%}",
        f"{row['observed']:.2%}",
        f"{row['low']:.2%}–{row['high']:.2%}",
    ]


def _grades(found: Mapping[str, Any]) -> str:
    rows = [[row["grade"], *_counts(row), f"{row['p_so_many']:.3f}"] for row in found["grades"]]
    last = Words("事件不少于此的概率", "Chance of so many")
    head = [Words("等级", "Grade"), *COUNTS, last]
    return f"<h2>{both('各等级', 'By grade')}</h2>{table(head, rows)}"


def _stability(found: Mapping[str, Any]) -> str:
    heading = f"<h2>{both('稳定性', 'Stability')}</h2>"
    if not found["stability"]:
        return (
            heading + f"<p>{both('数据没有时间，无法检验', 'The set has no time: not tested')}</p>"
        )
    rows = [
        [str(r["period"]), f"{r['rows_n']:,}", f"{r['value']:.3f}", f"{r['p']:.4f}"]
        for r in found["stability"]
    ]
    head = [Words("期间", "Period"), Words("行数", "Rows"), Words("PSI", "PSI"), Words("p值", "p")]
    moved = [
        [both(**r["label"]), f"{r['value']:.3f}", f"{r['p']:.4f}"] for r in found["characteristics"]
    ]
    name = Words(
        "变动最大的输入（前半期对后半期）", "Inputs that moved most (first half, second half)"
    )
    inputs = table([name, Words("CSI", "CSI"), Words("p值", "p")], moved) if moved else ""
    return heading + table(head, rows) + inputs


def _sensitivity(found: Mapping[str, Any]) -> str:
    heading = f"<h2>{both('输入敏感性', 'Sensitivity to each input')}</h2>"
    plots = f'<div class="plots">{importance_plot(found)}{partial_plot(found)}</div>'
    return heading + explain_sensitivity(found) + plots + table(HEAD, sensitivity_rows(found))


def _groups(found: Mapping[str, Any]) -> str:
    if not found["groups"]:
        return ""
    rows = []
    for row in found["groups"]:
        if row["auc"] is None:
            rows.append([both(**row["group"]), both("事件过少", "too few events"), *[""] * 5])
            continue
        ends = f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})"
        rows.append([both(**row["group"]), ends, *_counts(row)])
    head = [Words("分组", "Group"), Words("AUC", "AUC"), *COUNTS]
    return f"<h2>{both('公平性：规模与地区', 'Fairness: size and region')}</h2>{table(head, rows)}"


def _leaks(found: Mapping[str, Any]) -> str:
    heading = f"<h2>{both('泄漏检查', 'Leaks')}</h2>"
    if not found["leaks"]:
        return heading + f"<p>{both('未发现', 'None found')}</p>"
    rows = [
        [
            escape(leak["column"]),
            f"{leak['auc']:.2f}",
            both("使用" if leak["used"] else "未使用", "used" if leak["used"] else "not used"),
            both(leak["zh"], leak["en"]),
        ]
        for leak in found["leaks"]
    ]
    head = [
        Words("列", "Column"),
        Words("数值", "Value"),
        Words("模型", "Card"),
        Words("原因", "Why"),
    ]
    return heading + table(head, rows, kind="text")


def _ends(found: Mapping[str, Any]) -> str:
    """Model card, the sheet, and what could not be done."""
    metrics = [
        [escape(m["name"]), f"{m['value']:.3f}", _how(m["how"])]
        for m in found["card"].fitted["metrics"]
    ]
    head = [
        Words("留出样本指标", "Held out, from the model card"),
        Words("数值", "Value"),
        Words("方法", "How"),
    ]
    items = [[said(name), said(words)] for name, words in sheet(found)]
    title = Words("JR/T 0221-2021（条款未核实）", "JR/T 0221-2021 (clauses unverified)")
    sheet_table = table([title, Words("结果", "Result")], items, kind="text")
    heading = f"<h2>{both('附录', 'Appendix')}</h2>"
    return (
        f"{heading}{table(head, metrics, kind='text')}{sheet_table}<p>{said(REJECT_INFERENCE)}</p>"
    )


def _how(text: str) -> str:
    """A method said in both languages, as the model card keeps it: zh / en."""
    zh, _, en = text.rpartition(" / ")
    return both(zh or en, en)


def to_json(found: Mapping[str, Any]) -> str:
    """The figures for machines."""
    card = found["card"]
    plain = {name: value for name, value in found.items() if name != "card"}
    warnings = [words.en for words in warn(found) if words != NOTHING_FOUND]
    return json.dumps({"card": card.id, "hash": card.hash, "warnings": warnings} | plain, indent=1)
