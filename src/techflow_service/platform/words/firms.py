"""Words of the list of firms."""

WORDS = {
    "firms.title": ("企业", "Firms"),
    "firms.empty": (
        "没有可查看的企业。请在“授权申请”中向企业申请；企业授权后会出现在这里。",
        "No firm to see. Ask one under “Asking for consent”; firms appear here once they agree.",
    ),
    "firms.none": (
        "没有符合条件的企业。请放宽条件，或换一个名称、拼音或编号。",
        "No firm answers this question. Ask for less, or try another name or number.",
    ),
    "firms.count": ("{n} 家企业", "{n} firms"),
    "firms.more_than": ("超过 {n} 家企业", "more than {n} firms"),
    "firms.search": ("名称、拼音或编号", "Name, pinyin or id"),
    "firms.all": ("全部", "All"),
    "firms.sort": ("排序", "Sort by"),
    "firms.file": ("导出 CSV", "Export CSV"),
    "firms.next": ("下一页", "Next page"),
    "firms.firm_id": ("企业编号", "Firm id"),
    "firms.name": ("企业名称", "Firm"),
    "firms.verdict": ("结论", "Verdict"),
    "firms.grade": ("等级", "Grade"),
    "firms.pd": ("违约概率", "PD"),
    "firms.limit_lcy": ("额度（元）", "Limit (CNY)"),
    "firms.rate_pa": ("年利率", "Rate a year"),
    "firms.flow_score": ("技术流得分", "Technology flow"),
    "firms.patent_value_median_cny": ("专利价值（元）", "Patent value (CNY)"),
    "verdict.graded": ("模型评级", "Graded by a model"),
    "verdict.expert": ("专家评分", "Expert scorecard"),
    "verdict.insufficient": ("证据不足", "Insufficient evidence"),
    "firm.hidden": (
        "{part}：企业未授权。可向企业申请查看。",
        "{part}: the firm has not agreed to this. Ask it for consent.",
    ),
}
