"""Credit risk mitigation warrants (信用风险缓释凭证, CRMW): who may create one and on what terms.

Source: NAFMII rules of 2016 and guidelines as revised in June 2025; days are not known, so each is
taken from the first day of its year or month. Until the revision only core dealers created
certificates, after filing with the professional committee and within a leverage limit of their
own; the limit was not found, so whether it is met is a fact. Certificates have existed since
October 2010; earlier rules are not here.
"""

from datetime import date

from techflow.policy import (
    Listed,
    Policy,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

REFERENCE = Listed("reference", "crm_reference", "reference_kinds")
EVENT = Listed("credit_event", "crm_credit_event", "credit_events")

POLICY = Policy(
    id="cn.crmw",
    zh="信用风险缓释凭证创设",
    en="Creation of credit risk mitigation warrants",
    issuer="中国银行间市场交易商协会",
    versions=(
        Version(
            since=date(2016, 1, 1),  # in 2016; the day is not known
            document="《银行间市场信用风险缓释工具试点业务规则》（2016年）",
            mark=unverified("0.5"),
            test=all_of(
                "creation",
                holds("crm_core_dealer", "核心交易商创设"),
                holds("crm_committee_filing", "专业委员会备案"),
                holds("crm_leverage_met", "单独的杠杆限额"),
                REFERENCE,
                EVENT,
            ),
        ),
        Version(
            since=date(2025, 6, 1),  # in June 2025; the day is not known
            document="《业务指引》（2025年6月修订）",
            mark=unverified("0.5"),
            test=all_of(
                "creation",
                REFERENCE,
                EVENT,
                any_of(
                    "pricing",
                    Listed("not_by_inquiry", "crm_pricing", "inquiry_pricing", expected=False),
                    holds("crm_directed", "定向创设可询价定价"),
                ),
            ),
        ),
    ),
)
