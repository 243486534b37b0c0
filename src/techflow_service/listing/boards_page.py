"""The boards of firms as one page in two languages; no network needed."""

from collections.abc import Sequence
from html import escape
from typing import Any

from techflow.credit import Words
from techflow.flow.listing import BoardFit
from techflow.market.listing import Evidence
from techflow_service.listing.boards import ANSWERS, BoardsFound, FirmFound, count_answers
from techflow_service.listing.facts import RIGHTS_FILE, SUPPLIES_FILE
from techflow_service.listing.pictures import draw_answers, tell_mark
from techflow_service.pages import both, document, said, table

FIRMS_SHOWN, TOLD_SHOWN, LINES_SHOWN, REFUSED_SHOWN = 40, 5, 30, 10
WORDS = {
    "yes": Words("符合", "yes"),
    "no": Words("不符合", "no"),
    "unknown": Words("未知", "unknown"),
}
DOCUMENTS = {
    RIGHTS_FILE: Words("专利权属记录", "records of rights"),
    SUPPLIES_FILE: Words("采购记录", "records of purchases"),
}
CANNOT = (
    Words(
        "符合指标不等于能够上市：审核、问询、独立性、持续经营、合规与市场都不在本页。",
        "To meet the figures is not to be listed: review, inquiries, independence, continuity, "
        "compliance and the market are not on this page.",
    ),
    Words(
        "预计市值由企业或保荐人填报，本页不估计。",
        "The expected market value is what the firm or its sponsor states; none is estimated here.",
    ),
    Words(
        "技术是否领先、能否替代、供应会否中断，数字不能回答：没有文件的只是陈述，分文件列出，不加权、不打分。",
        "Whether technology leads, can be replaced, or a supply may stop, no number says: what has "
        "no document is a statement. Each stands apart; nothing is weighed or scored.",
    ),
    Words(
        "专利自有不等于不侵权、不被无效；采购国别已知的部分不代表全部。",
        "Owning a patent is neither freedom to operate nor validity; purchases with a known "
        "country do not speak for the rest.",
    ),
    Words(
        "标“未核实”的标准未在原文中读到，数字后为把握程度。",
        "Standards marked unverified were not read in the published text; the number is how sure "
        "we are.",
    ),
)


def summarise(found: BoardsFound) -> dict[str, Any]:
    """The figures of the page."""
    refused = found.read.refused
    return {
        "on": found.on.isoformat(),
        "firms_n": len(found.firms),
        "boards": count_answers(found),
        "some_n": sum(any(fit.answer for fit in firm.fits) for firm in found.firms),
        "refused_n": 0 if refused is None else refused.height,
        "unreadable": dict(found.read.unreadable),
        "absent": list(found.read.absent),
    }


def render_boards(found: BoardsFound) -> str:
    """The whole page."""
    told = summarise(found)
    cannot = "".join(f'<p class="warn">{said(words)}</p>' for words in CANNOT)
    own = "".join(
        f'<p class="warn">{said(Words(**board.label))}{both("：", ": ")}'
        f"{said(Words(**board.cannot))}</p>"
        for board in found.model.boards
    )
    top = sorted(found.firms, key=_rank)
    firms = "".join(_firm(found, firm) for firm in top[:TOLD_SHOWN])
    line = both(
        f"{told['on']}，{told['firms_n']:,}家企业，{told['some_n']:,}家至少符合一个板块",
        f"{told['on']}, {told['firms_n']:,} firms, {told['some_n']:,} fit at least one board",
    )
    picture = draw_answers(told["boards"], firms_n=told["firms_n"])
    parts = [
        f"<button>中 / EN</button><h1>{both('上市板块', 'Boards')}</h1>",
        f'<p class="note">{line}</p>',
        f'<div style="max-width:520px">{picture}</div>',
        f"<h2>{both('各企业与各板块', 'Firms and boards')}</h2>{_matrix(found, top)}",
        firms,
        _refused(found),
        f"<h2>{both('本页不能知道什么', 'What this page cannot know')}</h2>{cannot}{own}",
    ]
    return document("market boards", parts)


def _rank(firm: FirmFound) -> tuple[int, int, str]:
    """Firms that fit come first, then those that are open."""
    answers = [fit.answer for fit in firm.fits]
    return (-sum(bool(answer) for answer in answers), answers.count(False), firm.firm_id)


def _matrix(found: BoardsFound, top: Sequence[FirmFound]) -> str:
    head = [Words("企业", "Firm"), *(Words(**board.label) for board in found.model.boards)]
    rows = [
        [escape(firm.firm_id), *(said(WORDS[ANSWERS[fit.answer]]) for fit in firm.fits)]
        for firm in top[:FIRMS_SHOWN]
    ]
    marks = [both("依据", "Rests on"), *(tell_mark(row["mark"]) for row in count_answers(found))]
    more = len(top) - FIRMS_SHOWN
    tail = both(f"另有{more:,}家，见boards.csv。", f"{more:,} more stand in boards.csv.")
    return table(head, [*rows, marks]) + (f'<p class="note">{tail}</p>' if more > 0 else "")


def _firm(found: BoardsFound, firm: FirmFound) -> str:
    """One firm: what each board lacks, and its technology."""
    head = [
        Words("板块", "Board"),
        Words("结论", "Answer"),
        Words("还缺什么", "What is lacking"),
    ]
    rows = [
        [
            both(**fit.board.label),
            said(WORDS[ANSWERS[fit.answer]]),
            _lacking(fit),
        ]
        for fit in firm.fits
    ]
    return (
        f"<h2>{escape(firm.firm_id)}</h2>{table(head, rows, kind='text')}"
        f"<h2>{both('硬科技与自主可控：证据', 'Technology and control over it: evidence')}</h2>"
        f"{_evidence(found, firm)}"
    )


def _lacking(fit: BoardFit) -> str:
    """Facts to supply, and, folded, what to do for it line by line."""
    zh, en = ([fact.label(lang) for fact in fit.missing] for lang in ("zh", "en"))
    missing = (
        f"<p>{both('缺少：' + '、'.join(zh), 'Not given: ' + ', '.join(en))}</p>" if zh else ""
    )
    lines = f"{_lines(fit.todo['zh'], 'zh')}{_lines(fit.todo['en'], 'en')}"
    ways = both("怎样才能符合", "What it would take")
    folded = f"<details><summary>{ways}</summary>{lines}</details>" if lines else ""
    return f"{missing}{folded}" or "–"


def _lines(lines: Sequence[str], lang: str) -> str:
    told = "".join(
        f'<p data-l="{lang}" style="padding-left:{len(line) - len(line.lstrip())}ch">'
        f"{escape(line.strip())}</p>"
        for line in lines[:LINES_SHOWN]
    )
    more = {"zh": "其余见boards.csv。", "en": "The rest stands in boards.csv."}[lang]
    return told + (f'<p data-l="{lang}">{more}</p>' if len(lines) > LINES_SHOWN else "")


def _evidence(found: BoardsFound, firm: FirmFound) -> str:
    head = [
        Words("指标", "Indicator"),
        Words("数值", "Value"),
        Words("来源", "Source"),
        Words("不能知道", "Not known"),
    ]
    rows = [
        [both(**one.indicator.label), _value(one), _source(one), _not_known(found, firm, one)]
        for one in firm.evidence
    ]
    return table(head, rows, kind="text")


def _value(one: Evidence) -> str:
    if one.value is None:
        return said(WORDS["unknown"])
    if one.indicator.unit == "flag":
        return both("是", "yes") if one.value else both("否", "no")
    return f"{one.value:.1%}" if one.indicator.unit == "share" else f"{one.value:,.0f}"


def _source(one: Evidence) -> str:
    named = [said(DOCUMENTS[text]) if text in DOCUMENTS else escape(text) for text in one.sources]
    if one.undocumented:
        named.append(both("仅企业陈述，无文件", "stated only, no document"))
    return "<br>".join(named) or "–"


def _not_known(found: BoardsFound, firm: FirmFound, one: Evidence) -> str:
    clash = [name for name in one.indicator.facts if name in firm.known.conflicts]
    parts = []
    if clash:
        values = "; ".join(", ".join(map(str, firm.known.conflicts[name])) for name in clash)
        parts.append(both(f"不同来源不一致：{values}", f"sources disagree: {values}"))
    lacks = [name for name in one.lacks if name not in clash]
    if lacks and len(one.lacks) == len(one.indicator.facts):
        parts.append(both("没有资料", "nothing given"))
    elif lacks:
        labels = [
            [found.facts[name].label(lang) for name in lacks if name in found.facts]
            for lang in ("zh", "en")
        ]
        parts.append(both("缺少：" + "、".join(labels[0]), "not given: " + ", ".join(labels[1])))
    return "<br>".join(parts) or "–"


def _refused(found: BoardsFound) -> str:
    refused = found.read.refused
    if refused is None or refused.is_empty():
        return ""
    rows = [
        [
            f"{row['source_row_n']}",
            escape(f"{row['firm_id'] or '–'} {row['fact'] or '–'}"),
            both(row["reason_zh"], row["reason_en"]),
        ]
        for row in refused.head(REFUSED_SHOWN).iter_rows(named=True)
    ]
    head = [Words("行", "Row"), Words("企业与事实", "Firm and fact"), Words("原因", "Reason")]
    heading = both("被拒绝的证据", "Evidence refused")
    return f"<h2>{heading}</h2>{table(head, rows, kind='text')}"
