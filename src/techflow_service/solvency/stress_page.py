"""A stressed scheme as one page in two languages, and in words."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at
from techflow_service.scheme_telling import Lang
from techflow_service.solvency.pictures import BLUE, ORANGE, label
from techflow_service.solvency.wording import LIMITS, RENEWED, give, money, rate

GREY = "#8b949e"
NOTES = (
    Words(
        "冲击前后使用同一组随机数：差别只来自冲击。因子冲击发生在第一年，之后各年按因子的记忆延续；"
        "违约概率与损失率的冲击在所有年份有效。",
        "Before and after share the same random numbers: the difference is the shock's alone. A "
        "shock to the factors comes in the first year and is remembered later as far as factors "
        "are; shocks to default probabilities and loss rates hold in all years.",
    ),
    Words(
        "因子冲击沿预期损失上升最快的方向；概率为第一年同样差或更差的概率，以因子服从正态分布为前提。",
        "A shock to the factors goes the way in which the expected loss rises fastest; its chance "
        "is that of a first year as bad or worse, if factors are normal.",
    ),
)


def fail_words(told: Mapping[str, Any]) -> Words:
    """What it means that the pool fails."""
    if told["purse"]:
        return Words("资金池用尽", "the pool empties")
    return Words("限额或熔断使资金方停付", "a cap or breaker stops the paying party")


def shock_words(told: Mapping[str, Any]) -> Words:
    """The shock in words."""
    shock, zh, en = told["shock"], [], []
    if shock["deviations"] is not None:
        zh.append(f"共同因子{shock['deviations']:+g}个标准差")
        en.append(f"what firms share at {shock['deviations']:+g} deviations")
    for name, word in (("pd_times", ("违约概率", "PD")), ("lgd_times", ("损失率", "loss rate"))):
        if shock[name] != 1.0:
            zh.append(f"{word[0]}乘以{shock[name]:g}")
            en.append(f"{word[1]} times {shock[name]:g}")
    if shock["sectors"] and zh:
        zh.append("仅限行业：" + "、".join(shock["sectors"]))
        en.append("only " + ", ".join(shock["sectors"]))
    return Words("，".join(zh) or "无冲击", ", ".join(en) or "no shock")


def row_words(row: Mapping[str, Any]) -> Words:
    """One mildest shock in words."""
    name = {
        "all": Words("全部企业的共同因子", "What all firms share"),
        "sector": Words(f"仅{row.get('sector')}的因子", f"The factor of {row.get('sector')} alone"),
        "pd": Words("全部违约概率", "All default probabilities"),
        "lgd": Words("全部损失率", "All loss rates"),
    }[row["kind"]]
    size = row["size"]
    if size is None:
        return Words(f"{name.zh}：所试最大冲击也不够", f"{name.en}: not even the largest tried")
    if row["kind"] in ("pd", "lgd"):
        return Words(f"{name.zh}乘以{size:.2f}", f"{name.en} times {size:.2f}")
    likely = row["chance_pa"]
    return Words(
        f"{name.zh}：{-size:.2f}个标准差（第一年概率{likely:.2g}）",
        f"{name.en}: {-size:.2f} deviations (chance of such a first year {likely:.2g})",
    )


def tell_stress(told: Mapping[str, Any], lang: Lang) -> str:
    """The result for a person.

    Args:
        told: Result of `stress_file`.
        lang: Language.
    """
    return "\n".join(words.zh if lang == "zh" else words.en for words in _lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[Words]:
    yield headline(told)
    for row in [{"zh": "全部损失", "en": "all losses", **told["loss"]}, *told["parties"]]:
        before, after = (
            give(row[name], told["scheme"]["currency"]) for name in ("before", "after")
        )
        yield Words(
            f"  {row['zh']}：冲击前{before.zh}，冲击后{after.zh}",
            f"  {row['en']}: before {before.en}, after {after.en}",
        )
    if told["reverse"]:
        fails, share = fail_words(told), f"{told['shock']['chance']:.0%}"
        yield Words(
            f"使{fails.zh}的概率达到{share}的最轻冲击：",
            f"Mildest shocks under which {fails.en} with a chance of {share}:",
        )
        for row in told["reverse"]["rows"]:
            words = row_words(row)
            yield Words(f"  {words.zh}", f"  {words.en}")
        if held := held_words(told):
            yield held


def held_words(told: Mapping[str, Any]) -> Words | None:
    """What keeps the pool whole where no shock is enough."""
    reverse = told["reverse"]
    if reverse["rows"][0]["size"] is not None or not told["purse"]:
        return None
    held = rate(reverse["held_at_worst"])
    return Words(
        f"资金池不用尽，因为熔断或限额先行停付：最大冲击下其概率为{held}；超出部分由其他各方承担。",
        "The pool does not empty because a breaker or cap stops payment first: with a chance of "
        f"{held} under the largest shock. What is beyond falls on the other parties.",
    )


def headline(told: Mapping[str, Any]) -> Words:
    """The finding in a sentence."""
    shock, fails, currency = shock_words(told), fail_words(told), told["scheme"]["currency"]
    loss = [give(told["loss"][name], currency) for name in ("before", "after")]
    risk = [rate(told["fails"][name]) for name in ("before", "after")]
    return Words(
        f"{told['scheme']['zh']}，{told['years_n']}年，冲击：{shock.zh}。预期损失由{loss[0].zh}变为"
        f"{loss[1].zh}；{fails.zh}的概率由{risk[0]}变为{risk[1]}（± 为标准误）",
        f"{told['scheme']['en']}, {told['years_n']} years; shock: {shock.en}. Expected losses go "
        f"from {loss[0].en} to {loss[1].en}; the chance that {fails.en} from {risk[0]} to "
        f"{risk[1]} (± is the standard error)",
    )


def party_plot(told: Mapping[str, Any]) -> str:
    """What each party bears before (grey) and after the shock (blue), with two errors."""
    parties, currency = told["parties"], told["scheme"]["currency"]
    ends = [p[n]["value"] + 2 * p[n]["error"] for p in parties for n in ("before", "after")]
    most, step, inner = max(ends) * 1.02 or 1.0, SIDE / len(parties), ""
    for place, party in enumerate(parties):
        top = TOP + place * step
        inner += label(LEFT + 3, top + 14, party["zh"], party["en"])
        for k, (name, colour) in enumerate((("before", GREY), ("after", BLUE))):
            y, own = top + 20 + k * (step - 24) / 2, party[name]
            height = (step - 28) / 2
            inner += (
                f'<rect x="{LEFT}" y="{y:.1f}" width="{own["value"] / most * SIDE:.1f}" '
                f'height="{height:.1f}" fill="{colour}"/>'
            )
            low, high = (x_at(max(own["value"] + e * own["error"], 0) / most) for e in (-2, 2))
            middle = y + height / 2
            inner += (
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}" '
                f'stroke="{ORANGE}" stroke-width="2"/>'
            )
    worst = max(parties, key=lambda p: p["after"]["value"] - p["before"]["value"])
    more = money(worst["after"]["value"] - worst["before"]["value"], currency)
    zh = f"{worst['zh']}多承担最多：{more.zh}（灰：冲击前，蓝：冲击后）"
    en = f"{worst['en']} bears most of it: {more.en} more (grey: before, blue: after)"
    words = money(most, currency)
    axis = f'<tspan data-l="zh">承担的损失，0–{words.zh}</tspan>'
    axis += f'<tspan data-l="en">borne, 0–{words.en}</tspan>'
    return frame_plot(zh, en, inner, (axis, ""))


def curve_plot(told: Mapping[str, Any]) -> str:
    """The chance that the pool fails against the size of a shock to all, with two errors."""
    curve, wanted = told["reverse"]["curve"], told["shock"]["chance"]
    most = curve[-1]["deviations"]
    places = [(x_at(p["deviations"] / most), p) for p in curve]
    line = " ".join(f"{x:.1f},{y_at(p['value']):.1f}" for x, p in places)
    inner = f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    for x, p in places:
        low, high = (y_at(min(max(p["value"] + e * p["error"], 0), 1)) for e in (-2, 2))
        inner += f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{BLUE}"/>'
        inner += f'<text x="{x:.1f}" y="{TOP + SIDE + 14}" text-anchor="middle">'
        inner += f"{0 - p['deviations']:g}</text>"
    y = y_at(wanted)
    inner += f'<line x1="{LEFT}" x2="{LEFT + SIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="{ORANGE}" '
    inner += 'stroke-dasharray="4 3"/>'
    words = _curve_words(told)
    x_axis = '<tspan data-l="zh">标准差</tspan><tspan data-l="en">deviations</tspan>'
    y_axis = '<tspan data-l="zh">失效概率，0–100%</tspan><tspan data-l="en">chance to fail, 0–100%'
    return frame_plot(words.zh, words.en, inner, (x_axis, y_axis + "</tspan>"))


def _curve_words(told: Mapping[str, Any]) -> Words:
    size, fails = told["reverse"]["rows"][0]["size"], fail_words(told)
    share = f"{told['shock']['chance']:.0%}"
    if size is None:
        return Words(
            f"所试冲击下{fails.zh}的概率都低于{share}",
            f"Under no shock tried is it {share} likely that {fails.en}",
        )
    return Words(
        f"共同因子低于{-size:.2f}个标准差时，{fails.zh}的概率超过{share}",
        f"Below {-size:.2f} deviations {fails.en} with a chance above {share}",
    )


def render_stress(told: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        told: Result of `stress_file`.
    """
    title = both(
        "压力测试：谁承担什么，多大的冲击会使资金池失效", "Stress: who bears it, what it takes"
    )
    plots = party_plot(told) + (curve_plot(told) if told["reverse"] else "")
    notes = [*NOTES, *LIMITS, *([RENEWED] if told["renew"] else [])]
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(told["scheme"]["id"])} · {escape(told["on"])} · techflow '
        f"{escape(told['version'])} · seed {told['seed']}</p>",
        f"<p>{said(headline(told))}</p>",
        f'<div class="plots">{plots}</div>',
        _parties(told),
        _mildest(told) if told["reverse"] else "",
        "".join(f'<p class="warn">{said(words)}</p>' for words in notes),
    ]
    return document("pool stress", parts)


def _parties(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    whole = {"zh": "全部", "en": "All"} | told["loss"]
    rows = []
    for row in [whole, *told["parties"]]:
        before, after = row["before"]["value"], row["after"]["value"]
        times = f"{after / before:.2f}" if before > 0 else "–"
        cells = (said(give(row[name], currency)) for name in ("before", "after"))
        rows.append([both(row["zh"], row["en"]), *cells, times])
    head = [
        Words("承担方", "Party"),
        Words("冲击前", "Before"),
        Words("冲击后", "After"),
        Words("倍数", "Times"),
    ]
    return f"<h2>{both('谁承担什么', 'Who bears what')}</h2>{table(head, rows)}"


def _mildest(told: Mapping[str, Any]) -> str:
    fails, share = fail_words(told), f"{told['shock']['chance']:.0%}"
    heading = both(
        f"使{fails.zh}的概率达到{share}的最轻冲击",
        f"Mildest shocks under which {fails.en} with a chance of {share}",
    )
    rows = "".join(f"<li>{said(row_words(row))}</li>" for row in told["reverse"]["rows"])
    held = held_words(told)
    note = f'<p class="warn">{said(held)}</p>' if held else ""
    return f"<h2>{heading}</h2><ul>{rows}</ul>{note}"
