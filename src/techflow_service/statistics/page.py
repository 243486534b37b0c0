"""The tables on one page in two languages: totals, overlaps, tiles of regions, what is unknown."""

from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.regions.pictures import tiles
from techflow_service.statistics.tabling import MEASURES, Tables

UNKNOWABLE = (
    Words(
        "只包括所读账本中的贷款：未报送的机构、表外与跨境融资不在其中。",
        "Only the loans of the books that were read: lenders that did not report, and finance off "
        "the balance sheet or from abroad, are not in it.",
    ),
    Words(
        "科技贷款分类与行业清单未逐字核对（未核实）：正式报送前须与统计制度原文核对。",
        "Categories and lists of industries were not checked word by word (unverified): hold them "
        "against the statistical system before any report.",
    ),
    Words(
        "披露控制防的是用已发布的表相减和推算；若攻击者另有数据（如自己的账本），界限可能变窄。",
        "Disclosure control guards against subtracting and reckoning from the tables; someone with "
        "other data, such as a book of their own, may come closer.",
    ),
    Words(
        "各期按当时可知的账本统计。若以前已用别的规则发布过，须把那些表一并纳入再发布。",
        "Each period is counted by the book as known then. What was published before by other "
        "rules is not known here: add those tables before publishing these.",
    ),
)
HEAD = [
    Words("类别", "Category"),
    Words("余额（亿元）", "Balance (100 m)"),
    Words("企业数", "Firms"),
    Words("本季新发放（亿元）", "New in the quarter (100 m)"),
    Words("加权利率", "Rate, weighted"),
    Words("不良余额（亿元）", "Non-performing (100 m)"),
]
DIMENSION_WORDS = {
    "region": ("地区", "Region"),
    "size": ("规模", "Size"),
    "term": ("期限", "Term"),
}
WITHHELD = Words("不予发布", "withheld")


def render_tables(made: Tables) -> str:
    """The whole page.

    Args:
        made: Result of `make_tables`.
    """
    end = max(made.counts)
    now = made.public.filter(pl.col("period_end_on") == end)
    totals = now.filter(pl.col("dimension") == "total").rows(named=True)
    whole = totals[0]
    parts = sum(r["balance_cny"] or 0.0 for r in totals if _elementary(made, r["category"]))
    cells = now.filter(pl.col("balance_firms_n").is_null() | (pl.col("balance_firms_n") > 0))
    kept = cells["balance_withheld"].not_().sum()
    finding = both(
        f"{end}：科技贷款余额{_yi(whole['balance_cny'])}亿元，每笔只计一次；"
        f"各类相加为{parts / 1e8:.2f}亿元；{cells.height}格中{kept}格可发布",
        f"{end}: technology loans of {_yi(whole['balance_cny'])} (100 m yuan), each counted once; "
        f"the categories add to {parts / 1e8:.2f}; {kept} of {cells.height} cells can be shown",
    )
    return document(
        "techflow statistics tables",
        [
            f"<button>中 / EN</button><h1>{finding}</h1>",
            _read(made, end),
            table(HEAD, [_row(made, r) for r in totals if " & " not in r["category"]]),
            _overlaps(made, totals),
            *(_tiles(made, now, dim) for dim in ("region", "size", "term")),
            _series(made),
            f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>",
            "".join(f'<p class="warn">{said(line)}</p>' for line in UNKNOWABLE),
        ],
    )


def _elementary(made: Tables, name: str) -> bool:
    return name in made.spec.categories and len(made.spec.categories[name]) == 1


def _yi(amount: float | None) -> str:
    return "—" if amount is None else f"{amount / 1e8:.2f}"


def _cell(row: dict[str, Any], measure: str) -> str:
    if row[f"{measure}_withheld"]:
        return said(WITHHELD)
    return _yi(row[f"{measure}_cny"])


def _row(made: Tables, row: dict[str, Any]) -> list[str]:
    firms, rate = row["balance_firms_n"], row["rate_pa"]
    return [
        said(made.spec.category(row["category"])),
        _cell(row, "balance"),
        said(WITHHELD) if firms is None else f"{firms:,}",
        _cell(row, "new"),
        "—" if rate is None else f"{rate:.2%}",
        _cell(row, "nonperforming"),
    ]


def _read(made: Tables, end: Any) -> str:
    found, rules = made.counts[end], made.spec.rules
    return (
        '<p class="note">'
        + both(
            f"一笔贷款在每个所属类别中各计一次，在合计中只计一次。少于{rules.firms_n_min}家企业的格不发布，"
            "集中度规则的参数不公开；为防止相减推算，另有一些格一并不发布。"
            f"{found['uncounted_n']}笔因币种或金额不明未计入，{found['use_unknown_n']}笔投向不明。"
            "阈值为建议值。",
            "A loan counts in each category where it belongs, and once in the totals. Cells of "
            f"fewer than {rules.firms_n_min} firms are withheld, the concentration rules are not "
            "told; more cells are withheld so that nothing can be subtracted. "
            f"{found['uncounted_n']} loans of unknown amount or other currency are not counted, "
            f"the use of {found['use_unknown_n']} is unknown. Limits are proposals.",
        )
        + "</p>"
    )


def _overlaps(made: Tables, totals: list[dict[str, Any]]) -> str:
    rows = [
        [said(made.spec.category(r["category"])), _cell(r, "balance")]
        for r in totals
        if " & " in r["category"] and (r["balance_withheld"] or r["balance_cny"] > 0)
    ]
    title = both("同时属于两类的贷款", "Loans that belong to both")
    head = [Words("两类", "Both"), HEAD[1]]
    return f"<h2>{title}</h2>{table(head, rows)}"


def _tiles(made: Tables, now: pl.DataFrame, dim: str) -> str:
    rows = now.filter(pl.col("dimension") == dim)
    names = [
        n
        for n in made.spec.categories
        if rows.filter(pl.col("category") == n)["balance_firms_n"].sum() > 0
    ][:6]
    grid = []
    for level in rows["level"].unique().sort():
        cells = []
        for name in names:
            row = rows.filter((pl.col("level") == level) & (pl.col("category") == name)).row(
                0, named=True
            )
            most = rows.filter(pl.col("category") == name)["balance_cny"].max()
            value = row["balance_cny"]
            cells.append((None, "") if value is None else (_shade(value, most), _yi(value)))
        grid.append((made.spec.level(dim, level), cells))
    word = DIMENSION_WORDS[dim]
    title = both(f"分{word[0]}余额（亿元）", f"{word[1]}: balance (100 m yuan)")
    heads = [made.spec.category(n) for n in names]
    return f"<h2>{title}</h2>{tiles(heads, grid, first=Words(*word), absent=WITHHELD)}"


def _shade(value: float, most: Any) -> float:
    return float(value) / float(most) if most else 0.0


def _series(made: Tables) -> str:
    totals = made.public.filter(pl.col("dimension") == "total")
    ends = totals["period_end_on"].unique().sort().to_list()
    rows = []
    for name in made.spec.categories:
        here = totals.filter(pl.col("category") == name).sort("period_end_on")
        rows.append(
            [said(made.spec.category(name)), *(_cell(r, "balance") for r in here.rows(named=True))]
        )
    title = both("各期余额（亿元）", "Balance by period (100 m yuan)")
    return f"<h2>{title}</h2>{table([HEAD[0], *(Words(str(e), str(e)) for e in ends)], rows)}"


def count_withheld(made: Tables) -> dict[str, int]:
    """Cells by measure that are withheld, over all periods."""
    return {f"{name}_withheld_n": int(made.public[f"{name}_withheld"].sum()) for name in MEASURES}
