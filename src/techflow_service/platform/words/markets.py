"""Words of the market."""

WORDS = {
    "market.title": ("资金市场", "Market"),
    "market.none": (
        "尚未做撮合计算，完成后显示。",
        "No match is stored yet; it shows once a job has made one.",
    ),
    "market.answer": (
        "{firms} 家企业中有 {got} 家配到产品，{none} 家没有。额度用尽的产品：{scarce}。",
        "{got} of {firms} firms get a product, {none} get none. Capacity is used up at: {scarce}.",
    ),
    "market.comma": ("、", ", "),
    "market.total": ("双方合计收益（元）", "Gain of both sides (CNY)"),
    "market.gap": ("与上界的差距", "Short of the bound by"),
    "market.pairs": ("可行配对数", "Pairs allowed"),
    "market.products": ("产品与额度", "Products and capacity"),
    "market.products_note": (
        "在额度限制下使企业与提供方合计收益最大；计算于 {made}。"
        "“额度价值”指多一元额度带来的合计收益。",
        "The match has the greatest gain of firms and providers within capacity; worked out "
        '{made}. "Worth of capacity" is what one more yuan of it would add.',
    ),
    "market.product": ("产品", "Product"),
    "market.provider": ("提供方", "Provider"),
    "market.rate": ("年利率", "Rate a year"),
    "market.firms": ("企业数", "Firms"),
    "market.lent": ("配出金额（元）", "Given (CNY)"),
    "market.capacity": ("额度（元）", "Capacity (CNY)"),
    "market.worth": ("额度价值", "Worth of capacity"),
    "market.who": ("谁得到什么", "Who gets what"),
    "market.firm": ("企业", "Firm"),
    "market.asked": ("所需金额（元）", "Asks for (CNY)"),
    "market.why": ("为什么是它而不是别的", "Why this rather than that"),
    "market.shown": (
        "列出向本机构授权的企业 {n} 家，金额大的在前",
        "{n} firms that agreed to your organisation, largest first",
    ),
    "market.no_firms": (
        "没有向本机构授权“融资方案与价格”的企业。",
        "No firm has granted your organisation its plan and price.",
    ),
    "market.unknown_products": (
        "产品为示例，利率与额度均为建议值；接入各机构的产品表后才是真实市场。",
        "The products are made up; rates and capacities are proposals. A real market needs the "
        "products of its providers.",
    ),
    "market.unknown_rate": (
        "企业能接受的最高利率按风险定价加1个百分点推定（建议值），不是企业申报。",
        "The highest rate a firm accepts is taken as its risk price plus 1 point (proposal); no "
        "firm stated it.",
    ),
    "market.unknown_firms": (
        "只含有额度的企业；配对是建议，是否发放由提供方决定。",
        "Only firms with a limit are in it. A match is a suggestion; the provider decides.",
    ),
}
