"""Tables about the firm itself: who it is, what it owns, what it counts."""

from techflow.schema.model import code, count, day, money, number, table, text, yes_no

FIRM_ID = text("firm_id", "企业编号", "Firm id", required=True, check="firm_id")
CURRENCY = text("currency", "币种", "Currency", required=True, check="currency")

FIRM = table(
    "firm",
    "企业",
    "Firm",
    "firm_id",
    (
        FIRM_ID,
        text("uscc", "统一社会信用代码", "Unified social credit code", check="uscc"),
        text("name", "企业名称", "Name"),
        text("name_en", "英文名称", "English name"),
        text("country", "国家", "Country", required=True, check="country"),
        text("region_code", "行政区划代码", "Division code", check="division"),
        text("city", "城市", "City"),
        text("industry_code", "国民经济行业代码", "Industry code", check="industry"),
        text("sector", "行业", "Sector"),
        day("founded_on", "成立日期", "Founded on"),
        yes_no("listed", "是否上市", "Listed"),
        code(
            "life_stage",
            "生命周期阶段",
            "Life stage",
            {
                "start_up": ("初创期", "Start-up"),
                "growth": ("成长期", "Growth"),
                "stable": ("稳定期", "Stable"),
            },
        ),
    ),
)

STATEMENT = table(
    "statement",
    "财务报表",
    "Financial statement",
    "firm_id period_end_on basis",
    (
        FIRM_ID,
        day("period_end_on", "报告期末", "Period end", required=True),
        code(
            "basis",
            "报表口径",
            "Basis",
            {"separate": ("单体", "Separate"), "consolidated": ("合并", "Consolidated")},
            required=True,
        ),
        count("months_n", "期间月数", "Months covered"),
        CURRENCY,
        money("revenue_lcy", "营业收入", "Revenue"),
        money("cost_lcy", "营业成本", "Cost of sales"),
        money("operating_income_lcy", "营业利润", "Operating income"),
        money("pretax_income_lcy", "利润总额", "Pre-tax income"),
        money("net_income_lcy", "净利润", "Net income"),
        money("interest_expense_lcy", "利息支出", "Interest expense"),
        money("rnd_expense_lcy", "研发投入", "R&D expense", low=0),
        money("operating_cash_flow_lcy", "经营活动现金流净额", "Operating cash flow"),
        money("total_assets_lcy", "资产总计", "Total assets", low=0),
        money("current_assets_lcy", "流动资产", "Current assets"),
        money("noncurrent_assets_lcy", "非流动资产", "Non-current assets"),
        money("cash_lcy", "货币资金", "Cash"),
        money("receivables_lcy", "应收账款", "Receivables"),
        money("inventory_lcy", "存货", "Inventory"),
        money("prepayments_lcy", "预付账款", "Prepayments"),
        money("payables_lcy", "应付账款", "Payables"),
        money("advances_lcy", "预收账款", "Advances received"),
        money("total_liabilities_lcy", "负债合计", "Total liabilities"),
        money("current_liabilities_lcy", "流动负债", "Current liabilities"),
        money("noncurrent_liabilities_lcy", "非流动负债", "Non-current liabilities"),
        money("debt_lcy", "有息负债", "Interest-bearing debt", low=0),
        money("capital_stock_lcy", "股本", "Capital stock"),
        money("retained_earnings_lcy", "未分配利润", "Retained earnings"),
        money("total_equity_lcy", "所有者权益", "Total equity"),
    ),
)

STAFF = table(
    "staff",
    "人员",
    "Staff",
    "firm_id counted_on",
    (
        FIRM_ID,
        day("counted_on", "统计日期", "Counted on", required=True),
        count("employees_n", "职工总数", "Employees"),
        count("rnd_staff_n", "研发人员数", "R&D staff"),
        count("graduates_n", "研究生以上人数", "Staff with a graduate degree"),
    ),
)

CREDENTIALS = {
    "hnte": ("高新技术企业", "High and new technology enterprise"),
    "tech_sme": ("科技型中小企业", "Technology-based SME"),
    "innovative_sme": ("创新型中小企业", "Innovative SME"),
    "specialised_sme": ("专精特新中小企业", "Specialised and sophisticated SME"),
    "little_giant": ("专精特新“小巨人”企业", "Little giant"),
    "champion": ("制造业单项冠军", "Manufacturing single champion"),
    "national_demo": ("国家技术创新示范企业", "National technology innovation model firm"),
    "other": ("其他", "Other"),
}
CREDENTIAL = table(
    "credential",
    "资质",
    "Credential",
    "firm_id credential since",
    (
        FIRM_ID,
        code("credential", "资质类型", "Credential", CREDENTIALS, required=True),
        text("certificate_number", "证书编号", "Certificate number"),
        text("issuer", "认定机构", "Issuer"),
        day("since", "生效日", "Valid from", required=True),
        day("until", "失效日", "Valid until (first day not)"),
    ),
)

OWNERSHIP = table(
    "ownership",
    "股权",
    "Ownership",
    "firm_id owner_id since",
    (
        FIRM_ID,
        text("owner_id", "股东编号", "Owner id", required=True),
        code(
            "owner_kind",
            "股东类型",
            "Kind of owner",
            {
                "person": ("自然人", "Person"),
                "firm": ("企业", "Firm"),
                "state": ("国有", "State"),
                "fund": ("基金", "Fund"),
            },
        ),
        number("ownership_share", "持股比例", "Share held", "share", low=0, high=1),
        day("since", "起始日", "Held from", required=True),
        day("until", "终止日", "Held until (first day not)"),
    ),
)

EVENTS = {
    "delisted": ("退市", "Delisted"),
    "default": ("违约", "Default"),
    "abnormal_list": ("列入经营异常名录", "On the abnormal operations list"),
    "dishonest_list": ("列入严重违法失信名单", "On the seriously dishonest list"),
    "judgment": ("被执行", "Court judgment"),
    "penalty": ("行政处罚", "Administrative penalty"),
    "audit_opinion": ("非标审计意见", "Modified audit opinion"),
}
ADVERSE_EVENT = table(
    "adverse_event",
    "负面事件",
    "Adverse event",
    "firm_id event_on event",
    (
        FIRM_ID,
        day("event_on", "发生日期", "Event on", required=True),
        code("event", "事件", "Event", EVENTS, required=True),
        yes_no("distress", "是否因经营困境", "Caused by distress"),
        text("cause", "原因", "Cause"),
    ),
)

PROJECT = table(
    "project",
    "科技项目",
    "Science and technology project",
    "project_id firm_id",
    (
        text("project_id", "项目编号", "Project id", required=True),
        FIRM_ID,
        text("title", "项目名称", "Title"),
        code(
            "level",
            "级别",
            "Level",
            {
                "national": ("国家级", "National"),
                "provincial": ("省部级", "Provincial"),
                "municipal": ("市级", "Municipal"),
            },
        ),
        text("currency", "币种", "Currency", check="currency"),
        money("budget_lcy", "预算", "Budget", low=0),
        day("since", "起始日", "From", required=True),
        day("until", "终止日", "Until (first day not)"),
    ),
)

RELATIONSHIP = table(
    "relationship",
    "关联关系",
    "Relationship",
    "firm_id other_id relation since",
    (
        FIRM_ID,
        text("other_id", "对方编号", "Other party", required=True),
        code(
            "relation",
            "关系",
            "Relation",
            {
                "supplier": ("供应商", "Supplier"),
                "customer": ("客户", "Customer"),
                "group": ("同一集团", "Same group"),
                "shared_person": ("共同人员", "Shared person"),
                "shared_address": ("共同地址", "Shared address"),
                "shared_device": ("共同设备", "Shared device"),
            },
            required=True,
        ),
        day("since", "起始日", "From", required=True),
        day("until", "终止日", "Until (first day not)"),
    ),
)

DECLARATION = table(
    "declaration",
    "申报事项",
    "Declared fact",
    "firm_id fact declared_on",
    (
        FIRM_ID,
        text(
            "fact",
            "事项（政策所需资料的列名）",
            "Fact (its name on the policy page)",
            required=True,
        ),
        day("declared_on", "申报日期", "Declared on", required=True),
        yes_no("holds", "是否成立", "Holds"),
        number("stated_cny", "申报金额", "Stated amount", "cny"),
        number("stated_n", "申报数量", "Stated number", "n"),
        number("stated_share", "申报比例", "Stated share", "share"),
        number("stated_score", "申报得分", "Stated points", "points"),
        text("stated_code", "申报代码", "Stated code"),
    ),
)
"""What a firm states of itself for a policy and no other table holds; one column by kind."""
