"""Shenzhen compensation pool for bank loans to SMEs (深圳市中小微企业银行贷款风险补偿资金池).

Source: the rules of 2018 and 2019 (pool of 2bn yuan, 30 % overall) and of 2020 (5bn yuan, at most
50 %); their numbers and days are not known, so each is taken from the first day of its year. New
rules came on 2024-03-27; their ladder of rates was not found, so from that day nothing is in
force here rather than an old or invented rate.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Fixed,
    Listed,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

SME = Listed("sme", "firm_size", "sme_sizes")
LOAN = (holds("filed_in_pool", "入池备案"), holds("loan_npl", "不良贷款"))
OVERALL = Fixed("overall_rate", "loss_rate")
MOST = Fixed("most_rate", "loss_rate_max")

POLICY = Policy(
    id="cn.shenzhen_pool",
    zh="深圳市中小微企业银行贷款风险补偿资金池",
    en="Shenzhen compensation pool for bank loans to SMEs",
    issuer="深圳市",
    versions=(
        Version(
            since=date(2018, 1, 1),  # in 2018; the day is not known
            document="深圳市中小微企业银行贷款风险补偿资金池（2018、2019年，文号未见）",
            mark=unverified("0.5"),
            test=all_of("payable", SME, *LOAN),
            outcomes=(
                Value("compensation_share", "补偿比例", "Compensation rate", OVERALL),
                Amount(
                    "compensation_cny", "风险补偿金额", "Compensation", "npl_principal_cny", OVERALL
                ),
            ),
        ),
        Version(
            since=date(2020, 1, 1),  # in 2020; the day is not known
            until=date(2024, 3, 27),  # the new ladder is not supplied
            document="深圳市中小微企业银行贷款风险补偿资金池（2020年，文号未见）",
            mark=unverified("0.5"),
            test=all_of(
                "payable",
                any_of("borrower", SME, holds("owner_or_self_employed", "小微企业主、个体工商户")),
                *LOAN,
            ),
            outcomes=(
                Value("compensation_max_share", "补偿比例上限", "Highest compensation rate", MOST),
                Amount(
                    "compensation_most_cny",
                    "风险补偿金额上限",
                    "Most compensation",
                    "npl_principal_cny",
                    MOST,
                ),
            ),
        ),
    ),
)
