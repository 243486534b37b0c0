"""High-value invention patent (高价值发明专利): one of five circumstances, of one patent.

Source: the definition used by the China National Intellectual Property Administration. No number
of a text and no day is known here: it is taken from the earliest day the rules give to the subject.
"""

from datetime import date

from techflow.policy import Condition, Policy, Version, all_of, any_of, holds, unverified

POLICY = Policy(
    id="cn.high_value_patent",
    zh="高价值发明专利",
    en="High-value invention patent",
    issuer="国家知识产权局",
    versions=(
        Version(
            since=date(2023, 7, 12),
            document="国家知识产权局 高价值发明专利定义",
            mark=unverified("0.3"),
            test=all_of(
                "counted",
                holds("valid_invention_patent", "有效发明专利"),
                any_of(
                    "circumstance",
                    holds("patent_in_emerging_industry", "（一）"),
                    holds("patent_overseas_family", "（二）"),
                    Condition("maintained", "maintained_months", ">", "maintained_months_over"),
                    holds("patent_high_pledge", "（四）"),
                    holds("patent_awarded", "（五）"),
                    clause="定义（一）至（五）",
                ),
            ),
        ),
    ),
)
