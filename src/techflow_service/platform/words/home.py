"""Words of the first page."""

WORDS = {
    "home.needs": ("需要处理", "Needs you"),
    "home.needs_none": ("没有待办事项。", "Nothing needs you now."),
    "home.moved": ("自 {since} 以来的等级变化", "Grades that changed since {since}"),
    "home.moved_all": ("全部等级变化", "All grades that changed"),
    "home.moved_none": (
        "可查看的企业中没有等级变化。",
        "No grade changed among the firms you may see.",
    ),
    "home.first_run": (
        "只有一次评估，尚无变化可比。",
        "One assessment so far: nothing to compare.",
    ),
    "home.before": ("之前", "Before"),
    "home.change": ("变化", "Change"),
    "home.up": ("↑ 上调 {n} 档", "↑ up {n}"),
    "home.down": ("↓ 下调 {n} 档", "↓ down {n}"),
    "home.counts": ("可查看企业的等级分布", "Grades of the firms you may see"),
    "home.counts_whole": ("全部企业的等级分布", "Grades of all firms"),
    "home.counts_wait": ("正在统计…", "Counting…"),
    "home.counts_see": ("查看统计", "Show counts"),
    "home.firms": ("企业数", "Firms"),
    "home.mine": ("本企业", "This firm"),
    "home.open_mine": ("查看本企业报告", "Open this firm's page"),
    "home.mine_none": (
        "平台尚无本企业的评估结果。",
        "There is no assessment of this firm on the platform yet.",
    ),
    "home.looks": ("最近查阅本企业的机构", "Who looked at this firm last"),
    "need.ending": ("{n} 项授权将在30天内到期", "Consents that end within 30 days: {n}"),
    "need.requests": ("{n} 家机构申请查阅本企业", "Organisations that ask for consent: {n}"),
    "need.reviews": ("{n} 项企业申请人工复核", "Refusals that a firm asks a person to review: {n}"),
    "need.loans": ("{n} 笔贷款等待您的下一步", "Loans that wait for your next step: {n}"),
    "need.contests": ("{n} 项异议待处理", "Contested facts that are open: {n}"),
}
