"""What is said about a decided book, in both languages."""

from collections.abc import Mapping
from typing import Any

from techflow.credit import Words
from techflow.flow import BookRules
from techflow.portfolio import Allocation

STRATEGIES: Mapping[str, Words] = {
    "equal_amounts": Words("最优等级等额", "Equal amounts to the best grades"),
    "lowest_pd": Words("违约率最低者优先", "Lowest default probability first"),
    "single_rate": Words("统一利率", "One rate for all"),
}
MEASURES: Mapping[str, Words] = {
    "es": Words("期望短缺", "expected shortfall"),
    "var": Words("在险价值", "value at risk"),
    "el": Words("期望损失", "expected loss"),
}
BASES: Mapping[str, Words] = {
    "classification": Words(
        "违约率来自只作分类的评分卡（违约未注明日期，发票可能晚于违约），不是一年期预测："
        "金额与利率按排序和假设计算，不保证盈利",
        "The default probabilities come from a card that classifies (the defaults are undated and "
        "invoices may follow them); they are no one-year forecast: amounts and rates follow from a "
        "ranking and assumptions, and promise no profit",
    ),
    "low_default": Words(
        "部分违约率为低违约组合的保守估计",
        "Some default probabilities are cautious estimates for a pool with few defaults",
    ),
}
ANSWER = Words(
    "客户流失曲线来自一家银行的统计，三类评级；企业按等级取曲线，该对应为自拟",
    "The churn curves come from one bank's statistics for three ratings; which curve a firm takes "
    "follows from its grade, a proposal of ours",
)
OFFERED = Words(
    "预算限制报价总额：即使无人流失也不超出，因此预期发放额远低于预算",
    "The budget bounds what is offered, so that it holds even if nobody leaves; what is expected "
    "to be lent is therefore far below it",
)
FINE = Words(
    "尾部限额按单因子模型、大量小额贷款计算，可加总并可证明最优；逐笔计算的尾部更大，列于旁",
    "The tail limit is that of very many small loans under one factor, which adds up and allows "
    "proof; with every loan counted the tail is larger and is shown beside it",
)


def tell_reason(row: Mapping[str, Any], rules: BookRules, found: Allocation) -> Words:
    """Why a firm gets what it gets."""
    code, least, high = row["reason_code"], rules.amounts_cny[0], rules.rates_pa[1]
    if code == "full":
        each = row["expected_profit_cny"] / row["amount_cny"]
        return Words(
            f"按上限放款；利率{row['rate_pa']:.2%}时预计{row['stay_share']:.0%}的同类客户接受，"
            f"每元报价预期利润{each:.2%}，高于预算影子价格{found.budget_price:.2%}",
            f"All it may get; at {row['rate_pa']:.2%} {row['stay_share']:.0%} of such customers "
            f"take it, expected profit {each:.2%} per yuan offered against a budget price of "
            f"{found.budget_price:.2%}",
        )
    if code == "part":
        return Words(
            "额度未满：预算或尾部限额在此用尽",
            "Less than it may get: budget or tail limit end here",
        )
    if code == "limit_too_small":
        limit = row["limit_lcy"] or 0.0
        return Words(
            f"评估额度{limit / 1e4:,.1f}万元，低于单户下限{least / 1e4:,.1f}万元",
            f"Its limit of {limit:,.0f} yuan is below the least loan of {least:,.0f}",
        )
    if code == "no_margin":
        return Words(
            f"违约率{row['pd']:.1%}：利率上限{high:.2%}内任何利率都亏损",
            f"With a default probability of {row['pd']:.1%} it loses money at every rate up to "
            f"{high:.2%}",
        )
    return OTHER[code]


OTHER: Mapping[str, Words] = {
    "tail": Words("尾部损失成本高于收益", "It costs more tail than it earns"),
    "budget": Words(
        "有利可图，但其他企业每元预算收益更高",
        "It would earn, but others earn more per yuan of budget",
    ),
    "not_graded": Words(
        "无违约率或等级，不作决定",
        "No default probability or grade, so no decision",
    ),
}
