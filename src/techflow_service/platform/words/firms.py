"""Words of the list of firms and of the page of a firm."""

WORDS = {
    "firms.title": ("企业", "Firms"),
    "firms.empty": (
        "没有可查看的企业。企业授权后会出现在这里。",
        "No firm to see. Firms appear here once they give consent.",
    ),
    "firms.name": ("企业名称", "Firm"),
    "firms.grade": ("等级", "Grade"),
    "firms.pd": ("违约概率", "PD"),
    "firms.limit": ("额度", "Limit"),
    "firms.rate": ("年利率", "Rate a year"),
    "firms.flow": ("技术流得分", "Technology flow"),
    "firm.hidden": (
        "{part}：企业未授权。可向企业申请查看。",
        "{part}: the firm has not agreed to this. Ask it for consent.",
    ),
}
