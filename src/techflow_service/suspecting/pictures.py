"""Pictures of a scan as SVG with the finding as title."""

from collections.abc import Mapping, Sequence
from html import escape
from math import cos, pi, sin
from typing import Any

from techflow.credit import Words
from techflow_service.pages import spans
from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at

BLUE, GREY = "#0072b2", "#8b949e"
CIRCLES_MAX = 4


def sign_bars(signs: Sequence[Mapping[str, Any]], firms_n: int) -> str:
    """How many firms show each sign, and for how many it is unknown.

    Args:
        signs: `zh en there_n unknown_n` of each sign.
        firms_n: Firms scanned.
    """
    step = 1.0 / max(len(signs), 1)
    inner = ""
    for place, one in enumerate(signs):
        top = 1.0 - (place + 0.12) * step
        parts = ((0.0, one["there_n"], BLUE), (one["there_n"], one["unknown_n"], "#d0d7de"))
        for start, n, colour in parts:
            inner += (
                f'<rect x="{x_at(start / firms_n):.1f}" y="{y_at(top):.1f}" '
                f'width="{n / firms_n * SIDE:.1f}" height="{0.3 * step * SIDE:.1f}" '
                f'fill="{colour}"/>'
            )
        y = y_at(top) + 0.72 * step * SIDE
        for language in ("zh", "en"):
            inner += (
                f'<text data-l="{language}" x="{LEFT + 4}" y="{y:.1f}">'
                f"{escape(one[language])} {one['there_n']:,}</text>"
            )
    most = max(signs, key=lambda one: one["there_n"])
    zh = f"最常见的信号：{most['zh']}，{most['there_n']:,}户（灰色为无法判断）"
    en = f"Most frequent: {most['en']}, {most['there_n']:,} firms (grey: cannot be told)"
    return frame_plot(zh, en, inner, (spans(Words(f"0–{firms_n:,}户", f"0–{firms_n:,} firms")), ""))


def point_bars(counts: Sequence[tuple[float, int]], capacity: int) -> str:
    """Firms by points, those without any left out.

    Args:
        counts: Points and how many firms have them, ascending.
        capacity: Cases a review takes.
    """
    shown = [(points, n) for points, n in counts if points > 0.0]
    most = max((n for _, n in shown), default=1)
    step, inner = 1.0 / max(len(shown), 1), ""
    for place, (points, n) in enumerate(shown):
        inner += (
            f'<rect x="{x_at((place + 0.15) * step):.1f}" y="{y_at(0.9 * n / most):.1f}" '
            f'width="{0.7 * step * SIDE:.1f}" height="{0.9 * n / most * SIDE:.1f}" fill="{BLUE}"/>'
            f'<text x="{x_at((place + 0.5) * step):.1f}" y="{y_at(0.9 * n / most) - 4:.1f}" '
            f'text-anchor="middle">{n:,}</text>'
            f'<text x="{x_at((place + 0.5) * step):.1f}" y="{TOP + SIDE + 14}" '
            f'text-anchor="middle">{points:g}</text>'
        )
    cases = sum(n for _, n in shown)
    zh = f"{cases:,}户有信号，一次复核看前{min(capacity, cases):,}户"
    en = f"{cases:,} firms show a sign; a review takes the first {min(capacity, cases):,}"
    return frame_plot(
        zh, en, inner, (spans(Words("分数", "points")), spans(Words("户数", "firms")))
    )


def circle_picture(circles: Sequence[Sequence[Mapping[str, Any]]], found_n: int) -> str:
    """The first circles: firms as dots, each arrow an invoice from seller to buyer.

    Args:
        circles: Invoices of each circle, `seller_id buyer_id net_lcy issued_on`.
        found_n: Circles found in all.
    """
    cell, inner, shown = SIDE / 2, "", circles[:CIRCLES_MAX]
    for place, invoices in enumerate(shown):
        centre = (LEFT + (place % 2 + 0.5) * cell, TOP + (place // 2 + 0.5) * cell)
        inner += _circle(invoices, centre)
    zh, en = f"找到{found_n:,}个循环", f"{found_n:,} circles of invoices found"
    if found_n > len(shown):
        zh, en = (
            f"{zh}，图为{len(shown)}组企业各一个",
            f"{en}; one each of {len(shown)} sets of firms",
        )
    arrow = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{BLUE}"/></marker></defs>'
    )
    return frame_plot(
        zh,
        en,
        arrow + inner,
        (spans(Words("箭头：卖方到买方，万元", "arrow: seller to buyer, 10,000 yuan")), ""),
    )


def _circle(invoices: Sequence[Mapping[str, Any]], centre: tuple[float, float]) -> str:
    onward = {one["seller_id"]: one["buyer_id"] for one in invoices}
    firms = [invoices[0]["seller_id"]]
    while onward.get(firms[-1], firms[0]) not in firms:
        firms.append(onward[firms[-1]])
    bow = 0.25 if len(firms) == 2 else 0.0
    radius = 44.0
    at = {
        firm: (
            centre[0] + radius * sin(2 * pi * n / len(firms)),
            centre[1] - radius * cos(2 * pi * n / len(firms)),
        )
        for n, firm in enumerate(firms)
    }
    inner = ""
    for one in (one for one in invoices if {one["seller_id"], one["buyer_id"]} <= set(firms)):
        (ax, ay), (bx, by) = at[one["seller_id"]], at[one["buyer_id"]]
        dx, dy = bx - ax, by - ay
        bend = (ax + bx) / 2 + bow * dy, (ay + by) / 2 - bow * dx
        end = bx - 0.1 * dx, by - 0.1 * dy
        start = ax + 0.1 * dx, ay + 0.1 * dy
        inner += (
            f'<path d="M{start[0]:.1f} {start[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} '
            f'{end[0]:.1f} {end[1]:.1f}" fill="none" stroke="{BLUE}" marker-end="url(#tip)"/>'
            f'<text x="{bend[0]:.1f}" y="{bend[1]:.1f}" text-anchor="middle">'
            f"{one['net_lcy'] / 1e4:,.0f}</text>"
        )
    for firm, (x, y) in at.items():
        name = escape(firm.rpartition("-")[2].rpartition(":")[2])
        below = 14 if y > centre[1] + 1.0 else -7
        inner += (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{GREY}"/>'
            f'<text x="{x:.1f}" y="{y + below:.1f}" text-anchor="middle">{name}</text>'
        )
    return inner
