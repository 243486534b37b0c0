"""The backstop fund on one page."""

from techflow.credit import Words
from techflow.market.backstop.judging import SURE, Estimate
from techflow_service.backstop.running import SHOCK, Simulated
from techflow_service.long_capital.content import words_of
from techflow_service.long_capital.pictures import Axis, Line, Range, line_plot, range_plot
from techflow_service.pages import both, document, mark_words, said, table

UNKNOWABLE = (
    Words(
        "没有官方方案：触发、规模、退出与全部参数均为建议或猜测，未用任何市场的数据估计",
        "There is no official design: trigger, size, exit and every parameter are proposals or "
        "guesses, fitted to no market",
    ),
    Words(
        "标准误只是模拟的抽样误差；参数是否正确、模型是否成立不在其中，真实的不确定大得多",
        "Standard errors are those of sampling alone; whether parameters and model are right is "
        "not in them: the true uncertainty is far larger",
    ),
    Words(
        "道德风险有多大无人测得：按几种借款增幅列出，并给出收益变为危害的范围",
        "Nobody has measured the moral hazard: several rises of borrowing are shown, and where the "
        "benefit turns into harm",
    ),
    Words(
        "基金拖住价格也会拖住价格发现；抢跑触发线、暂停交易、境外渠道与恐慌的传染均未模拟",
        "Holding prices up holds their discovery up; running ahead of the trigger, halts, "
        "channels abroad and contagion of panic are not simulated",
    ),
    Words(
        "历史上只有少数几次此类干预，无法检验本模型的概率；基金可能长期亏损，公共资金有风险",
        "There were few such interventions: the chances of this model cannot be tested; the fund "
        "can lose for long and public money is at risk",
    ),
)
SHOWN = (
    ("severe", Words("严重下跌概率", "Severe fall")),
    ("tail", Words("最差情形跌幅", "Fall in the worst")),
    ("forced", Words("被迫卖出", "Forced sales")),
    ("used", Words("动用概率", "Used")),
    ("bought", Words("平均动用", "Spent")),
    ("still_held", Words("期末仍持有", "Still holding")),
    ("gain", Words("基金平均盈亏", "Gain of the fund")),
    ("loss_tail", Words("最差情形亏损", "Loss in the worst")),
    ("worst", Words("途中最大浮亏", "Greatest loss on the way")),
)


def render_backstop(told: Simulated) -> str:
    """The whole page."""
    note = both(
        f"{told.paths_n:,}条路径 · {told.years:g}年 · 种子{told.seed} · "
        "金额为期初市值的比例 · ± 为标准误",
        f"{told.paths_n:,} paths · horizon {told.years:g} y · seed {told.seed} · money as a share "
        "of the market at the start · ± is a standard error",
    )
    parts = [f'<button>中 / EN</button><h1>{_finding(told)}</h1><p class="note">{note}</p>']
    parts.append(f'<div class="plots">{_sizes(told)}{_hazards(told)}{_shock(told)}</div>')
    parts += [_size_table(told), _hazard_table(told), _assumed(told)]
    parts.append(f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>")
    parts += [f'<p class="warn">{said(words)}</p>' for words in UNKNOWABLE]
    return document("backstop", parts)


def _finding(told: Simulated) -> str:
    plain = told.sized[0].judged.severe
    target = told.content["asked"]["severe_chance_max"]["value"]
    if told.chosen is None:
        last = told.sized[-1]
        return both(
            f"试算的规模都达不到目标{target:.0%}：最大{last.size:.1%}时严重下跌概率仍为"
            f"{last.judged.severe.value:.1%}，无基金{plain.value:.1%}",
            f"No size tried meets the target of {target:.0%}: with {last.size:.1%} a severe fall "
            f"still has a chance of {last.judged.severe.value:.1%}, without {plain.value:.1%}",
        )
    if told.chosen == 0.0:
        return both(
            f"无基金时严重下跌概率{plain.value:.1%}，已在目标{target:.1%}以内",
            f"Without a fund a severe fall has a chance of {plain.value:.1%}, within the target of "
            f"{target:.1%}",
        )
    one = next(one for one in told.sized if one.size == told.chosen)
    return both(
        f"规模{one.size:.1%}的基金使严重下跌概率由{plain.value:.1%}降至{one.judged.severe.value:.1%}"
        f"（目标{target:.0%}），道德风险未计",
        f"A fund of {one.size:.1%} lowers the chance of a severe fall from {plain.value:.1%} to "
        f"{one.judged.severe.value:.1%} (target {target:.0%}), before moral hazard",
    )


def _range(name: Words, one: Estimate, *, marked: bool) -> Range:
    reach = SURE * one.error
    return Range(name, one.value, one.value - reach, one.value + reach, marked)


def _sizes(told: Simulated) -> str:
    target = told.content["asked"]["severe_chance_max"]["value"]
    rows = [
        _range(
            Words(f"规模{one.size:.1%}", f"size {one.size:.1%}")
            if one.size
            else Words("无基金", "no fund"),
            one.judged.severe,
            marked=one.size == told.chosen,
        )
        for one in told.sized
    ]
    most = 1.1 * max(max(row.high for row in rows), target)
    title = Words(
        f"严重下跌概率随规模下降（95%区间，目标{target:.0%}，橙色为达标的最小规模）",
        f"A severe fall is rarer with size (95 % interval, target {target:.0%}, orange the "
        "smallest that meets it)",
    )
    ticks = [(0.0, "0%"), (target, f"{target:.0%}"), (most, f"{most:.0%}")]
    return range_plot(title, rows, Axis(Words("概率", "chance"), 0.0, most, ticks))


def _hazards(told: Simulated) -> str:
    rows = [
        _range(
            Words(f"借款增加{rise:.0%}", f"borrowing +{rise:.0%}"),
            one,
            marked=one.value + SURE * one.error < 0,
        )
        for rise, one in told.hazards
    ]
    low, high = min(0.0, *(row.low for row in rows)), max(0.0, *(row.high for row in rows))
    room = 0.1 * (high - low or 1.0)
    ticks = [(low, f"{low:.1%}"), (0.0, "0"), (high, f"{high:.1%}")]
    ticks = [tick for k, tick in enumerate(ticks) if k == 1 or abs(tick[0]) > room]
    axis = Axis(
        Words("避免的严重下跌概率", "chance of a severe fall avoided"),
        low - room,
        high + room,
        ticks,
    )
    return range_plot(_turning(told), rows, axis)


def _turning(told: Simulated) -> Words:
    helps, harms = told.turns
    zh = "没有一种借款增幅下确有益处" if helps is None else f"借款增幅{helps:.0%}以内确有益处"
    en = (
        "Surely helps at no rise of borrowing"
        if helps is None
        else f"With more borrowing: surely helps to +{helps:.0%}"
    )
    if harms is None:
        return Words(f"{zh}，试算范围内未见确有危害", f"{en}; surely harms at none tried")
    return Words(f"{zh}，{harms:.0%}起确有危害", f"{en}, surely harms from +{harms:.0%}")


def _shock(told: Simulated) -> str:
    lines = [
        Line(name, list(enumerate(path)))
        for name, path in zip(
            (Words("无基金", "no fund"), Words("有基金", "with the fund")), told.shock, strict=True
        )
    ]
    lows = [min(path) for path in told.shock]
    title = Words(
        f"价值五日跌{SHOCK:.0%}：价格最低{lows[0]:.1%}，有基金{lows[1]:.1%}（对数，此后无新消息）",
        f"Value falls {SHOCK:.0%} in five days: the price by {-lows[0]:.1%}, with the fund "
        f"{-lows[1]:.1%} (logarithm, no news after)",
    )
    low = min(lows) * 1.1
    days = len(told.shock[0]) - 1
    x = Axis(Words("交易日", "days"), 0.0, days, [(k, str(k)) for k in (0, days // 2, days)])
    y = Axis(Words("价格", "price"), low, 0.0, [(v, f"{v:.0%}") for v in (low, low / 2, 0.0)])
    return line_plot(title, lines, x, y)


def _size_table(told: Simulated) -> str:
    head = [Words("规模", "Size"), *(words for _, words in SHOWN)]
    head += [Words("避免的严重下跌", "Severe falls avoided"), Words("成本减盈亏", "Cost less gain")]
    rows = [
        [
            f"{one.size:.1%}",
            *(_pair(getattr(one.judged, name)) for name, _ in SHOWN),
            _pair(one.avoided),
            _pair(one.cost),
        ]
        for one in told.sized
    ]
    return f"<h2>{both('各规模，同一组抽样', 'Sizes, on the same draws')}</h2>{table(head, rows)}"


def _hazard_table(told: Simulated) -> str:
    head = [Words("借款增幅", "Rise of borrowing"), Words("避免的严重下跌", "Severe falls avoided")]
    rows = [[f"{rise:.0%}", _pair(one)] for rise, one in told.hazards]
    top = both(
        f"道德风险（规模{told.shown:.1%}，与无基金且不增加借款相比）",
        f"Moral hazard (size {told.shown:.1%}, beside no fund and no rise)",
    )
    return f"<h2>{top}</h2>{table(head, rows)}"


def _pair(one: Estimate) -> str:
    if one.value != one.value:
        return "—"
    return f"{one.value:.2%} ± {one.error:.2%}"


def _assumed(told: Simulated) -> str:
    head = [Words("假定", "Assumption"), Words("数值", "Value"), Words("标记", "Mark")]
    rows = [
        [said(words_of(spec)), _value(spec["value"]), said(mark_words(spec["mark"]))]
        for group in ("world", "fund", "asked")
        for spec in told.content[group].values()
    ]
    return f"<h2>{both('假定', 'Assumptions')}</h2>{table(head, rows, kind='text')}"


def _value(value: object) -> str:
    return ", ".join(f"{v:g}" for v in value) if isinstance(value, list) else f"{value:g}"
