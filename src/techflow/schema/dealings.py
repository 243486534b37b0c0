"""Tables about what a firm does: invoices, patents, funding, loans."""

from techflow.schema.firms import CURRENCY, FIRM_ID
from techflow.schema.model import Column, code, count, day, money, number, table, text, yes_no

INVOICE = table(
    "invoice",
    "发票",
    "Invoice",
    "firm_id direction invoice_number line_n",
    (
        FIRM_ID,
        code(
            "direction",
            "方向",
            "Direction",
            {"sale": ("销项", "Sale"), "purchase": ("进项", "Purchase")},
            required=True,
        ),
        text("invoice_number", "发票号码", "Invoice number", required=True),
        Column("line_n", "int", "同号序次", "Occurrence of the number", unit="n", low=1),
        day("issued_on", "开票日期", "Issued on", required=True),
        text("partner_id", "对方单位", "Counterparty", required=True),
        CURRENCY,
        money("net_lcy", "金额", "Net amount", required=True),
        money("vat_lcy", "税额", "VAT"),
        money("gross_lcy", "价税合计", "Gross amount"),
        code(
            "status",
            "发票状态",
            "Status",
            {"valid": ("有效", "Valid"), "void": ("作废", "Void")},
            required=True,
        ),
        yes_no("number_repeated", "号码重复", "Number occurs again with other content"),
    ),
)

INVOICE_MONTH = table(
    "invoice_month",
    "发票月度汇总",
    "Invoices by month",
    "firm_id month_on",
    (
        FIRM_ID,
        day("month_on", "月份首日", "First day of the month", required=True),
        CURRENCY,
        money("sales_lcy", "销售额", "Sales", required=True),
        money("purchases_lcy", "采购额", "Purchases"),
        money("credit_notes_lcy", "红字销售额", "Amount of credit notes on sales", low=0),
        count("sale_n", "有效销项张数（不含红字）", "Valid sale invoices, credit notes apart"),
        count("purchase_n", "有效进项张数", "Valid purchase invoices"),
        count("void_n", "作废销项张数", "Void sale invoices"),
        count("credit_note_n", "红字销项张数", "Valid credit notes on sales"),
    ),
)

PATENT_KINDS = {
    "invention": ("发明", "Invention"),
    "utility": ("实用新型", "Utility model"),
    "design": ("外观设计", "Design"),
}
PATENT = table(
    "patent",
    "专利",
    "Patent",
    "patent_id firm_id",
    (
        text("patent_id", "专利编号", "Patent id", required=True, check="patent_id"),
        FIRM_ID,
        code("patent_kind", "专利类型", "Kind", PATENT_KINDS),
        day("filed_on", "申请日", "Filed on"),
        day("granted_on", "授权日", "Granted on"),
        text("title", "名称", "Title"),
        text("ipc", "国际专利分类", "IPC", check="ipc"),
        text("cpc", "联合专利分类", "CPC", check="ipc"),
        count("cpc_subclasses_n", "分类小类数", "Distinct CPC subclasses"),
        count("claims_n", "权利要求数", "Claims"),
        count("independent_claims_n", "独立权利要求数", "Independent claims"),
        count("inventors_n", "发明人数", "Inventors"),
        count("backward_citations_n", "引证数", "Backward citations"),
        count("family_size_n", "同族数", "Family size"),
    ),
)

PATENT_EVENT = table(
    "patent_event",
    "专利事件",
    "Patent event",
    "patent_id event_on patent_event",
    (
        text("patent_id", "专利编号", "Patent id", required=True, check="patent_id"),
        FIRM_ID,
        day("event_on", "发生日期", "Event on", required=True),
        code(
            "patent_event",
            "事件",
            "Event",
            {
                "filed": ("申请", "Filed"),
                "published": ("公布", "Published"),
                "granted": ("授权", "Granted"),
                "renewed": ("缴纳年费", "Renewed"),
                "lapsed": ("失效", "Lapsed"),
                "restored": ("恢复权利", "Restored"),
                "expired": ("期限届满", "Expired"),
                "invalidated": ("被宣告无效", "Invalidated"),
                "licensed_out": ("对外许可", "Licensed out"),
                "licensed_in": ("受让许可", "Licensed in"),
                "assigned": ("转让", "Assigned"),
                "pledged": ("质押", "Pledged"),
                "released": ("解除质押", "Released"),
                "litigated": ("诉讼", "Litigated"),
            },
            required=True,
        ),
        text("partner_id", "对方单位", "Counterparty"),
    ),
)

FUNDING_ROUND = table(
    "funding_round",
    "股权融资",
    "Funding round",
    "firm_id closed_on funding_round",
    (
        FIRM_ID,
        day("closed_on", "交割日", "Closed on", required=True),
        text("funding_round", "轮次", "Round", required=True),
        text("investor_id", "投资方", "Investor"),
        CURRENCY,
        money("raised_lcy", "融资额", "Raised", low=0),
        money("post_money_lcy", "投后估值", "Post-money valuation", low=0),
    ),
)

SECURITIES = {
    "unsecured": ("信用", "Unsecured"),
    "guaranteed": ("保证", "Guaranteed"),
    "mortgaged": ("抵押", "Mortgage"),
    "pledged": ("质押", "Pledge"),
}
LOAN = table(
    "loan",
    "贷款",
    "Loan",
    "loan_id",
    (
        text("loan_id", "贷款编号", "Loan id", required=True),
        FIRM_ID,
        text("lender_id", "贷款机构", "Lender"),
        CURRENCY,
        money("principal_lcy", "本金", "Principal", required=True, low=0),
        money("outstanding_lcy", "余额", "Outstanding", low=0),
        number("rate_pa", "年利率", "Rate per annum", "rate_pa", low=0, high=1),
        day("drawn_on", "发放日", "Drawn on", required=True),
        day("due_on", "到期日", "Due on", required=True),
        Column("overdue_days", "int", "逾期天数", "Days past due", unit="day", low=0),
        day("defaulted_on", "违约日", "Defaulted on"),
        text("branch_id", "经办分支机构", "Branch"),
        code("security", "担保方式", "Security", SECURITIES),
        yes_no("first_loan", "是否首贷", "First loan of the firm from any bank"),
        text(
            "use_industry_code",
            "贷款投向行业代码",
            "Industry the loan is used in",
            check="industry",
        ),
        yes_no("use_emerging", "是否投向战略性新兴产业", "Used in a strategic emerging industry"),
        yes_no(
            "use_patent_intensive", "是否投向专利密集型产业", "Used in a patent-intensive industry"
        ),
    ),
)

FACILITY = table(
    "facility",
    "授信",
    "Facility",
    "facility_id",
    (
        text("facility_id", "授信编号", "Facility id", required=True),
        FIRM_ID,
        text("lender_id", "授信机构", "Lender"),
        CURRENCY,
        money("facility_lcy", "授信额度", "Facility limit", required=True, low=0),
        money("drawn_lcy", "已用额度", "Drawn", low=0),
        day("since", "起始日", "From", required=True),
        day("until", "终止日", "Until (first day not)"),
    ),
)

COLLATERAL = table(
    "collateral",
    "担保物",
    "Collateral",
    "collateral_id",
    (
        text("collateral_id", "担保物编号", "Collateral id", required=True),
        FIRM_ID,
        text("loan_id", "贷款编号", "Loan id"),
        code(
            "collateral_kind",
            "担保物类型",
            "Kind",
            {
                "real_estate": ("不动产", "Real estate"),
                "patent": ("专利权", "Patent"),
                "equity": ("股权", "Equity"),
                "receivable": ("应收账款", "Receivable"),
                "guarantee": ("保证", "Guarantee"),
                "other": ("其他", "Other"),
            },
            required=True,
        ),
        text("patent_id", "专利编号", "Patent id", check="patent_id"),
        CURRENCY,
        money("appraised_lcy", "评估值", "Appraised value", low=0),
        day("appraised_on", "评估日", "Appraised on"),
    ),
)

EXCHANGE_RATE = table(
    "exchange_rate",
    "汇率",
    "Exchange rate",
    "currency quoted_on",
    (
        CURRENCY,
        day("quoted_on", "报价日", "Quoted on", required=True),
        number("cny_per_lcy", "折人民币", "Yuan per unit", "cny", required=True, low=0),
    ),
)

OVERRIDE_REASONS = {
    "newer_facts": ("模型所见证据之后的新情况", "Facts later than the evidence of the model"),
    "evidence_wrong": ("证据有误", "The evidence is wrong"),
    "technology": ("模型未反映的技术实力", "Technology the model does not see"),
    "management": ("管理层与治理", "Management and governance"),
    "group_support": ("集团或第三方支持", "Support of a group or a third party"),
    "adverse_news": ("诉讼、处罚或负面信息", "Litigation, penalties or adverse news"),
    "industry_outlook": ("行业前景", "Outlook of the industry"),
    "credit_policy": ("授信政策", "Credit policy"),
    "other": ("其他（须说明）", "Other (say what)"),
}
OVERRIDE = table(
    "override",
    "评级人工调整",
    "Override of a grade",
    "firm_id card_id overridden_on",
    (
        FIRM_ID,
        day("overridden_on", "调整日期", "On", required=True),
        text("card_id", "模型", "Model card", required=True),
        text("grade_from", "模型等级", "Grade of the model", required=True),
        text("grade_to", "调整后等级", "Grade given instead", required=True),
        code("reason_code", "调整原因", "Reason", OVERRIDE_REASONS, required=True),
        text("reason_text", "原因说明", "Reason in words"),
        text("by", "调整人", "Overridden by", required=True),
        text("approved_by", "批准人", "Approved by"),
    ),
)
