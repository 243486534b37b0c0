"""The derived table `profile`: what is known about a firm on a day, one row per firm."""

from techflow.schema.firms import FIRM
from techflow.schema.model import EVIDENCE, Column, Table, count, day, money, number, text


def _tally(name: str, zh: str, en: str, unit: str = "n") -> Column:
    """A whole number in a unit other than things, such as months or days."""
    return Column(name, "int", zh, en, unit=unit, low=0)


def _share(name: str, zh: str, en: str) -> Column:
    """A part of a whole between 0 and 1."""
    return number(name, zh, en, "share", low=0, high=1)


def _ratio(name: str, zh: str, en: str, **more: float) -> Column:
    """A quotient without a unit."""
    return number(name, zh, en, "ratio", **more)


TRADE = (
    text("trade_currency", "发票币种", "Currency of the invoices", check="currency"),
    _tally("history_months", "发票历史月数", "Months of invoice history", "month"),
    _tally("active_months_n", "有销售的月数", "Months with sales"),
    _tally("idle_months", "距最近一次销售月数", "Months since the last sale", "month"),
    _tally("longest_gap_months", "最长销售中断月数", "Longest gap between sales", "month"),
    money("sales_12m_lcy", "近12个月销售额", "Sales, last 12 months"),
    money("purchases_12m_lcy", "近12个月采购额", "Purchases, last 12 months"),
    _ratio("sales_growth_ratio", "近12个月销售增长率", "Sales growth, 12 months on 12"),
    _ratio("sales_trend_ratio", "月销售趋势", "Monthly sales trend"),
    _ratio("sales_volatility_ratio", "月销售波动率", "Volatility of monthly sales", low=0),
    _ratio("margin_ratio", "进销差率", "Margin of sales over purchases"),
    _share("void_share", "作废发票占比", "Share of void sale invoices"),
    number("credit_note_share", "红字发票金额占比", "Credit notes to gross sales", "share", low=0),
    number("sale_month_n", "月均有效销项张数", "Sale invoices a month", "n", low=0),
)
"""From monthly invoices; `techflow.profile.trade_features`."""

PARTNERS = (
    count("customers_n", "客户数", "Customers"),
    count("suppliers_n", "供应商数", "Suppliers"),
    _ratio("customer_hhi_ratio", "客户集中度", "Customer concentration (HHI)", low=0, high=1),
    _ratio("supplier_hhi_ratio", "供应商集中度", "Supplier concentration (HHI)", low=0, high=1),
    _share("top_customer_share", "最大客户占比", "Share of the largest customer"),
    _share("top_supplier_share", "最大供应商占比", "Share of the largest supplier"),
    number("customer_tenure_months", "客户合作月数", "Customer tenure", "month", low=0),
    number("supplier_tenure_months", "供应商合作月数", "Supplier tenure", "month", low=0),
    _share("repeat_customer_share", "回头客销售占比", "Share of sales to repeat customers"),
)
"""From single invoices; `techflow.profile.partner_features`."""

STATEMENT_RATIOS = (
    _ratio("leverage_ratio", "资产负债率", "Liabilities to assets", low=0),
    _ratio("current_ratio", "流动比率", "Current ratio"),
    _ratio("cash_ratio", "现金比率", "Cash ratio"),
    _ratio("debt_assets_ratio", "有息负债率", "Interest-bearing debt to assets", low=0),
    _ratio("return_on_assets_ratio", "总资产净利率", "Return on assets"),
    _ratio("operating_margin_ratio", "营业利润率", "Operating margin"),
    _ratio("net_margin_ratio", "销售净利率", "Net margin"),
    _ratio("retained_earnings_ratio", "未分配利润占总资产比", "Retained earnings to assets"),
    _ratio("asset_turnover_ratio", "总资产周转率", "Asset turnover"),
    _ratio("capital_impairment_ratio", "资本侵蚀率", "Capital impairment"),
    number("rnd_share", "研发投入占营业收入比", "R&D expense to revenue", "share", low=0),
    _ratio("operating_return_ratio", "营业利润占总资产比", "Operating income to assets"),
    _ratio("pretax_return_ratio", "利润总额占总资产比", "Pre-tax income to assets"),
    _ratio("nonoperating_gap_ratio", "营业外损益占总资产比", "Non-operating result to assets"),
    _ratio("working_capital_ratio", "营运资金占总资产比", "Working capital to assets"),
    number(
        "current_liabilities_share", "流动负债占负债比", "Current share of liabilities", "share"
    ),
    _ratio("revenue_growth_ratio", "营业收入增长率", "Revenue growth"),
    _ratio("assets_growth_ratio", "总资产增长率", "Growth of assets", low=-1),
    _ratio("equity_growth_ratio", "所有者权益增长率", "Growth of equity"),
    Column("losses_n", "int", "近两年亏损年数", "Loss years of the last two", "n", low=0, high=2),
    money("assets_lcy", "总资产", "Total assets", low=0),
    money("revenue_lcy", "营业收入", "Revenue"),
    day("statement_on", "报表期末", "Statement date"),
)
"""From accounts, for each statement; `techflow.profile.statement_ratios`."""

STATEMENTS = (
    *STATEMENT_RATIOS,
    text("statement_currency", "报表币种", "Currency of the statement", check="currency"),
    text("statement_basis", "报表口径", "Basis of the statement"),
    _tally("statement_age_days", "报表距截至日天数", "Age of the statement", "day"),
)
"""From the latest accounts; `techflow.profile.statement_features`."""

PATENTS = (
    count("patents_n", "专利数", "Patents"),
    count("inventions_n", "发明专利数", "Invention patents"),
    count("patents_3y_n", "近3年专利申请数", "Patents filed in 3 years"),
    _ratio("patent_growth_ratio", "近3年专利申请增长率", "Growth of filings, 3 years on 3", low=-1),
    number("patent_age_years", "距最近专利申请年数", "Years since the last filing", "year", low=0),
    count("subclasses_n", "专利分类小类数", "Patent subclasses"),
    number("claims_mean_n", "平均权利要求数", "Claims per patent", "n", low=0),
)
"""From patents; `techflow.profile.patent_features`."""

STAFF = (
    count("employees_n", "职工总数", "Employees"),
    _share("rnd_staff_share", "研发人员占比", "R&D staff share"),
)
"""From the latest head count; `techflow.profile.staff_features`."""

CREDENTIALS = (count("credentials_n", "有效资质数", "Valid credentials"),)
"""From credentials; `techflow.profile.credential_features`."""

FUNDING = (
    text("funding_currency", "融资币种", "Currency of the funding", check="currency"),
    money("raised_36m_lcy", "近36个月股权融资额", "Equity raised, last 36 months", low=0),
    count("funding_rounds_n", "股权融资轮数", "Funding rounds"),
)
"""From funding rounds; `techflow.profile.funding_features`."""

LOANS = (
    text("loan_currency", "贷款币种", "Currency of the loans", check="currency"),
    money("debt_outstanding_lcy", "贷款余额", "Loans outstanding", low=0),
    count("loans_n", "贷款笔数", "Loans"),
    _tally("overdue_days_max", "最长逾期天数", "Longest days past due", "day"),
    count("defaults_n", "违约笔数", "Defaulted loans"),
)
"""From loans; `techflow.profile.loan_features`."""

FEATURES = (
    *TRADE,
    *PARTNERS,
    *STATEMENTS,
    *PATENTS,
    *STAFF,
    *CREDENTIALS,
    *FUNDING,
    *LOANS,
)
"""Every feature, in the order of the table."""

PROFILE = Table(
    "profile",
    "企业画像",
    "Profile",
    ("firm_id",),
    (
        *(column for column in FIRM.columns if column not in EVIDENCE),
        day("as_of", "截至日期", "As of", required=True),
        *FEATURES,
        number("working_capital_days", "营运资金周转天数", "Working-capital days", "day"),
        day("evidence_on", "最近证据日期", "Latest evidence"),
    ),
)
