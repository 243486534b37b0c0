"""Banks on one page: rank with interval, how each stands, efficiency."""

from itertools import pairwise
from typing import Any

from techflow.credit import Words
from techflow_service.banking.institutions import Standing
from techflow_service.pages import both, document, said, table
from techflow_service.regions.pictures import Dot, dot_plot, tiles

BANK = Words("机构", "Institution")
UNKNOWABLE = (
    Words(
        "官方的科技金融服务效果评估指标与权重未公开；指标、权重均为建议，不代表任何部门的评价。",
        "Indicators and weights of the official evaluation are not public; these are proposals and "
        "stand for no authority's verdict.",
    ),
    Words(
        "只见贷款、债券与报表：咨询、投贷联动、被拒的申请与企业的满意程度都看不到。",
        "Loans, bonds and reports are all that is seen: advice, equity beside loans, refusals and "
        "whether firms are content are not.",
    ),
    Words(
        "名次不是因果：客户、地区与机构定位不同；低利率可能只是客户风险低。",
        "A rank is no cause: customers, regions and mandates differ; a low rate may mean safe "
        "customers.",
    ),
    Words(
        "效率区间偏窄（真值已知的模拟中，95%区间只有64%–79%包含真值）；报表人员与费用的口径由各机构自报。",
        "Intervals of efficiency are too narrow (in simulations those of 95 % hold the "
        "truth 64–79 % of the time); staff and cost are as each "
        "institution reports them.",
    ),
)
Row = dict[str, Any]


def render_institutions(found: Standing, on: Any) -> str:
    """The whole page.

    Args:
        found: Result of `rank_institutions`.
        on: The day.
    """
    rows = found.rows.drop_nulls("rank").rows(named=True)
    clear = sum(a["rank_high"] < b["rank_low"] for a, b in pairwise(rows))
    title = both(
        f"{on}：{len(rows)}家机构排名，相邻两家区间不重叠的只有{clear}处",
        f"{on}: {len(rows)} institutions ranked; intervals of only {clear} neighbours do not "
        "overlap",
    )
    note = both(
        "建议方案，非官方评价。债券承销与投资计入；区间来自权重、客户与效率的抽取。",
        "A proposal, no official evaluation. Bonds underwritten and bought count; intervals from "
        "draws of weights, customers and efficiency.",
    )
    dots = [Dot(_name(r), r["rank"], r["rank_low"], r["rank_high"]) for r in rows]
    last = max(r["rank_high"] for r in rows)
    picture = dot_plot(
        dots,
        Words("名次与区间", "Rank with its interval"),
        Words("名次", "rank"),
        ends=(1.0, last),
        ticks=[str(n) for n in (1, *range(5, int(last), 5), int(last))],
    )
    return document(
        "techflow region institutions",
        [
            f'<button>中 / EN</button><h1>{title}</h1><p class="warn">{note}</p>',
            picture,
            _standing(found, rows),
            _figures(rows),
            f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>",
            "".join(f'<p class="warn">{said(line)}</p>' for line in UNKNOWABLE),
        ],
    )


def _name(row: Row) -> Words:
    return Words(row["name"] or row["institution_id"], row["name_en"] or row["institution_id"])


def _standing(found: Standing, rows: list[Row]) -> str:
    stood = {r["institution_id"]: r for r in found.standing.rows(named=True)}
    names = found.words["indicator"]
    grid = []
    for row in rows:
        mine = stood[row["institution_id"]]
        cells = [(mine[n], "" if mine[n] is None else _told(n, row[n])) for n in names]
        grid.append((_name(row), cells))
    heads = [Words(spec["zh"], spec["en"]) for spec in names.values()]
    title = both("各指标的相对位置（深色为优）", "How each stands (dark is better)")
    return f"<h2>{title}</h2>{tiles(heads, grid, first=BANK)}"


def _told(name: str, value: float) -> str:
    return f"{value:.2f}" if name == "bonds_ratio" else f"{value:.2%}"


def _figures(rows: list[Row]) -> str:
    head = [
        BANK,
        Words("名次（区间）", "Rank (interval)"),
        Words("科技贷款（万元）", "Technology loans (10k)"),
        Words("客户数", "Customers"),
        Words("债券（万元）", "Bonds (10k)"),
        Words("效率（区间）", "Efficiency (interval)"),
    ]
    cells = [
        [
            said(_name(r)),
            f"{r['rank']:.0f} ({r['rank_low']:.0f}–{r['rank_high']:.0f})",
            f"{r['balance_cny'] / 1e4:,.0f}",
            f"{r['customers_n']:,}",
            f"{r['bonds_cny'] / 1e4:,.0f}",
            f"{r['efficiency']:.0%} ({r['efficiency_low']:.0%}–{r['efficiency_high']:.0%})",
        ]
        for r in rows
    ]
    return f"<h2>{both('数字', 'Figures')}</h2>{table(head, cells)}"
