"""Words of a plan, Chinese and English."""

PURPOSES = {
    "working_capital": ("流动资金", "working capital"),
    "rnd": ("研发", "research and development"),
    "equipment": ("设备", "equipment"),
    "infrastructure": ("科技基础设施", "technology infrastructure"),
    "acquisition": ("并购", "an acquisition"),
    "growth": ("扩张", "growth"),
}
PROVIDERS = {
    "bank": ("银行", "the bank"),
    "guarantor": ("银行（担保公司保证）", "the bank, with a guarantee company"),
    "government": ("政府", "the government"),
    "market": ("债券投资者", "investors in the market"),
    "fund": ("基金", "the fund"),
    "lessor": ("租赁公司", "the lessor"),
    "insurer": ("保险公司", "the insurer"),
}
STAGES = {
    "start_up": ("初创期", "start-up"),
    "growth": ("成长期", "growth"),
    "stable": ("成熟期", "stable"),
}
FACTS = {
    "pd": ("违约概率（证据不足，未能评级）", "default probability (too little evidence to grade)"),
    "rate_pa": ("保本利率", "break-even rate"),
    "life_stage": ("发展阶段", "stage of life"),
    "limit_cny": ("信用额度", "credit limit"),
    "cash_flow_cny": ("年经营现金流", "cash flow of a year"),
    "pledge_value_cny": ("专利可担保额", "lendable value of the patents"),
    "post_money_cny": ("企业估值（最近一轮投后）", "value of the firm (last round, post-money)"),
    "receivables_cny": ("应收账款与订单", "receivables and orders"),
    "funding_need_cny": ("资金需求金额", "the amount of money needed"),
    "funding_need_months": ("需求期限（月）", "for how many months"),
    "funding_need_purpose": ("资金用途", "what it is for"),
    "raised_36m_cny": ("近36个月股权融资额", "equity raised in 36 months"),
    "project_cny": ("项目总投资或并购价款", "cost of the project or price of the acquisition"),
}
BOUNDS = {
    "amount_below": ("申请金额", "amount asked for"),
    "amount_above": ("申请金额", "amount asked for"),
    "low": ("产品最低额度", "least amounts of the products"),
    "high": ("产品最高额度", "greatest amounts of the products"),
    "products_n": ("同时使用的产品数", "number of products at once"),
    "unsecured": ("信用额度", "credit limit"),
    "patent": ("专利可担保额", "lendable value of the patents"),
    "equity": ("股权估值", "value of the equity"),
    "receivable": ("应收账款与订单", "receivables and orders"),
    "project": ("项目总投资或并购价款", "cost of the project or price of the acquisition"),
    "service": ("可用于还本付息的年现金流", "cash flow of a year left for debt"),
    "dilution": ("股权稀释上限", "greatest dilution"),
    "stage": ("发展阶段", "stage of life"),
    "term": ("期限", "term"),
    "qualification": ("资质", "qualifications"),
    "requirement": ("产品条件", "conditions of the products"),
    "refused": ("违约概率过高，不予放贷", "default probability too high to lend"),
    "rate": ("利率上限", "greatest rate"),
    "unknown": ("缺少事实", "facts that are not known"),
}
LINES = {
    "head": ("{name}（{id}）融资方案，条款日 {on}", "Plan for {name} ({id}), terms of {on}"),
    "asked": (
        "需求：{amount} 元，{term} 个月，用于{purpose}",
        "Asked: {amount} yuan for {term} months, for {purpose}",
    ),
    "project": ("，项目或价款 {project} 元", "; project or price {project} yuan"),
    "best": (
        "最省方案：年成本率 {rate}（全额占用时每年 {cost} 元）；{dilution}",
        "Cheapest: {rate} a year on what is owed ({cost} yuan a year while all is "
        "owed); {dilution}",
    ),
    "need_declared": ("企业申报", "as the firm states"),
    "need_turnover": (
        "按财务报表推算的流动资金缺口（公式为建议）",
        "what its accounts show it lacks for a year's turnover (the formula is a proposal)",
    ),
    "need_before_debt": (
        "现有负债未知：需求未扣除现有负债",
        "Existing debt is not known: the need is before existing debt",
    ),
    "need_unknown": (
        "资金需求未知，不作方案。请企业申报：{names}；或提供存货、应收账款、应付账款余额",
        "What the firm needs is not known, so there is no plan. Ask it for: {names}; "
        "or for its inventory, receivables and payables",
    ),
    "need_incomplete": (
        "申报的资金需求不完整，不作方案。请补充：{names}",
        "The need it states is not complete, so there is no plan. Ask it for: {names}",
    ),
    "need_impossible": (
        "申报的资金需求无法使用（金额须大于0，期限至少1个月，用途须是产品支持的用途）。请更正：{names}",
        "The need it states cannot be used (amount above 0, at least 1 month, a purpose that "
        "products serve). Ask it to correct: {names}",
    ),
    "need_covered": (
        "自有资金和现有负债已覆盖流动资金需求；另有用途请企业申报",
        "Own funds and existing debt cover its working capital; it may state another need",
    ),
    "not_in_yuan": (
        "企业不以人民币记账，不作方案",
        "The firm does not count in yuan: no plan is made",
    ),
    "parts_of_plan": ("最省方案", "The cheapest plan"),
    "part": (
        "{name}：{amount} 元，年成本率 {rate}，每年 {cost} 元",
        "{name}: {amount} yuan at {rate} a year, {cost} yuan a year",
    ),
    "no_dilution": ("不稀释股权", "nothing of the firm is given away"),
    "dilution": ("稀释股权约 {share}", "about {share} of the firm is given away"),
    "tools": ("担保和支持工具对利率的作用", "What collateral and tools do to the rate"),
    "tool_off": (
        "{tool}使贷款利率降低 {off}{fee}",
        "{tool} takes {off} off the lender's rate{fee}",
    ),
    "secured_off": (
        "担保使违约损失率由 {before} 降为 {after}，贷款利率降低 {off}（本项目建议，资本不变）",
        "collateral takes LGD from {before} to {after}, {off} off the lender's rate (proposal; "
        "capital unchanged)",
    ),
    "tool_fee": ("，企业另付费用 {fee}", "; the firm pays {fee} for it"),
    "columns": ("产品|金额（元）|年成本率|每年成本", "Product|Amount, yuan|A year|Cost a year"),
    "proved": (
        "已证明：在{n}个可用产品中，最多{k}个的任何组合都不会更省",
        "Proved: no combination of at most {k} of the {n} products open costs less",
    ),
    "not_proved": ("最多还可能省 {gap} 元", "At most {gap} yuan a year could still be saved"),
    "when": ("谁在何时付款（元）", "Who pays when, yuan"),
    "equity_paid": (
        "第1天：{who}出资 {amount}{fee}；不还本付息，让出股权约 {share}",
        "Day 1: {who} pays {amount}{fee}; nothing is paid back, about {share} of the firm is given",
    ),
    "paid": ("第1天：{who}付给企业 {amount}{fee}", "Day 1: {who} pays the firm {amount}{fee}"),
    "fee": ("，扣一次性费用 {fee}", ", keeping a one-off fee of {fee}"),
    "at_end": (
        "每月息费 {first}；第{n}个月还本 {amount}",
        "each month {first} interest and fees; month {n}: {amount} paid back",
    ),
    "parts": (
        "每月还本 {part}，息费由 {first} 降至 {last}，共{n}个月",
        "each month {part} paid back, interest and fees from {first} down to {last}, {n} months",
    ),
    "years": ("企业合计支付：{years}", "The firm pays in all: {years}"),
    "year": ("第{n}年 {amount}", "year {n} {amount}"),
    "facts": ("多一项事实能省多少", "What one more fact would save"),
    "any_policy": ("符合以下任一：{names}", "Meeting one of: {names}"),
    "number": ("{name}达到 {needed} 元（现为 {now}）", "{name} of {needed} yuan (now {now})"),
    "saves": ("{fact}：每年省 {saved} 元{opens}", "{fact}: saves {saved} yuan a year{opens}"),
    "frees": (
        "{fact}：方案可行，每年 {cost} 元{opens}",
        "{fact}: makes a plan possible, {cost} yuan a year{opens}",
    ),
    "opens": ("（可用{names}）", " (opens {names})"),
    "unknown_now": ("未知", "not known"),
    "gaps": (
        "资质还差什么：techflow policy gaps {policy} DIR/facts.parquet --firm {id} --on {on}",
        "What one still asks for: techflow policy gaps {policy} DIR/facts.parquet --firm {id} "
        "--on {on}",
    ),
    "no_fact": ("没有单独一项事实能更省", "No single fact would save anything"),
    "why": ("为何不用其他产品", "Why not the others"),
    "purpose": ("不用于此目的", "not for this purpose"),
    "dearer": ("可用，但更贵（{rate}）", "open, but dearer ({rate})"),
    "no_fit": ("可用，但加入不会更省（{rate}）", "open, but would not make it cheaper ({rate})"),
    "open": ("可用（{rate}）", "open ({rate})"),
    "none": (
        "没有可行方案：凑不足 {amount} 元",
        "No plan: {amount} yuan cannot be brought together",
    ),
    "binds": ("不能同时满足（已是最小一组）", "These cannot all hold (a least set)"),
    "bind": ("障碍", "In the way"),
    "nothing": (
        "没有产品的全部数据已知，见下方缺少的事实",
        "No product has all its numbers; see what is missing below",
    ),
    "relief": ("单独放宽其中一项即可行", "Any one of these alone would free it"),
    "move": ("{name}达到 {needed}（现为 {now}）", "{name} of {needed} (now {now})"),
    "lift": ("{name}：不再限制{cost}", "{name}: no longer a bar{cost}"),
    "costs": ("，每年 {cost} 元", ", {cost} yuan a year"),
    "no_relief": ("单独放宽任何一项都不够", "No single one is enough"),
    "missing": ("缺少的事实", "What is missing"),
    "insurance": ("相关保险（不提供资金）：{names}", "Insurance that fits, no money: {names}"),
    "stage_why": ("只面向{stages}（企业：{now}）", "only for {stages} firms (this one: {now})"),
    "term_max": ("最长{bound}个月", "at most {bound} months"),
    "term_min": ("最短{bound}个月", "at least {bound} months"),
    "qualification_why": (
        "须符合任一：{names}（{answers}）",
        "asks for one of: {names} ({answers})",
    ),
    "requirement_why": ("须{text}（{now}）", "asks for: {text} ({now})"),
    "refused_why": ("违约概率 {pd}，不予放贷", "default probability {pd}, nothing is lent"),
    "rate_why": ("利率 {got} 高于上限 {bound}", "rate {got} above its most, {bound}"),
    "unknown_why": ("未知：{name}", "not known: {name}"),
    "low_why": ("最低 {low} 元", "at least {low} yuan"),
    "room_why": ("{name}为 0", "{name} is 0"),
    "term_move": ("期限改为 {needed} 个月", "a term of {needed} months"),
    "amount_below_move": ("申请金额降至 {needed} 元", "ask for {needed} yuan at most"),
    "amount_above_move": (
        "申请金额提高到 {needed} 元（达到产品最低额度）",
        "ask for {needed} yuan (the least amount of products)",
    ),
    "products_n_move": ("同时使用 {needed} 个产品", "{needed} products at once"),
    "cash_flow_cny": (
        "年经营现金流未知：未核对还本付息能力",
        "cash flow of a year: whether it bears the payments was not checked",
    ),
    "debt_cny": (
        "现有负债未知：未计入现有还本付息",
        "existing debt: its payments were not counted",
    ),
    "marks": (
        "条款不是报价：所用{n}个数字中{k}个为自拟建议，可用 techflow product show 查看",
        "Terms are no lender's offer: {k} of the {n} numbers used are our proposals "
        "(techflow product show)",
    ),
    "in_hand": (
        "扣除一次性费用后，第1天到手 {amount}",
        "In hand on day 1, after one-off fees: {amount}",
    ),
}
TOOLS = {
    "relending": ("再贷款", "Relending"),
    "relief": ("内部资金转移价格优惠", "Relief on the transfer price"),
    "guarantee": ("担保", "The guarantee"),
    "pool": ("风险补偿资金池", "The compensation pool"),
    "crmw": ("信用风险缓释凭证", "The CRMW"),
    "insurance": ("贷款保证保险", "Loan insurance"),
    "discount": ("财政贴息", "The interest discount"),
    "warrant": ("认股权", "The warrant"),
}
UNUSED = {
    "not_in_force": ("当日未施行，按无此工具定价", "not in force on the day, priced without it"),
    "number_missing": (
        "缺少定价所需数字，按无此工具定价",
        "a number of its price is missing, priced without it",
    ),
    "rate_stated": (
        "利率由产品写明或已有报价，不再调整",
        "the rate is stated by the product or was quoted, and stays",
    ),
    "no_gain": ("不能降低企业成本，未使用", "would not lower what the firm pays, not used"),
}
ANSWERS = {
    "yes": ("符合", "met"),
    "no": ("不符合", "not met"),
    "unknown": ("尚不能判定", "not known"),
}
