"""Words of pages of figures, and of the book of a branch."""

WORDS = {
    "told.table": ("查看数据表", "The table behind"),
    "told.unknown": ("本页不能告诉您什么", "What this page cannot tell"),
    "told.no_place": ("地区未知", "Place not known"),
    "told.few": ("少于5家", "under 5"),
    "told.none": ("无", "none"),
    "told.made": ("计算于 {at}", "worked out {at}"),
    "book.title": ("支行贷款簿", "Book of the branch"),
    "book.empty": (
        "尚无企业向本机构授权。授权后，其敞口会计入本页。",
        "No firm has agreed to your organisation yet. Once one does, its exposure counts here.",
    ),
    "book.answer": (
        "{firms} 家企业已向本机构授权，在外债务合计 {debt}元，其中不良占 {bad}；"
        "最大一户占 {largest}。",
        "{firms} firms agreed to your organisation. They owe {debt} CNY in all, {bad} of it "
        "non-performing; the largest owes {largest}.",
    ),
    "book.firms": ("企业数", "Firms"),
    "book.debt": ("在外债务（元）", "Debt outstanding (CNY)"),
    "book.limits": ("额度合计（元）", "Limits (CNY)"),
    "book.bad": ("不良率", "Non-performing"),
    "book.tolerance": ("不良容忍度", "Tolerance"),
    "book.points": ("各项贷款不良率＋{n}个百分点", "NPL of all loans + {n} points"),
    "book.hhi": ("集中度 HHI（按企业）", "HHI by firm"),
    "book.grade": ("等级", "Grade"),
    "book.no_grade": ("无等级", "None"),
    "book.by_grade": ("敞口按等级", "Exposure by grade"),
    "book.grade_finding": (
        "{grade} 占在外债务的 {share}，为各等级之最",
        "{grade} holds {share} of the debt, most of all",
    ),
    "book.grade_unit": ("在外债务，{unit}", "Debt outstanding, CNY {unit}"),
    "book.by_vintage": ("按放款年份的违约", "Default by year of drawing"),
    "book.vintage_note": (
        "违约占比后为杰弗里斯95%区间。后来年份的贷款观察时间较短，占比会继续上升，不可与早年直接相比。",
        "After each share stands the 95 % interval of Jeffreys. Later years were watched for a "
        "shorter time and will rise; do not compare them with earlier ones as they stand.",
    ),
    "book.no_loans": (
        "没有贷款记录，无法计算不良率。导入贷款表后可显示。",
        "No loans on record, so there is no NPL ratio. It shows once loans are imported.",
    ),
    "book.owed": ("贷款余额（元）", "Loans outstanding (CNY)"),
    "book.year": ("放款年份", "Year drawn"),
    "book.loans": ("贷款笔数", "Loans"),
    "book.defaulted": ("违约笔数", "Defaults"),
    "book.default_share": ("违约占比", "Share in default"),
    "book.by_verdict": ("评估结论", "Verdicts"),
    "book.verdict": ("结论", "Verdict"),
    "book.part": ("占比", "Share"),
    "book.by_region": ("地区集中度", "By region"),
    "book.by_sector": ("行业集中度", "By sector"),
    "book.region": ("地区", "Region"),
    "book.sector": ("行业", "Sector"),
    "book.split_note": (
        "债务集中度 HHI 为 {hhi}；各组均等时为 {even}。",
        "HHI of the debt is {hhi}; it would be {even} if all groups were equal.",
    ),
    "book.largest": ("最大十户", "The ten largest"),
    "book.firm": ("企业", "Firm"),
    "book.unknown_bank": (
        "贷款与债务是企业在所有银行的记录，不只是本行；未授权的企业不在其中。",
        "Loans and debt are those on record with all banks, not with yours alone; firms that have "
        "not agreed are not in it.",
    ),
    "book.unknown_vintage": (
        "不良指逾期超过90天或已记录违约；五级分类需贷后管理数据。",
        "Non-performing means more than 90 days overdue or a default on record; the five classes "
        "need the watch over loans.",
    ),
    "book.unknown_tolerance": (
        "容忍度以本行各项贷款不良率为基准（国家金融监督管理总局《关于加强科技型企业全生命周期金融服务的通知》，"
        "原文），该基准不在本平台，故不判断是否超出。",
        "The tolerance stands on your bank's NPL ratio of all loans (NFRA notice of 2024-01-12 on "
        "technology firms, read in the text). That ratio is not on this platform, so whether it "
        "is exceeded is not judged.",
    ),
}
