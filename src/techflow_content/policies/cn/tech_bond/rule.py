"""Technology-innovation bonds (科技创新债券): who may issue, for what.

Source: 中国人民银行 中国证监会公告〔2025〕第8号.
"""

from datetime import date

from techflow.policy import Policy, Version, all_of, any_of, holds

POLICY = Policy(
    id="cn.tech_bond",
    zh="科技创新债券",
    en="Technology-innovation bond",
    issuer="中国人民银行 中国证监会",
    versions=(
        Version(
            since=date(2025, 5, 7),
            document="中国人民银行 中国证监会公告〔2025〕第8号",
            test=any_of(
                "may_issue",
                all_of(
                    "financial",
                    holds("financial_issuer", "发行主体"),
                    any_of(
                        "financial_use",
                        holds("proceeds_for_loans", "募集资金用途"),
                        holds("proceeds_for_equity", "募集资金用途"),
                        holds("proceeds_for_bonds", "募集资金用途"),
                        holds("proceeds_for_funds", "募集资金用途"),
                    ),
                ),
                holds("tech_firm_issuer", "发行主体"),
                all_of(
                    "investor",
                    holds("equity_investor_issuer", "发行主体"),
                    holds("proceeds_for_private_fund", "募集资金用途"),
                ),
                clause="发行主体",
            ),
        ),
    ),
)
