"""What the register of pledges says on a day: events as judged, pledges in rank, loans covered."""

from techflow.schema.model import Column, Table, code, count, day, number, text, yes_no

PLEDGE_ID = text("pledge_id", "质押登记号", "Pledge id", required=True)
PATENT_ID = text("patent_id", "专利编号", "Patent id", required=True)
LOAN_ID = text("loan_id", "贷款编号", "Loan id", required=True)
RANK = count("rank_n", "登记顺位", "Rank as registered")
SECURED = number("secured_cny", "担保债权数额", "Amount secured", "cny", low=0)
OUTSTANDING = number("outstanding_cny", "贷款余额（元）", "Outstanding (yuan)", "cny", low=0)
EXPIRES = yes_no("expires_before_loan_ends", "贷款到期前保护期届满", "Term ends before the loan")
UNPROTECTED = Column(
    "unprotected_days", "int", "届满后至到期日天数", "Days without protection", unit="day", low=0
)

REASONS = {
    "incomplete": ("编号、日期或事件类型缺失", "An id, the day or the event is missing"),
    "later": ("晚于截至日期，不计入", "After the day asked about; not counted"),
    "unknown_patent": ("专利不在专利清单中", "The patent is not among the patents"),
    "wrong_rank": ("顺位须为不小于 1 的整数", "The rank must be a whole number of 1 or more"),
    "wrong_amount": ("担保债权数额须为非负数", "The amount secured must be 0 or more"),
    "order_unknown": (
        "同一质押同日登记又注销，先后不明",
        "Registered and released on one day: which came first is not known",
    ),
    "registered_twice": ("尚未注销又登记", "Registered again without a release between"),
    "released_unregistered": ("注销之前没有登记", "Released without a registration before it"),
}
"""Why an event is set aside; the register is worked out without it."""

PLEDGE_EVENT = Table(
    "pledge_event",
    "质押登记事件",
    "Pledge event",
    ("pledge_id", "patent_id", "loan_id", "event_on", "pledge_event"),
    (
        PLEDGE_ID,
        PATENT_ID,
        LOAN_ID,
        code(
            "pledge_event",
            "登记事件",
            "Event",
            {"registered": ("登记", "Registered"), "released": ("注销", "Released")},
            required=True,
        ),
        day("event_on", "发生日期", "Event on", required=True),
        RANK,
        SECURED,
        code("event_reason_code", "隔离原因", "Why it is set aside", REASONS),
    ),
)

PLEDGE = Table(
    "pledge",
    "质押",
    "Pledge",
    ("pledge_id", "patent_id", "loan_id"),
    (
        PLEDGE_ID,
        PATENT_ID,
        LOAN_ID,
        day("registered_on", "登记日", "Registered on", required=True),
        count("place_n", "受偿顺位", "Place in the order of payment"),
        SECURED,
        OUTSTANDING,
        number("claim_cny", "优先受偿债权", "Claim on the patent", "cny", low=0),
        number("available_cny", "专利可用价值", "What the patent can bring", "cny", low=0),
        number("covered_cny", "可受偿额", "Covered", "cny", low=0),
        yes_no("in_force", "专利有效", "Patent in force"),
        day("term_ends_on", "保护期届满日", "First day without protection"),
        day("due_on", "到期日", "Due on"),
        EXPIRES,
        UNPROTECTED,
        count("loans_on_patent_n", "该专利担保的贷款数", "Loans behind which the patent stands"),
        yes_no("double_pledged", "是否重复质押", "Stands behind several loans"),
        yes_no("release_due", "贷款已清偿应注销", "Loan repaid, release due"),
    ),
)

LOAN_PLEDGE = Table(
    "loan_pledge",
    "贷款质押情况",
    "Loan and its pledges",
    ("loan_id",),
    (
        LOAN_ID,
        OUTSTANDING,
        day("due_on", "到期日", "Due on"),
        count("pledges_n", "有效质押专利数", "Patents pledged now"),
        number("covered_cny", "可受偿额", "Covered", "cny", low=0),
        number("shortfall_cny", "缺口", "Shortfall", "cny", low=0),
        EXPIRES,
        UNPROTECTED,
        yes_no("double_pledged", "有重复质押的专利", "A patent also stands behind another loan"),
    ),
)
