"""The exits of a book as one page in two languages; no network needed."""

import math
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.listing.exits import HISTORY, ExitsFound
from techflow_service.listing.pictures import draw_bars, draw_curves
from techflow_service.pages import both, document, said, table

OPEN_SHOWN, REFUSED_SHOWN = 20, 10
CANNOT = (
    Words(
        "历史以外的事：市场、上市政策与估值的变化不在估计之中；过去的占比不是承诺。",
        "What the history did not see: changes of markets, of listing policy and of valuations "
        "are not in it; past shares are no promise.",
    ),
    Words(
        "各持仓按年限同等对待：企业的好坏、行业与所处轮次不改变概率。",
        "Holdings differ here by age alone: the quality of a firm, its sector and its round do "
        "not change the chances.",
    ),
    Words(
        "未退出的持仓被假定与其余持仓前景相同；若迟迟不核销坏项目，核销概率会被低估。",
        "Open holdings are taken to be like the others: where bad ones are written off late, the "
        "chance of a write-off is understated.",
    ),
    Words(
        "期末仍未退出的部分不计入预期回款，并非没有价值。",
        "What is still open at the horizon counts nothing in the expected proceeds; that does not "
        "make it worthless.",
    ),
    Words(
        "某一方式在历史中从未出现时占比为零，这不表示不可能。",
        "A route that never came in the history has a share of zero; that does not make it "
        "impossible.",
    ),
    Words(
        "区间把各持仓当作相互独立；同一企业的多笔投资会使区间偏窄。",
        "Intervals take holdings as independent: several holdings of one firm make them too "
        "narrow.",
    ),
)

OBSERVED = Words(
    "概率、时间与倍数来自本账簿的历史。",
    "Chances, times and multiples come from the history of this book.",
)
NO_MULTIPLE = Words(
    "新持仓的预期回款倍数未知：有方式缺少回款金额。",
    "The expected multiple of a new holding is not known: a route lacks its proceeds.",
)


def summarise(found: ExitsFound) -> dict[str, Any]:
    """The figures of the page."""
    middle, low, high = (None if math.isnan(number) else number for number in found.multiple)
    expected = found.open_rows["expected_cny"]
    return {
        "as_of": found.task.as_of.isoformat(),
        "horizon_years": found.task.horizon_years,
        "basis": found.basis,
        "mark": None if found.basis == HISTORY else found.task.model.mark,
        "positions_n": found.positions.height,
        "ends_n": found.ends_n,
        "ends_n_min": found.task.model.ends_n_min,
        "refused_n": found.refused.height,
        "followed_years": float(found.positions["years"].to_numpy().max()),
        "open_n": found.open_rows.height,
        "open_unknown_n": expected.null_count(),
        "expected_multiple": middle,
        "expected_multiple_low": low,
        "expected_multiple_high": high,
        "expected_open_cny": None if expected.count() == 0 else float(expected.sum()),
        "routes": found.routes.to_dicts(),
    }


def render_exits(found: ExitsFound) -> str:
    """The whole page."""
    told = summarise(found)
    years = f"{told['horizon_years']:g}"
    line = both(
        f"截至{told['as_of']}：{told['positions_n']:,}个持仓，{told['ends_n']:,}个已退出，"
        f"{told['open_n']:,}个未退出，拒绝{told['refused_n']:,}行；历史最长{told['followed_years']:.1f}年",
        f"As of {told['as_of']}: {told['positions_n']:,} holdings, {told['ends_n']:,} ended, "
        f"{told['open_n']:,} open, {told['refused_n']:,} rows refused; the longest was followed "
        f"for {told['followed_years']:.1f} years",
    )
    cannot = "".join(f'<p class="warn">{said(words)}</p>' for words in CANNOT)
    parts = [
        f"<button>中 / EN</button><h1>{both('退出路径', 'Ways out')}</h1>",
        f'<p class="note">{line}</p>{_basis(told)}{_expected(told)}',
        f'<div class="plots">{_pictures(found, told)}</div>',
        f"<h2>{both(f'{years}年内各方式', f'Routes within {years} years')}</h2>{_routes(found)}",
        _open(found),
        _refused(found),
        f"<h2>{both('本页不能知道什么', 'What this page cannot know')}</h2>{cannot}",
    ]
    return document("market exit", parts)


def _basis(told: dict[str, Any]) -> str:
    if told["basis"] == HISTORY:
        return f"<p>{said(OBSERVED)}</p>"
    text = both(
        f"历史不足（已退出{told['ends_n']}个，至少需要{told['ends_n_min']}个，且须覆盖所看年限）："
        "以下概率、时间与倍数为提案，不是观察结果。",
        f"Too little history ({told['ends_n']} ended, {told['ends_n_min']} needed, and it must "
        "span the horizon): chances, times and multiples below are a proposal, not observed.",
    )
    return f'<p class="warn">{text}</p>'


def _expected(told: dict[str, Any]) -> str:
    middle, low, high = (told[f"expected_multiple{end}"] for end in ("", "_low", "_high"))
    years = f"{told['horizon_years']:g}"
    if middle is None:
        return f"<p>{said(NO_MULTIPLE)}</p>"
    zh = f"新投入一元，{years}年内预期收回{middle:.2f}元"
    en = f"One yuan invested anew is expected to bring {middle:.2f} within {years} years"
    if low is not None:
        zh, en = (
            f"{zh}（95%区间{low:.2f}–{high:.2f}）",
            f"{en} (95 % interval {low:.2f}-{high:.2f})",
        )
    if told["basis"] != HISTORY:
        zh, en = f"按提案，{zh}", f"By the proposal: {en[0].lower()}{en[1:]}"
    return f"<p><b>{both(zh + '。', en + '.')}</b></p>"


def _pictures(found: ExitsFound, told: dict[str, Any]) -> str:
    labels = {row["route"]: (row["route_zh"], row["route_en"]) for row in told["routes"]}
    first = max(told["routes"], key=lambda row: row["share"] or 0.0)
    years = f"{told['horizon_years']:g}"
    share = first["share"] or 0.0
    observed = told["basis"] == HISTORY
    kind = ("", "") if observed else ("（提案）", " (proposal)")
    bars = draw_bars(
        [
            (
                labels[row["route"]],
                row["share"],
                row["seen_share_low"] if observed else None,
                row["seen_share_high"] if observed else None,
            )
            for row in told["routes"]
        ],
        title=(
            f"{years}年内最可能：{first['route_zh']}，{share:.0%}{kind[0]}",
            f"Most likely within {years} years: {first['route_en'].lower()}, {share:.0%}{kind[1]}",
        ),
        measure=("概率与95%区间", "chance, 95 % interval") if observed else ("概率", "chance"),
    )
    ended = (
        f"历史中已退出{told['ends_n']}个持仓的时间与方式",
        f"When and how the {told['ends_n']} ended holdings of the history left",
    )
    curves = draw_curves(found.curve, labels, horizon_years=told["horizon_years"], title=ended)
    return bars + curves


def _routes(found: ExitsFound) -> str:
    head = [
        Words("方式", "Route"),
        Words("概率", "Chance"),
        Words("历史占比（95%区间）", "Seen share (95 % interval)"),
        Words("平均年数", "Mean years"),
        Words("倍数", "Multiple"),
        Words("历史退出数（已知回款）", "Ended (proceeds known)"),
        Words("依据", "Basis"),
    ]
    rows = [
        [
            both(row["route_zh"], row["route_en"]),
            _share(row["share"]),
            _between(row),
            _plain(row["mean_years"], 1),
            _plain(row["multiple"], 2),
            f"{row['ends_n']:,} ({row['known_n']:,})",
            _mark(row["basis"]),
        ]
        for row in found.routes.iter_rows(named=True)
    ]
    return table(head, rows)


def _open(found: ExitsFound) -> str:
    """The open holdings with the most money in them."""
    heading = f"<h2>{both('未退出的持仓', 'Open holdings')}</h2>"
    if found.open_rows.is_empty():
        return f"{heading}<p>{both('没有', 'None')}</p>"
    labels = {row["route"]: (row["route_zh"], row["route_en"]) for row in found.routes.to_dicts()}
    head = [
        Words("持仓", "Holding"),
        Words("已持有年数", "Years held"),
        Words("投资（万元）", "Invested, 10,000 yuan"),
        *(Words(zh, en) for zh, en in labels.values()),
        Words("仍未退出", "Still open"),
        Words("预期回款（万元）", "Expected, 10,000 yuan"),
        Words("平均年数", "Mean years"),
    ]
    top = found.open_rows.sort("invested_cny", descending=True, nulls_last=True).head(OPEN_SHOWN)
    rows = [
        [
            escape(row["position_id"]),
            f"{row['held_years']:.1f}",
            _money(row["invested_cny"]),
            *(_share(row[f"{name}_share"]) for name in labels),
            _share(row["open_share"]),
            _money(row["expected_cny"]),
            _plain(row["expected_years"], 1),
        ]
        for row in top.iter_rows(named=True)
    ]
    more = found.open_rows.height - top.height
    tail = (
        both(f"另有{more:,}个，见open.csv。", f"{more:,} more stand in open.csv.") if more else ""
    )
    unknown = both(
        "“未知”：年限超出历史，或某一方式的倍数未知。",
        "“unknown”: the history does not reach that age, or a multiple is not known.",
    )
    return f'{heading}{table(head, rows)}<p class="note">{unknown} {tail}</p>'


def _refused(found: ExitsFound) -> str:
    if found.refused.is_empty():
        return ""
    rows = [
        [
            f"{row['source_row_n']}",
            escape(row["position_id"] or "–"),
            both(row["reason_zh"], row["reason_en"]),
        ]
        for row in found.refused.head(REFUSED_SHOWN).iter_rows(named=True)
    ]
    head = [Words("行", "Row"), Words("持仓", "Holding"), Words("原因", "Reason")]
    heading = both("被拒绝的行", "Rows refused")
    return f"<h2>{heading}</h2>{table(head, rows, kind='text')}"


def _between(row: dict[str, Any]) -> str:
    if row["seen_share"] is None:
        return both("未知", "unknown")
    if row["seen_share_low"] is None:
        return f"{row['seen_share']:.1%}"
    return f"{row['seen_share']:.1%} ({row['seen_share_low']:.1%}–{row['seen_share_high']:.1%})"


def _mark(basis: str) -> str:
    return both(*{"history": ("历史", "history"), "proposal": ("提案", "proposal")}[basis])


def _share(value: float | None) -> str:
    return both("未知", "unknown") if value is None else f"{value:.1%}"


def _plain(value: float | None, places_n: int) -> str:
    return both("未知", "unknown") if value is None else f"{value:,.{places_n}f}"


def _money(value: float | None) -> str:
    return both("未知", "unknown") if value is None else f"{value / 1e4:,.1f}"
