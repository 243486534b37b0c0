"""Pictures of a simulated scheme: who bears what, the losses, the purse over the years."""

from collections.abc import Mapping, Sequence
from typing import Any

from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at
from techflow_service.solvency.wording import money

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8b949e")
BLUE, ORANGE = "#0072b2", "#d55e00"


def colour_of(place: int) -> str:
    """Colour of a party by its place."""
    return COLOURS[place % len(COLOURS)]


def label(x: float, y: float, zh: str, en: str, *, anchor: str = "start") -> str:
    """A text in both languages; the page shows one."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"><tspan data-l="zh">{zh}</tspan>'
        f'<tspan data-l="en">{en}</tspan></text>'
    )


def bearing_plot(told: Mapping[str, Any]) -> str:
    """Shares of each party in the expected loss, in the worst worlds and year by year."""
    parties, currency = told["parties"], told["scheme"]["currency"]
    level = next(row["value"] for row in told["assumed"] if row["name"] == "level")
    worst = f"{100.0 * (1.0 - level):.3g}%"
    rows = [
        ("预期", "expected", [p["mean"]["value"] for p in parties]),
        (f"最差{worst}", f"worst {worst}", [p["tail"]["value"] for p in parties]),
    ]
    rows += [
        (f"第{row['year']}年", f"year {row['year']}", [paid["value"] for paid in row["paid"]])
        for row in told["years"]
    ]
    step, inner = 1.0 / len(rows), ""
    for place, (zh, en, paid) in enumerate(rows):
        total = sum(paid)
        top = TOP + (place + 0.42) * step * SIDE
        words = money(total, currency)
        inner += label(LEFT + 3, top - 4, f"{zh}：{words.zh}", f"{en}: {words.en}")
        inner += _stack(paid, total, top=top, height=0.4 * step * SIDE)
    first = parties[0]
    shares = [rows[k][2][0] / (sum(rows[k][2]) or 1.0) for k in (0, 1)]
    zh = f"{first['zh']}承担预期损失的{shares[0]:.0%}，最差情景的{shares[1]:.0%}"
    en = f"{first['en']} bears {shares[0]:.0%} of what is expected, {shares[1]:.0%} of the worst"
    return frame_plot(zh, en, inner, ("各方份额 / shares, 0–100 %", ""))


def _stack(paid: Sequence[float], total: float, *, top: float, height: float) -> str:
    at, inner = 0.0, ""
    for place, amount in enumerate(paid):
        share = amount / total if total > 0.0 else 0.0
        inner += (
            f'<rect x="{x_at(at):.1f}" y="{top:.1f}" width="{share * SIDE:.1f}" '
            f'height="{height:.1f}" fill="{colour_of(place)}"/>'
        )
        if share >= 0.1:
            middle = x_at(at + share / 2)
            inner += (
                f'<text x="{middle:.1f}" y="{top + height / 2 + 4:.1f}" text-anchor="middle" '
                f'style="fill:#fff">{share:.0%}</text>'
            )
        at += share
    return inner


def legend(parties: Sequence[Mapping[str, Any]]) -> str:
    """Which colour is which party."""
    marks = "".join(
        f'<span style="margin-right:16px"><span style="display:inline-block;width:12px;height:12px;'
        f'background:{colour_of(place)};margin-right:4px"></span><span data-l="zh">{party["zh"]}'
        f'</span><span data-l="en">{party["en"]}</span></span>'
        for place, party in enumerate(parties)
    )
    return f'<p class="note">{marks}</p>'


def loss_plot(told: Mapping[str, Any]) -> str:
    """The distribution of all losses with mean, value at risk and expected shortfall."""
    found, currency = told["histogram"], told["scheme"]["currency"]
    edges, shares = found["edges"], found["shares"]
    tallest, most = max(shares), edges[-1]
    width, inner = SIDE / len(shares), ""
    for place, share in enumerate(shares):
        inner += (
            f'<rect x="{LEFT + place * width:.1f}" y="{y_at(share / tallest * 0.95):.1f}" '
            f'width="{width * 0.9:.1f}" height="{share / tallest * 0.95 * SIDE:.1f}" '
            f'fill="{BLUE}"/>'
        )
    names = {"mean": ("预期", "mean"), "var": ("VaR", "VaR"), "es": ("ES", "ES")}
    for row, (name, (zh, en)) in enumerate(names.items()):
        at = min(told["loss"][name]["value"] / most, 1.0)
        inner += (
            f'<line x1="{x_at(at):.1f}" x2="{x_at(at):.1f}" y1="{TOP}" y2="{TOP + SIDE}" '
            f'stroke="{ORANGE}" stroke-dasharray="4 3"/>'
        )
        side = "end" if at > 0.7 else "start"
        inner += label(x_at(at) + (-3 if at > 0.7 else 3), TOP + 14 + 14 * row, zh, en, anchor=side)
    times = told["loss"]["es"]["value"] / (told["loss"]["mean"]["value"] or 1.0)
    zh = f"最差情景的平均损失为预期的{times:.1f}倍"
    en = f"The worst scenarios lose {times:.1f} times what is expected"
    words = money(most, currency)
    return frame_plot(zh, en, inner, (f"损失 / loss, 0–{words.en}", "情景份额 / share"))


def fan_plot(told: Mapping[str, Any]) -> str:
    """What is left in the purse, as bands of quantiles; or chances by year without a purse."""
    years = told["years"]
    if years[0]["purse"] is None:
        return chance_plot(told)
    most = max(row["purse"][-1] for row in years) or 1.0
    inner = ""
    for low, high, shade in ((0, 6, 0.18), (1, 5, 0.3), (2, 4, 0.45)):
        upper = [(_at(k, years), row["purse"][high] / most) for k, row in enumerate(years)]
        lower = [(_at(k, years), row["purse"][low] / most) for k, row in enumerate(years)]
        points = " ".join(f"{x_at(a):.1f},{y_at(b * 0.95):.1f}" for a, b in upper + lower[::-1])
        inner += f'<polygon points="{points}" fill="{BLUE}" fill-opacity="{shade}"/>'
    middle = [(_at(k, years), row["purse"][3] / most) for k, row in enumerate(years)]
    line = " ".join(f"{x_at(a):.1f},{y_at(b * 0.95):.1f}" for a, b in middle)
    inner += f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    inner += _year_ticks(years)
    last = years[-1]["emptied"]["value"]
    zh = f"{len(years)}年内资金池用尽的概率为{last:.1%}（带为1–99%、5–95%、25–75%）"
    en = f"The purse empties within {len(years)} years in {last:.1%} (bands 1–99, 5–95, 25–75 %)"
    top = money(most, told["scheme"]["currency"])
    return frame_plot(zh, en, inner, ("年末 / end of year", f"余额 / left, 0–{top.en}"))


def chance_plot(told: Mapping[str, Any]) -> str:
    """Chance by year that a purse was empty, a breaker tripped or a cap was reached."""
    years, inner = told["years"], _year_ticks(told["years"])
    names = (("emptied", BLUE), ("tripped", ORANGE), ("capped", "#009e73"))
    most = max(row[name]["value"] for row in years for name, _ in names) or 1.0
    for name, colour in names:
        line = " ".join(
            f"{x_at(_at(k, years)):.1f},{y_at(row[name]['value'] / most * 0.95):.1f}"
            for k, row in enumerate(years)
        )
        inner += f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for k, row in enumerate(years):
            x, y = x_at(_at(k, years)), y_at(row[name]["value"] / most * 0.95)
            inner += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    last = years[-1]
    zh = f"熔断{last['tripped']['value']:.1%}（橙），用尽{last['emptied']['value']:.1%}（蓝），限额"
    zh += f"{last['capped']['value']:.1%}（绿）"
    en = f"Breaker {last['tripped']['value']:.1%} (orange), empty {last['emptied']['value']:.1%} "
    en += f"(blue), cap {last['capped']['value']:.1%} (green) by the last year"
    return frame_plot(zh, en, inner, ("年末 / end of year", f"概率 / chance, 0–{most:.1%}"))


def _at(k: int, years: Sequence[Any]) -> float:
    return 0.5 if len(years) == 1 else 0.05 + 0.9 * k / (len(years) - 1)


def _year_ticks(years: Sequence[Mapping[str, Any]]) -> str:
    return "".join(
        f'<text x="{x_at(_at(k, years)):.1f}" y="{TOP + SIDE + 14}" text-anchor="middle">'
        f"{row['year']}</text>"
        for k, row in enumerate(years)
    )
