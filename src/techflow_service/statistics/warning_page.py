"""Early warning as one page in two languages: pictures by signal, the table behind, its limits."""

from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.statistics.warning import Warned, field_words
from techflow_service.statistics.warning_pictures import bar_plot, number

KINDS = {
    "concentration": Words(
        "集中度：结果是否系于少数企业或地区", "Concentration: few firms or places"
    ),
    "gap": Words("资金缺口：需求中无人满足的部分", "Funding gap: need that nobody meets"),
    "froth": Words("过热：资金是否跑在收入前面", "Froth: money that runs ahead of revenue"),
    "micro": Words("单个企业的失败：容忍度之内", "Failures of single firms: against the tolerance"),
}
STATUS = {
    "calm": Words("平稳", "calm"),
    "watch": Words("关注", "watch"),
    "warn": Words("预警", "warning"),
    "tolerated": Words("容忍内", "tolerated"),
    "beyond": Words("超出容忍", "beyond tolerance"),
    "unknown": Words("无法计算", "not known"),
    "none": Words("", ""),
}
UNKNOWABLE = (
    Words(
        "所有阈值均为建议值，未经任何历史危机检验；预警是请人去看，不是结论。",
        "All thresholds are proposals that no past crisis has tested: a warning asks somebody to "
        "look, it is no finding.",
    ),
    Words(
        "只看得到本库评估过的企业。区间表示若另取同类企业会有多大差别，不包括缺失企业与数据错误。"
        "企业很少时区间偏窄。",
        "Only the firms of this assessment are seen. Intervals say how much other firms of the "
        "same kind would differ, not what absent firms or wrong records would change; with few "
        "firms they are too narrow.",
    ),
    Words(
        "缺口按建议额度计算，不是实际投放；负债、需求、自有资金或额度未知的企业不计入，"
        "它们往往正是更难融资的企业。",
        "The gap is against the limit that could be lent, not what was lent. Firms of unknown "
        "debt, need, own funds or limit are not in it, and they may well be the ones with the "
        "harder time.",
    ),
    Words(
        "过热只看库中登记的融资；估值、二级市场和未披露的融资不在其中。领域间的共同风险"
        "（同一客户、同一技术路线）也看不到。",
        "Froth sees recorded rounds only, no valuations, markets or undisclosed rounds. What "
        "fields share, such as customers or one technology, is not seen either.",
    ),
    Words(
        "企业过少的领域不单列，也不进入任何合计。防相减只针对--before所指的那一次。",
        "Fields of too few firms stand alone nowhere and are in no total. Subtraction is guarded "
        "against the one run named by --before.",
    ),
)


def render_warning(warned: Warned) -> str:
    """The whole page.

    Args:
        warned: Result of `measure`.
    """
    return document(
        "techflow statistics warn",
        [
            f"<button>中 / EN</button><h1>{said(tell(warned))}</h1>",
            _read(warned),
            *(_section(warned, kind) for kind in KINDS),
            _table(warned),
            _formulas(warned),
            f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>",
            "".join(f'<p class="warn">{said(line)}</p>' for line in UNKNOWABLE),
        ],
    )


def tell(warned: Warned) -> Words:
    """The finding in one sentence."""
    micro = [n for n, one in warned.spec["signal"].items() if one["kind"] == "micro"]
    warn, watch = (
        [r for r in warned.having(s) if r["signal"] not in micro] for s in ("warn", "watch")
    )
    failing = [r for r in warned.having("beyond") if r["signal"] in micro]
    looked = [r for r in warned.having("watch") if r["signal"] in micro]
    zh = f"{warned.run.as_of}：宏观信号{len(warn)}项预警、{len(watch)}项关注；"
    en = f"{warned.run.as_of}: {len(warn)} macro signals warn, {len(watch)} to watch; "
    if failing:
        zh += f"单个企业的失败有{len(failing)}项超出容忍度"
        en += f"failures of single firms are beyond the tolerance in {len(failing)} figures"
    else:
        zh += "单个企业的失败未确证超出容忍度"
        en += "failures of single firms are not shown to be beyond the tolerance"
    if looked:
        zh += f"，{len(looked)}项关注"
        en += f", {len(looked)} to watch"
    return Words(zh, en)


def summarise(warned: Warned) -> list[Words]:
    """The finding, then a line for each figure that is not calm."""
    lines = [tell(warned)]
    for row in warned.having("warn", "beyond", "watch"):
        one, field = warned.spec["signal"][row["signal"]], field_words(row["field"])
        word, unit = STATUS[row["status"]], one["unit"]
        span = "" if row["low"] is None else f" [{_span(row, unit)}]"
        said_so = f"{number(row['value'], unit)}{span}"
        limit = number(row["threshold"], unit)
        lines.append(
            Words(
                f"  {word.zh} {field.zh}：{one['zh']} {said_so}，阈值{limit}（建议）",
                f"  {word.en} {field.en}: {one['en']} {said_so}, threshold {limit} (proposal)",
            )
        )
    lines.append(
        Words(
            f"  需求未知{warned.need_unknown_n:,}家；其他币种{warned.run.others_n:,}家未计入；"
            f"{len(warned.withheld)}个小领域不单列，另有{warned.silent_n}项数字不示",
            f"  need unknown for {warned.need_unknown_n:,} firms; {warned.run.others_n:,} of other "
            f"currencies left out; {len(warned.withheld)} small fields and {warned.silent_n} more "
            "figures withheld",
        )
    )
    return lines


def _span(row: dict[str, Any], unit: str) -> str:
    return f"{number(row['low'], unit)}, {number(row['high'], unit)}"


def _read(warned: Warned) -> str:
    run, rules = warned.run, warned.spec["rules"]
    small = [field_words(name) for name in warned.withheld]
    zh = (
        f"{len(run.rows):,}家企业，{len(warned.firms)}个领域，金额币种{warned.currency}；"
        f"其他币种的企业{run.others_n:,}家未计入，不同币种从不相加。整个{rules['level']:.0%}区间越过阈值、且至少有"
        f"{rules['warn_firms_n_min']}家企业才预警，"
        "其余越过者为关注。"
    )
    en = (
        f"{len(run.rows):,} firms in {len(warned.firms)} fields, amounts in {warned.currency}; "
        f"{run.others_n:,} firms of other currencies are left out: currencies are never added. "
        "A signal warns only if its whole "
        f"{rules['level']:.0%} interval lies beyond the threshold and at least "
        f"{rules['warn_firms_n_min']} firms stand behind it; else it is to watch if the estimate "
        "lies beyond. "
    )
    if small:
        zh += f"不足{rules['firms_n_min']}家而不单列：{'、'.join(w.zh for w in small)}。"
        en += (
            f"Fewer than {rules['firms_n_min']} firms, withheld: {', '.join(w.en for w in small)}."
        )
    if warned.silent_n:
        zh += f"另有{warned.silent_n}项数字因企业太少或与上次相减会暴露个别企业而不示。"
        en += (
            f" {warned.silent_n} more figures are withheld: too few firms stand behind them, or "
            "behind their difference from the earlier run."
        )
    if warned.before:
        zh += f"与{warned.before.as_of}相比。"
        en += f" Compared with {warned.before.as_of}."
    return f'<p class="note">{both(zh, en)}</p>'


def _section(warned: Warned, kind: str) -> str:
    plots = []
    for name, one in warned.spec["signal"].items():
        rows = [row for row in warned.figures if row["signal"] == name]
        if one["kind"] == kind and rows:
            named = [(field_words(row["field"]), row) for row in rows]
            plots.append(bar_plot(named, _finding(one, named), one["unit"], one.get("threshold")))
    inner = "".join(plots) or both("没有可示的数字。", "Nothing can be shown.")
    lead = f"<p>{said(LEADS[kind](warned))}</p>" if kind in LEADS else ""
    return f'<h2>{said(KINDS[kind])}</h2>{lead}<div class="plots">{inner}</div>'


def _lead_gap(warned: Warned) -> Words:
    n, whole = warned.need_unknown_n, len(warned.run.rows)
    return Words(
        f"{whole:,}家企业中有{n:,}家的需求、自有资金、负债或额度未知：它们的缺口未知，不当作零。",
        f"Need, own funds, debt or limit is unknown for {n:,} of {whole:,} firms: their gap is "
        "unknown, not zero.",
    )


def _lead_micro(warned: Warned) -> Words:
    calm = len(warned.having("tolerated"))
    most = len([r for r in warned.figures if warned.spec["signal"][r["signal"]]["kind"] == "micro"])
    return Words(
        f"{most}项中{calm}项在容忍度内：单个企业的失败是支持创新的代价，不作预警。",
        f"{calm} of {most} figures lie within the tolerance: failures of single firms are the "
        "price of backing innovation and no warning.",
    )


LEADS = {"gap": _lead_gap, "micro": _lead_micro}


def _finding(one: dict[str, Any], named: list[tuple[Words, dict[str, Any]]]) -> Words:
    """What a picture shows: who is beyond the threshold, else that nobody is."""
    for status in ("warn", "beyond", "watch"):
        found = [words for words, row in named if row["status"] == status]
        if found:
            word = STATUS[status]
            some = found[:3]
            more = len(found) - len(some)
            return Words(
                f"{one['zh']}：{word.zh}{'、'.join(w.zh for w in some)}"
                + (f"等{len(found)}个" if more else ""),
                f"{one['en']}: {word.en} for {', '.join(w.en for w in some)}"
                + (f" and {more} more" if more else ""),
            )
    if "threshold" not in one:
        return Words(one["zh"], one["en"])
    if one["kind"] == "micro":
        return Words(f"{one['zh']}：均在容忍度内", f"{one['en']}: all within the tolerance")
    return Words(f"{one['zh']}：均未越过阈值", f"{one['en']}: none beyond the threshold")


def _table(warned: Warned) -> str:
    signals = warned.spec["signal"]
    by_place = {(row["field"], row["signal"]): row for row in warned.figures}
    fields = list(dict.fromkeys(row["field"] for row in warned.figures))
    fields.sort(key=lambda name: (name is None, str(name)))
    head = [Words("领域", "Field"), Words("企业数", "Firms")]
    head += [Words(one["zh"], one["en"]) for one in signals.values()]
    rows = []
    for name in fields:
        firms = warned.firms.get(name) if name else len(warned.run.rows)
        cells = [_cell(by_place.get((name, key)), one["unit"]) for key, one in signals.items()]
        rows.append([said(field_words(name)), "–" if firms is None else f"{firms:,}", *cells])
    note = both(
        "每格：估计值、区间、企业数与结论；“–”为不予发布、不适用或无法计算。"
        "合计只含各自可示的领域。",
        "Each cell: estimate, interval, firms and verdict; – where it is withheld, has no "
        "meaning or cannot be reckoned. The total is over the fields that can be shown.",
    )
    title = both("全部数字", "All figures")
    return f'<h2>{title}</h2>{table(head, rows)}<p class="note">{note}</p>'


def _cell(row: dict[str, Any] | None, unit: str) -> str:
    if row is None or row["value"] is None:
        return "–"
    span = "" if row["low"] is None else f"[{_span(row, unit)}]"
    return (
        f"{number(row['value'], unit)}<br>{span}<br>"
        + both(f"{row['firms_n']:,}家", f"{row['firms_n']:,} firms")
        + f"<br>{said(STATUS[row['status']])}"
    )


def _formulas(warned: Warned) -> str:
    rows = [
        [
            both(one["zh"], one["en"]),
            both(one["formula_zh"], one["formula_en"]),
            number(one.get("threshold"), one["unit"]),
            both(one["reason_zh"], one["reason_en"]),
        ]
        for one in warned.spec["signal"].values()
    ]
    head = [
        Words("信号", "Signal"),
        Words("公式", "Formula"),
        Words("阈值（建议）", "Threshold (proposal)"),
        Words("理由", "Reason"),
    ]
    title = both("公式与阈值", "Formulas and thresholds")
    return f"<h2>{title}</h2>{table(head, rows, kind='text')}"
