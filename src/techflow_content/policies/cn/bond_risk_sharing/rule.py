"""Risk-sharing tool for technology-innovation bonds (科技创新债券风险分担工具).

Source: 中国人民银行, 2025-05-07; from 2026-01 merged with the tool for bonds of private firms. The
share of a default loss it bears is not published: the operator gives it, in whole percent.
"""

from datetime import date

from techflow.policy import (
    Amount,
    AnswerOf,
    Fixed,
    Judged,
    Policy,
    Value,
    Version,
    all_of,
    any_of,
    holds,
    unverified,
)

SURE = unverified("0.9")
TECH_BOND = AnswerOf("tech_bond", "cn.tech_bond", "支持范围", mark=SURE)
JOINT = holds("enhanced_jointly", "共同分担", mark=SURE)
BORNE = Amount(
    "borne_loss_cny",
    "工具分担的违约损失",
    "Default loss the tool bears",
    "bond_default_loss_cny",
    Judged("share", "tool_loss_share", "loss_share_max"),
)

POLICY = Policy(
    id="cn.bond_risk_sharing",
    zh="科技创新债券风险分担工具",
    en="Risk-sharing tool for technology-innovation bonds",
    issuer="中国人民银行",
    versions=(
        Version(
            since=date(2025, 5, 7),
            document="中国人民银行 科技创新债券风险分担工具（2025-05-07）",
            mark=SURE,
            test=all_of("supported", TECH_BOND, JOINT),
            outcomes=(BORNE,),
        ),
        Version(
            since=date(2026, 1, 1),  # in January 2026; the day is not known
            document="中国人民银行 科技创新与民营企业债券风险分担工具（2026年1月）",
            mark=SURE,
            test=all_of(
                "supported",
                any_of("bond", TECH_BOND, holds("private_firm_bond", "支持范围")),
                JOINT,
            ),
            outcomes=(
                BORNE,
                Value("quota_cny", "再贷款额度", "Relending quota", Fixed("quota", "quota_cny")),
            ),
        ),
    ),
)
