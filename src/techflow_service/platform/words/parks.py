"""Words of a park and of what firms need."""

WORDS = {
    "park.title": ("园区", "Park"),
    "park.empty": (
        "尚无企业向本园区授权。授权后会计入本页。",
        "No firm has agreed to this park yet. Those that do count here.",
    ),
    "park.answer": (
        "{firms} 家入园企业已授权：{met} 家的资金需求可由方案或自有资金满足，"
        "{unmet} 家没有可行方案，{open} 家的需求尚不清楚。",
        "{firms} firms agreed: a plan or own funds meet the need of {met}, no plan is found for "
        "{unmet}, and what {open} need is not known.",
    ),
    "park.firms": ("企业数", "Firms"),
    "park.line": ("额度合计（元）", "Sum of limits (CNY)"),
    "park.planned": ("有方案的需求（元）", "Need with a plan (CNY)"),
    "park.debt": ("在外债务（元）", "Debt outstanding (CNY)"),
    "park.needs": ("需求满足情况", "Needs met and unmet"),
    "park.no_plans": (
        "没有方案记录。重新评估并载入后可显示。",
        "No plans on record. They show once a run with plans is loaded.",
    ),
    "park.status": ("状态", "Status"),
    "park.plan": ("资金需求（元）", "Need (CNY)"),
    "park.list": ("企业", "Firms"),
    "park.firm": ("企业", "Firm"),
    "park.why": ("方案或原因", "Plan or reason"),
    "park.asked": ("进入撮合（元）", "Asks the market for (CNY)"),
    "park.shown": (
        "列出 {n} 家，进入撮合金额大的在前",
        "{n} firms, those that ask most of the market first",
    ),
    "need.planned": ("有方案", "planned"),
    "need.need_covered": ("自有资金已覆盖", "covered by own funds"),
    "need.no_plan": ("没有可行方案", "no plan found"),
    "need.need_unknown": ("需求未知", "need not known"),
    "park.unknown_line": (
        "额度合计不是园区授信：每家企业的额度由银行各自审批，企业同时受困时不能相加，也没有园区担保。",
        "The sum of limits is no line to the park: each is granted firm by firm, they do not add "
        "up when firms fail together, and nobody guarantees them for the park.",
    ),
    "park.unknown_plan": (
        "只有可授信的企业才编制方案；其他企业的需求不在“满足情况”之内。",
        "Plans are made for firms that can be lent to; the needs of others are not in the table.",
    ),
    "park.unknown_firms": ("未授权的企业不在其中。", "Firms that have not agreed are not in it."),
}
