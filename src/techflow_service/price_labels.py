"""Chinese and English labels of the parts of a price, of tools and of reasons."""

from collections.abc import Mapping

PARTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "funding_rate_pa": ("市场资金成本", "Funding at the market", ("funding_rate_pa",)),
    "relending_rate_part_pa": (
        "再贷款降低的资金成本",
        "Relending, cheaper funding",
        ("relending_rate_pa", "relending_share"),
    ),
    "relief_rate_part_pa": ("科技支行内部转移价格优惠", "Branch relief", ("relief_rate_pa",)),
    "cost_rate_pa": ("运营成本", "Operating cost", ("cost_rate_pa",)),
    "capital_rate_pa": (
        "资本占用（要求回报减资金成本）",
        "Capital: return wanted less funding",
        ("hurdle_rate_pa", "capital_ratio"),
    ),
    "transfer_rate_pa": (
        "风险权重替代释放的资本",
        "Capital freed by substitution",
        ("guarantee_weight_ratio", "crmw_weight_ratio"),
    ),
    "fee_rate_pa": ("缓释凭证保护费", "CRMW premium", ("crmw_loading_ratio",)),
    "warrant_rate_pa": ("认股权收益", "Warrant upside", ("warrant_credit_share",)),
    "profit_rate_pa": ("额外目标利润", "Profit beyond that", ("profit_rate_pa",)),
    "loss_rate_pa": ("预期损失（全部）", "Expected loss, whole", ("lgd",)),
    "guarantee_rate_pa": ("担保体系分担", "Paid by the guarantee system", ("guarantee_share",)),
    "pool_rate_pa": ("风险补偿资金池补偿", "Paid by the pool", ("pool_rule",)),
    "crmw_rate_pa": ("缓释凭证赔付", "Paid by the CRMW", ("crmw_share",)),
    "insurance_rate_pa": ("保险赔付", "Paid by the insurer", ("insurance_share",)),
    "lost_cover_rate_pa": ("违约贷款未覆盖的成本", "Costs a defaulted loan does not bear", ()),
    "tax_rate_pa": (
        "增值税及附加",
        "Value-added tax, surcharges",
        ("vat_rate", "surcharge_share"),
    ),
    "discount_rate_part_pa": ("财政贴息", "Fiscal discount", ("discount_rate_pa",)),
    "guarantee_fee_part_pa": ("担保费", "Guarantee fee", ("guarantee_fee_rate_pa",)),
    "premium_part_pa": ("保险费", "Insurance premium", ("insurance_premium_rate_pa",)),
    "premium_subsidy_part_pa": ("保费补贴", "Premium subsidy", ("premium_subsidy_share",)),
    "firm_fee_part_pa": ("评估登记等费用", "Appraisal, registration", ("firm_fee_share",)),
    "warrant_cost_part_pa": ("让出的认股权价值", "Warrant given up", ("warrant_cny",)),
    "public_relending_rate_pa": ("再贷款", "relending", ()),
    "public_guarantee_rate_pa": ("担保（代偿减保费）", "guarantee, claims less fee", ()),
    "public_pool_rate_pa": ("资金池", "pool", ()),
    "public_discount_rate_pa": ("贴息", "discount", ()),
    "public_subsidy_rate_pa": ("保费补贴", "premium subsidy", ()),
}
"""Chinese and English label of each part, and the numbers it rests on."""
NAMES: Mapping[str, tuple[str, str]] = {
    "relending": ("再贷款", "relending"),
    "relief": ("支行转移价格优惠", "branch relief"),
    "guarantee": ("担保", "guarantee"),
    "pool": ("风险补偿资金池", "pool"),
    "crmw": ("缓释凭证", "CRMW"),
    "insurance": ("保险", "insurance"),
    "discount": ("财政贴息", "fiscal discount"),
    "warrant": ("认股权", "warrant"),
    "bank": ("银行", "bank"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "head": (
        "企业{firm}  贷款{amount}元  {term}  违约概率{pd}  计价日{on}",
        "Firm {firm}  {amount} yuan  {term}  PD {pd}  priced for {on}",
    ),
    "rate": ("保本利率（年）", "Break-even rate a year"),
    "all_in": ("企业综合成本（年）", "What the firm pays, all in"),
    "loss": (
        "违约时损失为贷款的{lgd}，依次由：",
        "If it defaults {lgd} is lost; in turn pay: ",
    ),
    "capital": (
        "风险权重{weight}；利率{rate}时资本回报率（所得税前）{raroc}",
        "Risk weight {weight}; return on capital at {rate}, before income tax: {raroc}",
    ),
    "weight_off": ("（替代后再减{off}）", " less {off} by substitution"),
    "pool_none": (
        "（资金池按其规则对该笔贷款不补偿）",
        " (by its rule the pool pays nothing on this loan)",
    ),
    "none_held": ("不占用资本", "no capital held"),
    "public": ("公共资金每年预期支出", "Public purses expect to pay a year"),
    "head_office": ("另由总行承担{part}", "; head office bears {part}"),
    "effects": (
        "每项工具的边际作用（其他不变，百分点）",
        "Each tool, the others staying (points)",
    ),
    "file": (" [文件]", " [file]"),
    "pool_pays": ("该笔贷款补偿剩余损失的{share}", "{share} of the loss left to it"),
    "granted": (
        "各项工具按企业符合条件计价；是否符合见 techflow policy evaluate",
        "Tools are priced as if the firm qualifies: see techflow policy evaluate",
    ),
    "follows": ("由上列各项推算", "follows from the lines above"),
    "no_price": ("无法计价：{reason}", "No price: {reason}"),
    "bullet": (
        "{n}个月，到期还本，每{every}个月付息",
        "{n} months, repaid at the end, interest every {every} months",
    ),
    "equal_principal": (
        "{n}个月，每{every}个月等额还本、按余额付息",
        "{n} months, equal principal and interest every {every} months",
    ),
    "equal_instalment": (
        "{n}个月，每{every}个月等额本息",
        "{n} months, equal instalments every {every} months",
    ),
    "payments": (
        "还款计划（按利率{rate}，共{n}期）：本金合计{principal}元，利息合计{interest}元",
        "Payments at {rate} ({n} in all): principal {principal} yuan, interest {interest} yuan",
    ),
    "payment": (
        "  第{k}期（第{month}个月）  还款{paid}  本金{principal}  利息{interest}  余额{owed}",
        "  No. {k} (month {month})  pays {paid}  principal {principal}  interest {interest}"
        "  owed {owed}",
    ),
    "marks": (
        "标注：原文指已读到原文；未核实指未核对原文；建议值为本项目建议",
        "Marks: text read; unverified believed; proposal ours; operator entered",
    ),
}
REASONS: Mapping[str, tuple[str, str]] = {
    "pd_missing": ("缺少违约概率", "the PD is missing"),
    "pd_out_of_range": (
        "违约概率须在0与1之间",
        "the PD must be between 0 and 1",
    ),
    "amount_missing": ("缺少贷款金额", "the amount is missing"),
    "amount_not_positive": ("贷款金额须大于0", "the amount must be above 0"),
    "sales_negative": ("营业收入不能为负", "sales cannot be negative"),
    "lgd_missing": ("缺少违约损失率", "the LGD is missing"),
    "lgd_out_of_range": (
        "违约损失率须在0与1之间",
        "the LGD must be between 0 and 1",
    ),
    "term_out_of_range": (
        "期限或还款方式无法识别（期限须大于0、不超过600个月；还款方式为bullet、equal_principal或equal_instalment）",
        "term or repayment: above 0, up to 600 months; bullet, equal_principal, equal_instalment",
    ),
    "fee_out_of_range": ("费用比例须在0与1之间", "the fee must be a share from 0 to 1"),
    "irb_weight_missing": ("内部评级法权重无法计算", "the internal-ratings weight is unknown"),
    "fact_missing": ("{tool}：缺少所需事实", "{tool}: a fact it needs is missing"),
    "out_of_range": ("{tool}：数值须在0与1之间", "{tool}: a number must be between 0 and 1"),
}
COLUMNS = (("企业成本", "银行回报", "公共支出"), ("firm", "bank return", "public"))
"""Who feels a tool, Chinese and English."""
