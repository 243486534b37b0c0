"""A scan as one page in two languages: what it cannot know first, then pictures and cases."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow.fraud import Sign
from techflow_service.pages import both, document, said, table
from techflow_service.suspecting.pictures import circle_picture, point_bars, sign_bars
from techflow_service.suspecting.scanning import Scan

NAMES = {
    "void_burst": Words("作废突增", "Void burst"),
    "sudden_partner": Words("突现客户", "Sudden customers"),
    "round_amount": Words("整万金额", "Round amounts"),
    "new_firm": Words("新设企业大额销售", "Large sales of a new firm"),
    "late_sales": Words("申请前销售突增", "Sales just before the application"),
    "same_day_trip": Words("当日往返", "Same-day round trips"),
    "cycle": Words("循环开票", "Circular invoices"),
    "mutual": Words("互为客户与供应商", "Customers of each other"),
    "linked_sales": Words("向关联企业销售", "Sales to linked firms"),
    "linked_firms": Words("共同人员、地址或设备", "Shared persons, addresses or devices"),
}
"""A short name for each sign of the content; one without is shown by its own name."""

NUMBERS = {
    "void_burst": Words("某月销项发票作废占比的最大值", "greatest void share of a month"),
    "sudden_partner": Words("近期销售中新客户占比", "share of recent sales to new customers"),
    "round_amount": Words("较大发票中整万元占比", "share of whole 10,000s in larger invoices"),
    "new_firm": Words("成立不足一年企业的销售额", "sales of a firm under a year old"),
    "late_sales": Words("申请前日均销售之比", "sales a day, over those before"),
    "same_day_trip": Words("当日由同一企业返回的销售占比", "share of sales back the same day"),
    "cycle": Words("位于2至4家循环上的销售占比", "share of sales on circles of 2 to 4"),
    "mutual": Words("互抵的往来占比", "share of trade that cancels out"),
    "linked_sales": Words("向关联企业销售占比", "share of sales to linked firms"),
    "linked_firms": Words("关联企业数", "linked firms"),
}
"""What is held against the limit of each sign."""

UNKNOWN = [
    Words(
        "信号不是舞弊认定：每个信号都有正当解释的可能，只说明哪些企业值得由人先看。",
        "A sign is no finding of fraud: each may have an honest reason; it says whom a person "
        "should look at first.",
    ),
    Words(
        "本页没有已核实的标签，因此不知道这里有多少真舞弊、漏掉多少、避免了多少损失。",
        "There are no verified labels here, so it is not known how much fraud there is, how much "
        "was missed or what loss was avoided.",
    ),
    Words(
        "没有信号不等于清白：账外交易、现金、库外企业之间的发票都看不到。",
        "No sign is no clearance: cash, deals off the record and invoices between firms outside "
        "the store are not seen.",
    ),
    Words(
        "界限与分数为自拟建议，未按结果调整；分数只排先后，不是概率。",
        "Limits and points are our own proposals, not tuned on outcomes; points order the cases, "
        "they are no probability.",
    ),
]


def name_of(sign: str) -> Words:
    """The short name of a sign.

    Args:
        sign: Its name in the content.
    """
    return NAMES.get(sign, Words(sign, sign))


def render_scan(scan: Scan, cases: Sequence[Mapping[str, Any]], capacity: int) -> str:
    """The whole page.

    Args:
        scan: What a scan found.
        cases: The cases shown.
        capacity: Cases a review takes.
    """
    title = both("风险信号复核清单", "Signs to review")
    counts = scan.counts
    head = both(
        f"截至{scan.as_of}，{counts['firms_n']:,}户企业，{counts['invoices_n']:,}张发票",
        f"As of {scan.as_of}: {counts['firms_n']:,} firms, {counts['invoices_n']:,} invoices",
    )
    told = [*UNKNOWN, *_blind(counts)]
    warnings = "".join(f'<p class="warn">{said(words)}</p>' for words in told)
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{head} · {escape(scan.signs.hash)}</p>',
        f"<h2>{both('本页不能知道什么', 'What this page cannot know')}</h2>{warnings}",
        f'<div class="plots">{_pictures(scan, capacity)}</div>',
        f"<h2>{both(f'前{len(cases):,}户', f'First {len(cases):,} cases')}</h2>{_cases(cases)}",
        f"<h2>{both('信号与界限（自拟）', 'Signs and limits (proposals)')}</h2>{_signs(scan)}",
    ]
    return document("techflow fraud scan", parts)


def _blind(counts: Mapping[str, int]) -> list[Words]:
    """What this very store cannot show."""
    told = []
    unseen = counts["firms_n"] - counts["sees_circles_n"]
    if unseen:
        told.append(
            Words(
                f"{unseen:,}户无法判断循环开票：没有近一年的发票，或其对方没有一家同时以买方和卖方出现在记录中。",
                f"For {unseen:,} firms circles cannot be told: no sales in the last year, or none "
                "of their partners is on record both as buyer and as seller.",
            )
        )
    if not counts["links_n"]:
        told.append(
            Words(
                "没有共同人员、地址或设备的记录（关联关系表为空），相关信号未知。",
                "No shared persons, addresses or devices are on record (table relationship is "
                "empty): those signs are unknown.",
            )
        )
    return told


def _pictures(scan: Scan, capacity: int) -> str:
    firms = scan.firms
    rows = [
        {
            "zh": name_of(sign.name).zh,
            "en": name_of(sign.name).en,
            "there_n": int(firms[f"sign_{sign.name}"].sum()),
            "unknown_n": firms[f"sign_{sign.name}"].null_count(),
        }
        for sign in scan.signs.signs
    ]
    points = firms.group_by("points").len().sort("points").rows()
    circles = scan.evidence.filter(pl.col("circle_n").is_not_null())
    first: dict[frozenset[str], list[dict[str, Any]]] = {}
    for _, part in circles.group_by("circle_n", maintain_order=True):
        rows_once = part.unique(["seller_id", "buyer_id"]).sort("issued_on", "invoice_number")
        first.setdefault(frozenset(part["seller_id"]), rows_once.to_dicts())
    drawn = circle_picture(list(first.values()), scan.counts["circles_n"]) if first else ""
    return sign_bars(rows, firms.height) + point_bars(points, capacity) + drawn


def _cases(cases: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            str(case["case_n"]),
            escape(case["firm_id"]),
            f"{case['points']:g}",
            "<br>".join(both(one["zh"], one["en"]) for one in case["signs"]),
            str(len(case["evidence"])),
        ]
        for case in cases
    ]
    head = [
        Words("次序", "Case"),
        Words("企业", "Firm"),
        Words("分数", "Points"),
        Words("信号与数值", "Signs and the numbers behind them"),
        Words("证据行", "Evidence rows"),
    ]
    return table(head, rows, kind="text")


def _signs(scan: Scan) -> str:
    rows = [_limit(sign) for sign in scan.signs.signs]
    head = [Words("信号", "Sign"), Words("数值", "Number"), Words("界限", "Limit")]
    return table([*head, Words("分数", "Points")], rows, kind="text")


def _limit(sign: Sign) -> list[str]:
    return [
        said(name_of(sign.name)),
        said(NUMBERS.get(sign.name, Words(sign.number, sign.number))),
        f"{sign.limit:,.10g}",
        f"{sign.points:g}",
    ]
