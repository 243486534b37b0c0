"""What the public guarantee plan would do to the price of a firm's loan."""

from techflow.schema.firms import FIRM
from techflow.schema.model import Table, code, number
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
