"""What policies say of each firm: an answer per policy."""

from techflow.schema.firms import FIRM
from techflow.schema.model import Table, code, day, text, yes_no

FIRM_ID = FIRM.column("firm_id")
POLICY_ID = text("policy_id", "政策", "Policy", required=True)
ANSWERS = {
    "yes": ("符合", "Qualifies"),
    "no": ("不符合", "Does not qualify"),
    "unknown": ("资料不足", "Cannot be decided yet"),
}

QUALIFICATION = Table(
    "qualification",
    "资格",
    "Qualification",
    ("firm_id", "policy_id"),
    (
        FIRM_ID,
        POLICY_ID,
        code("answer", "结论", "Answer", ANSWERS),
        text("unknown_code", "未定原因", "Why it is open"),
        text("outcome", "结果（类别或得分）", "Outcome (class or points)"),
        day("since", "版本起始日", "Version since", required=True),
        text("document", "文号", "Document", required=True),
        text("mark", "依据标记", "Mark", required=True),
        yes_no("official", "是否官方", "Official"),
    ),
)
"""Answers; null where a policy has an outcome only."""

GAPS = Table(
    "gaps",
    "资格差距",
    "What a firm lacks",
    ("firm_id", "policy_id"),
    (
        FIRM_ID,
        POLICY_ID,
        text("gaps_zh", "还差什么", "What is missing (Chinese)", required=True),
        text("gaps_en", "还差什么（英文）", "What is missing", required=True),
    ),
)
"""One line of text per step; steps of a way are indented by two spaces."""
