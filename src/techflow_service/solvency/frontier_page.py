"""The search of size and share as one page in two languages."""

from collections.abc import Mapping
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.plotting import frame_plot, x_at, y_at
from techflow_service.solvency.pictures import BLUE, COLOURS, ORANGE
from techflow_service.solvency.wording import give, money, rate

GREY = "#8b949e"
NOTES = (
    Words(
        "贷款在让出份额的一方自担的预期损失不超过其上限时发放；若没有资金池便不会发放的，计为新增信贷。",
        "A loan is made if the party that gives way bears an expected loss within its limit; it "
        "counts as created if it would not be made without the pool.",
    ),
    Words(
        "公共成本为政府与基金各方承担的预期损失，加资金池资金的占用成本；费用收入未扣除。",
        "Public cost is what government and funds are expected to bear, and what the money in the "
        "purse costs; fees are not taken off.",
    ),
    Words(
        "所有方案使用同一组违约情景：差别只来自规模与份额。期初一次注资，之后不补充。",
        "All choices share the same defaults: differences are those of size and share alone. The "
        "purse is filled once at the start.",
    ),
    Words(
        "达标以估计值判断，未加标准误。",
        "The target is held against the estimate, without its standard error.",
    ),
)


def frontier_plot(told: Mapping[str, Any]) -> str:
    """Credit created against public cost: solvent choices in blue, the frontier joined."""
    points, hull = told["points"], told["frontier"]
    cost = max(p["cost_cny"]["value"] for p in points) * 1.05 or 1.0
    credit = max(p["created_cny"] for p in points) * 1.05 or 1.0
    places = [
        (x_at(p["cost_cny"]["value"] / cost), y_at(p["created_cny"] / credit)) for p in points
    ]
    inner = ""
    for (x, y), point in zip(places, points, strict=True):
        solvent = point["emptied"]["value"] <= told["emptied_share_max"]
        inner += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{BLUE if solvent else GREY}"/>'
    line = " ".join(f"{places[k][0]:.1f},{places[k][1]:.1f}" for k in hull)
    inner += f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    if told["best"] is not None:
        x, y = places[told["best"]]
        inner += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{ORANGE}" '
        inner += 'stroke-width="2"/>'
    currency = told["scheme"]["currency"]
    zh = f"{len(hull)}个方案在前沿上（蓝：达标，灰：不达标，橙：最优）"
    en = f"{len(hull)} choices on the frontier (blue: solvent, grey: not, orange: best)"
    axes = (
        f"公共成本 / public cost, 0–{money(cost, currency).en}",
        f"新增信贷 / created, 0–{money(credit, currency).en}",
    )
    return frame_plot(zh, en, inner, axes)


def emptied_plot(told: Mapping[str, Any]) -> str:
    """Chance to empty against size, a line for each share."""
    points = told["points"]
    most = max(p["size_cny"] for p in points) or 1.0
    high = max(p["emptied"]["value"] for p in points) or 1.0
    inner = ""
    for place, share in enumerate(sorted({p["share"] for p in points})):
        own = [p for p in points if p["share"] == share]
        line = " ".join(
            f"{x_at(p['size_cny'] / most):.1f},{y_at(p['emptied']['value'] / high * 0.95):.1f}"
            for p in own
        )
        colour = COLOURS[place % len(COLOURS)]
        inner += f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        x, y = x_at(own[0]["size_cny"] / most), y_at(own[0]["emptied"]["value"] / high * 0.95)
        inner += f'<text x="{x + 4:.1f}" y="{y - 3:.1f}">{share:.0%}</text>'
    at = y_at(told["emptied_share_max"] / high * 0.95)
    inner += f'<line x1="{x_at(0)}" x2="{x_at(1)}" y1="{at:.1f}" y2="{at:.1f}" stroke="{ORANGE}" '
    inner += 'stroke-dasharray="4 3"/>'
    size = money(most, told["scheme"]["currency"])
    zh, en = (
        "规模越大越不会用尽（每线一个份额，橙线为目标）",
        ("A bigger pool empties less (a line for each share, orange: target)"),
    )
    return frame_plot(zh, en, inner, (f"规模 / size, 0–{size.en}", f"0–{high:.1%}"))


def render_frontier(told: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        told: Result of `optimise_file`.
    """
    title = both("资金池多大、承担多少", "How big a pool, and which share")
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(told["scheme"]["id"])} · {escape(told["on"])} · techflow '
        f"{escape(told['version'])} · seed {told['seed']}</p>",
        f"<p>{said(best_words(told))}</p>",
        f'<div class="plots">{frontier_plot(told)}{emptied_plot(told)}</div>',
        "".join(f'<p class="warn">{said(words)}</p>' for words in NOTES),
        _points(told),
    ]
    return document("pool frontier", parts)


def best_words(told: Mapping[str, Any]) -> Words:
    """The answer in a sentence.

    Args:
        told: Result of `optimise_file`.
    """
    target = f"{told['emptied_share_max']:.2%}"
    if told["best"] is None:
        return Words(
            f"没有方案达到偿付目标（{told['years_n']}年内用尽的概率不超过{target}）与预算",
            f"No choice meets the target (to empty within {told['years_n']} years in {target} at "
            "most) and the budget",
        )
    best, currency = told["points"][told["best"]], told["scheme"]["currency"]
    size, made = money(best["size_cny"], currency), money(best["created_cny"], currency)
    cost = give(best["cost_cny"], currency)
    return Words(
        f"最优：规模{size.zh}，{told['pool']['zh']}承担{best['share']:.0%}；新增信贷{made.zh}，"
        f"公共成本{cost.zh}，用尽的概率{rate(best['emptied'])}（目标{target}）",
        f"Best: {size.en} in the purse, {told['pool']['en']} bears {best['share']:.0%}; "
        f"{made.en} of credit created at a public cost of {cost.en}; empties with a chance of "
        f"{rate(best['emptied'])} (target {target})",
    )


def _points(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    rows = [
        [
            said(money(point["size_cny"], currency)),
            f"{point['share']:.0%}",
            said(money(point["created_cny"], currency)),
            said(give(point["cost_cny"], currency)),
            rate(point["emptied"]),
            "●" if place in told["frontier"] else "",
        ]
        for place, point in enumerate(told["points"])
    ]
    head = [
        Words("规模", "Size"),
        Words("份额", "Share"),
        Words("新增信贷", "Credit created"),
        Words("公共成本", "Public cost"),
        Words("用尽的概率", "Chance to empty"),
        Words("前沿", "Frontier"),
    ]
    return f"<h2>{both('全部方案', 'All choices')}</h2>{table(head, rows)}"
