"""Technology loans in the statistics (科技贷款统计口径): a union, each loan counted once.

Source: 《金融“五篇大文章”总体统计制度（试行）》, April 2025: loans to technology firms,
and loans to technology industries by use of funds. The categories were not read in the text.
"""

from datetime import date

from techflow.policy import Amount, Fixed, Policy, Version, any_of, holds, unverified

SURE = unverified("0.85")
FIRM, INDUSTRY = "科技型企业贷款", "科技相关产业贷款"

POLICY = Policy(
    id="cn.tech_loan_category",
    zh="科技贷款统计分类",
    en="Technology loan in the statistics",
    issuer="中国人民银行 金融监管总局 中国证监会 国家外汇局",
    versions=(
        Version(
            since=date(2025, 4, 1),  # in April 2025; the day is not known
            document="《金融“五篇大文章”总体统计制度（试行）》",
            mark=SURE,
            test=any_of(
                "tech_loan",
                any_of(
                    "firm_loan",
                    holds("hnte_certificate", FIRM, mark=SURE),
                    holds("tech_sme_registered", FIRM, mark=SURE),
                    holds("innovation_demonstration_firm", FIRM, mark=SURE),
                    holds("manufacturing_champion", FIRM, mark=SURE),
                    holds("specialised_sme", FIRM, mark=SURE),
                    clause=FIRM,
                ),
                any_of(
                    "industry_loan",
                    holds("for_hightech_manufacturing", INDUSTRY, mark=SURE),
                    holds("for_hightech_services", INDUSTRY, mark=SURE),
                    holds("for_strategic_industry", INDUSTRY, mark=SURE),
                    holds("for_patent_industry", INDUSTRY, mark=SURE),
                    clause=INDUSTRY,
                ),
            ),
            outcomes=(
                Amount(
                    "tech_loan_cny",
                    "计入科技贷款的余额（不重复计算）",
                    "Balance counted as technology loan, once",
                    "loan_balance_cny",
                    Fixed("once", "counted_share"),
                ),
            ),
        ),
    ),
)
