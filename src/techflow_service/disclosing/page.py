"""The disclosure check as one page in two languages; no network needed."""

from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow.disclosure import CHECKS
from techflow.schema import TABLES
from techflow_service.disclosing.pictures import draw_scores, draw_signals
from techflow_service.disclosing.running import Checked
from techflow_service.pages import both, document, mark_words, said, table

BASES = TABLES["statement"].column("basis").codes
FIRMS_SHOWN = 20
QUESTIONS_SHOWN = 5
CANNOT = [
    Words(
        "分数是提问的次序，不是对企业的判断：权重为提案，未按任何结果拟合。",
        "The score orders questions and is no verdict: weights are proposals, fitted to nothing.",
    ),
    Words(
        "各数相符不证明其真实：整套虚构的账也能平。",
        "Numbers that tie are not proven true: accounts made up as a whole tie as well.",
    ),
    Words(
        "表中没有分红、投资与筹资现金流、折旧、短期借款、其他综合收益、审计意见：未分配利润只能查上限，"
        "现金变动不能核对，应计项目比文献口径宽。",
        "The table holds no dividends, investing or financing cash flows, depreciation, short-term "
        "debt, other comprehensive income or audit opinion: retained earnings have only a ceiling, "
        "the change of cash cannot be tied, accruals are wider than in the literature.",
    ),
    Words(
        "银行、保险不分流动与非流动，持有待售资产单列：此类不符多为列报，不是错误。",
        "Banks and insurers do not split current from non-current, and assets held for sale stand "
        "apart: such differences are mostly presentation, not error.",
    ),
    Words(
        "更正只看得到系统里有两个版本的记录；只装入一次的，无从得知。",
        "A restatement is seen only where two versions were loaded; what came once tells nothing.",
    ),
    Words(
        "一份报表的数很少且互相关联，本福特检验很难发现问题，也会误报。",
        "A statement holds few numbers that depend on each other: Benford's law finds little here, "
        "and cries wolf.",
    ),
]


def summarise(found: Checked) -> dict[str, Any]:
    """The figures of the page."""
    rows = found.rows
    return {
        "as_of": found.as_of.isoformat(),
        "model": found.model.id,
        "mark": found.model.mark,
        "statements_n": rows.height,
        "firms_n": rows["firm_id"].n_unique(),
        "scored_n": rows["disclosure_score"].count(),
        "refused_n": found.refused_n,
        "questions_n": found.findings.height,
        "checks": {c.name: _count_check(rows, c.name) for c in CHECKS},
        "signals": [_count_signal(rows, s.id, s.label) for s in found.model.signals],
        "stated_n": None if found.stated is None else found.stated.height,
        "stated_off_n": None if found.stated is None else int((~found.stated["ok"]).sum() or 0),
    }


def _count_check(rows: pl.DataFrame, name: str) -> dict[str, int]:
    ok = rows[f"ok_{name}"]
    return {"known_n": ok.count(), "off_n": int((~ok).sum() or 0)}


def _count_signal(rows: pl.DataFrame, name: str, label: Any) -> dict[str, Any]:
    part = rows[f"part_{name}"]
    made = int((part > 0).sum() or 0)
    return {"signal": name, **label, "known_n": part.count(), "made_n": made}


def render_checked(found: Checked) -> str:
    """The whole page."""
    told = summarise(found)
    title = both("信息披露质量检查", "Disclosure check")
    line = both(
        f"截至{told['as_of']}：{told['firms_n']:,}家企业，{told['statements_n']:,}份报表，"
        f"{told['scored_n']:,}份有分数，{told['questions_n']:,}个问题，拒绝{told['refused_n']:,}行",
        f"As of {told['as_of']}: {told['firms_n']:,} firms, {told['statements_n']:,} statements, "
        f"{told['scored_n']:,} with a score, {told['questions_n']:,} questions, "
        f"{told['refused_n']:,} rows refused",
    )
    warnings = "".join(f'<p class="warn">{said(words)}</p>' for words in CANNOT)
    model = said(mark_words(told["mark"]))
    parts = [
        f'<button>中 / EN</button><h1>{title}</h1><p class="note">{model} · {line}</p>',
        f"<h2>{both('本页不能知道什么', 'What this page cannot know')}</h2>{warnings}",
        f'<div class="plots">{draw_scores(found.rows)}{draw_signals(told["signals"])}</div>',
        _checks(found, told),
        _firms(found),
        _notices(found),
    ]
    return document("disclosure", parts)


def _checks(found: Checked, told: dict[str, Any]) -> str:
    labels = {signal.id: signal.label for signal in found.model.signals}
    rows = [
        [
            both(**labels[name]),
            f"{count['known_n']:,}",
            f"{told['statements_n'] - count['known_n']:,}",
            f"{count['off_n']:,}" if count["known_n"] else "–",
            f"{found.model.tolerances[name]:.2%}",
        ]
        for name, count in told["checks"].items()
    ]
    head = [
        Words("不符的内容", "What does not tie"),
        Words("可检查", "Can be checked"),
        Words("有未知项", "A part is unknown"),
        Words("不符", "Does not tie"),
        Words("容差", "Tolerance"),
    ]
    return f"<h2>{both('必须相符的数', 'Sums that must tie')}</h2>{table(head, rows)}"


def _firms(found: Checked) -> str:
    """The statements with the most points, each with its questions."""
    top = found.rows.filter(pl.col("disclosure_score") > 0).head(FIRMS_SHOWN)
    heading = both("先问谁，问什么", "Whom to ask first, and what")
    if top.is_empty():
        return f"<h2>{heading}</h2><p>{both('没有问题', 'No questions')}</p>"
    rows = [_firm(found, row) for row in top.iter_rows(named=True)]
    head = [
        Words("企业，期末，口径", "Firm, period end, basis"),
        Words("分数（已知权重）", "Score (weight known)"),
        Words("问题与分值", "Questions and points"),
    ]
    return f"<h2>{heading}</h2>{table(head, rows, kind='text')}"


def _firm(found: Checked, row: dict[str, Any]) -> list[str]:
    same = [pl.col(name) == row[name] for name in ("firm_id", "period_end_on", "basis")]
    asked = found.findings.filter(*same).head(QUESTIONS_SHOWN)
    questions = "".join(
        f"<p>{both(one['question_zh'], one['question_en'])} "
        f'<span class="note">{one["points"]:.1f}/{one["weight"]:.0f}</span></p>'
        for one in asked.iter_rows(named=True)
    )
    return [
        f"{escape(row['firm_id'])} {row['period_end_on']} {said(Words(*BASES[row['basis']]))}",
        f"{row['disclosure_score']:.0f} ({row['disclosure_known_share']:.0%})",
        questions,
    ]


def _notices(found: Checked) -> str:
    """Numbers in texts beside the accounts, and wording that changed."""
    if found.stated is None or found.wording is None:
        return ""
    heading = f"<h2>{both('公告文字', 'Texts of notices')}</h2>"
    known = found.stated.filter(pl.col("ok").is_not_null())
    off = known.filter(~pl.col("ok"))
    summary = both(
        f"读出{found.stated.height:,}个数，{known.height:,}个可与报表核对，{off.height:,}个不符。"
        "只读带金额单位、紧跟项目名称的数；没有读出不说明任何问题。",
        f"{found.stated.height:,} numbers read, {known.height:,} stand in the accounts too, "
        f"{off.height:,} do not tie. Only a number with a unit of money right behind the name of "
        "an item is read; that nothing was read says nothing.",
    )
    rows = [
        [
            escape(f"{one['firm_id']} {one['period_end_on']}"),
            escape(one["said"]),
            f"{one['value_lcy']:,.0f}",
            f"{one['expected_lcy']:,.0f}",
            f"{one['difference_lcy']:,.0f}",
        ]
        for one in off.head(FIRMS_SHOWN).iter_rows(named=True)
    ]
    head = [
        Words("企业，期末", "Firm, period end"),
        Words("文字", "Words"),
        Words("文字中的数", "In the text"),
        Words("报表中的数", "In the accounts"),
        Words("差额", "Difference"),
    ]
    shown = table(head, rows, kind="text") if rows else ""
    return f"{heading}<p>{summary}</p>{shown}{_wording(found.wording)}"


def _wording(wording: pl.DataFrame) -> str:
    told = wording.drop_nulls("wording_change_share").sort("wording_change_share")
    if told.is_empty():
        return f"<p>{both('没有可比的两年文字', 'No two years of text to compare')}</p>"
    rows = [
        [escape(f"{firm} {end}"), str(before), f"{share:.0%}"]
        for firm, end, before, share in told.head(FIRMS_SHOWN).iter_rows()
    ]
    head = [
        Words("企业，期末", "Firm, period end"),
        Words("与何期相比", "Compared with"),
        Words("文字改变（最少在前）", "Wording changed (least first)"),
    ]
    return table(head, rows)
