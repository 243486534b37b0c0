"""What the guarantee plan would do to the price of a firm's loan; its cheapest financing plan."""

from techflow.schema.firms import FIRM
from techflow.schema.model import Column, Table, code, count, number, text
from techflow.schema.qualification import ANSWERS

OFFER = Table(
    "offer",
    "公共工具与价格",
    "Public tools and price",
    ("firm_id",),
    (
        FIRM.column("firm_id"),
        code("guarantee_answer", "是否符合专项担保计划条件", "Qualifies for the plan", ANSWERS),
        number(
            "market_rate_pa", "无公共工具的企业综合成本", "All-in cost without tools", "rate_pa"
        ),
        number(
            "guaranteed_rate_pa",
            "加专项担保的企业综合成本",
            "All-in cost with the guarantee",
            "rate_pa",
        ),
        number("guarantee_effect_rate_pa", "担保的作用", "What the guarantee does", "rate_pa"),
        number("public_rate_pa", "公共资金每年预期支出", "Expected public cost", "rate_pa"),
    ),
)
"""Firms of the country with a limit and a rate; shares of the limit a year, VAT and fees included.
The price with the guarantee is what it would be if the firm qualifies; `guarantee_answer` says
whether it does."""

PLAN_STATUSES = {
    "planned": ("有方案", "Planned"),
    "no_plan": ("没有可行方案", "No plan is possible"),
    "need_unknown": ("资金需求未知", "Need not known"),
    "need_incomplete": ("申报的需求不完整", "Stated need not complete"),
    "need_impossible": ("申报的需求无法使用", "Stated need cannot be used"),
    "need_covered": ("需求已覆盖", "Need is covered"),
    "not_in_yuan": ("不以人民币记账", "Does not count in yuan"),
}
NEED_BASES = {
    "declared": ("企业申报", "Declared"),
    "turnover": ("流动资金缺口", "Working capital lacking"),
}
PURPOSES = {
    "working_capital": ("流动资金", "Working capital"),
    "rnd": ("研发", "Research and development"),
    "equipment": ("设备", "Equipment"),
    "infrastructure": ("科技基础设施", "Technology infrastructure"),
    "acquisition": ("并购", "Acquisition"),
    "growth": ("扩张", "Growth"),
}

PLAN = Table(
    "plan",
    "融资方案",
    "Financing plan",
    ("firm_id",),
    (
        FIRM.column("firm_id"),
        code("plan_status_code", "方案状态", "Status", PLAN_STATUSES),
        code("need_basis_code", "需求依据", "Need from", NEED_BASES),
        number("amount_cny", "需求金额", "Amount", "cny"),
        Column("term_months", "int", "期限", "Term", "month", low=1),
        code("purpose", "用途", "Purpose", PURPOSES),
        number("plan_cost_cny", "每年成本", "Cost a year", "cny"),
        number("plan_rate_pa", "年成本率", "All-in cost a year", "rate_pa"),
        count("products_n", "产品数", "Products"),
        number("dilution_share", "稀释股权", "Given away of the firm", "share"),
        text("fact", "最省的一项事实", "Fact that would save most"),
        number("saved_cny", "该事实每年可省", "What it would save a year", "cny"),
        text("plan_zh", "方案（中文）", "Plan (Chinese)", required=True),
        text("plan_en", "方案（英文）", "Plan", required=True),
    ),
)
"""Firms first in the list of the page. A need is what the firm declared, else the working capital
its accounts show it lacks; where neither is known it is asked for. Items of a heading of the text
are indented by two spaces."""
