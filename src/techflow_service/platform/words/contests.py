"""Words of contests of facts, and of reviews by a person."""

WORDS = {
    "contests.title": ("异议", "Contests"),
    "contests.lead": (
        "认为数据有误或有遗漏的，可提出异议。平台运营方自收到之日起 {days} 日内核查并答复；"
        "处理期间，有权查阅该内容的机构会看到异议标注；原值始终保留。",
        "A firm may contest a fact that is wrong or left out. The operator checks and answers "
        "within {days} days of receipt; until then readers of that part see that it is contested, "
        "and the old value is always kept.",
    ),
    "contests.source": (
        "依据：《征信业管理条例》第二十五条；《民法典》第二百零一条（收到当日不计入）。",
        "Source: Regulation on the Administration of Credit Reporting, Art. 25; Civil Code, "
        "Art. 201 (the day of receipt is not counted).",
    ),
    "contests.new": ("提出异议", "Contest a fact"),
    "contests.part": ("内容", "Part"),
    "contests.show": ("列出数据项", "List the facts"),
    "contests.item": ("数据项及现值", "Fact and present value"),
    "contests.missing": ("有遗漏的数据", "Something is left out"),
    "contests.old": ("原值", "Old value"),
    "contests.claimed": ("应为", "Should be"),
    "contests.reason": ("异议理由", "Reason for the contest"),
    "contests.opened": ("收到时间", "Received"),
    "contests.open": ("提交异议", "Send the contest"),
    "contests.corrected": ("已更正", "Corrected"),
    "contests.upheld": ("维持原值", "Old value upheld"),
    "contests.unconfirmed": ("无法确认，双方意见均已记载", "Could not be settled; both on record"),
    "contests.withdrawn": ("企业已撤回", "Withdrawn by the firm"),
    "contests.due": ("{day} 前答复，还有 {n} 日", "answer due by {day}, {n} days left"),
    "contests.overdue": (
        "已逾期 {n} 日（应于 {day} 前答复）",
        "overdue by {n} days, was due by {day}",
    ),
    "contests.answer_corrected": ("确有错误或遗漏，予以更正", "Wrong or left out: corrected"),
    "contests.answer_upheld": ("不存在错误或遗漏，维持原值", "Not wrong: the old value stands"),
    "contests.answer_unconfirmed": (
        "核查后仍不能确认，予以记载",
        "Cannot be settled: put on record",
    ),
    "contests.none": (
        "没有异议。提出的异议会列在这里，连同期限和答复。",
        "There is no contest. Each is listed here with its day and its answer.",
    ),
    "marks.title": ("企业提出异议的数据", "Facts that the firm contests"),
    "marks.open": ("异议处理中", "contested, being checked"),
    "marks.unconfirmed": ("异议未能确认", "contested, could not be settled"),
    "marks.since": ("{day} 提出", "since {day}"),
    "contests.state_open": ("处理中", "Being checked"),
    "reviews.title": ("人工复核", "Review by a person"),
    "reviews.lead": (
        "系统自动给出的拒绝结果，可请银行由人员复核。",
        "Where a machine refused, you may ask the bank that a person looks at it.",
    ),
    "reviews.lead_head": (
        "企业请求由人员复核系统的拒绝结果。请阅读后作出决定并写明理由；企业会看到。",
        "Firms ask that a person looks at what a machine refused. Read, decide and give reasons; "
        "the firm sees them.",
    ),
    "reviews.source": (
        "依据：《个人信息保护法》第二十四条。该法保护自然人，平台对所有企业给予同样的权利。",
        "Source: Personal Information Protection Law, Art. 24. It protects natural persons; here "
        "every firm has the same right.",
    ),
    "reviews.new": ("本企业的最近评估", "Your latest assessment"),
    "reviews.missing": ("可补充的材料", "What would help"),
    "reviews.refused": ("被拒绝的事项", "What was refused"),
    "reviews.refused_verdict": ("未予评级", "No grade"),
    "reviews.refused_limit": ("未给额度", "No limit"),
    "reviews.org": ("银行", "Bank"),
    "reviews.reason": ("复核理由", "Reason for the review"),
    "reviews.open": ("请求复核", "Ask for a review"),
    "reviews.changed": ("已改变结果", "Decided otherwise"),
    "reviews.upheld": ("维持结果", "Upheld"),
    "reviews.withdrawn": ("企业已撤回", "Withdrawn by the firm"),
    "reviews.waiting": ("待复核", "Waiting"),
    "reviews.outcome_changed": (
        "不采纳系统结果，由人员受理",
        "Set the machine's result aside; a person takes it on",
    ),
    "reviews.outcome_upheld": ("维持系统结果", "The machine's result stands"),
    "reviews.then": ("当时的评估，数据截至 {day}", "The assessment as it was, as of {day}"),
    "reviews.firm": ("查看企业", "See the firm"),
    "reviews.no_refusal": (
        "最近的评估没有拒绝本企业。",
        "The latest assessment refused your firm nothing.",
    ),
    "reviews.no_bank": (
        "尚未授权任何银行查阅本企业，请先授权。",
        "No bank may read your firm yet; grant a consent first.",
    ),
    "reviews.none": (
        "没有待复核的请求。企业提出后会列在这里。",
        "No review is asked for. They are listed here once a firm asks.",
    ),
}
