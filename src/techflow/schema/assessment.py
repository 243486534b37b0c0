"""The derived table `assessment`: what a lender is told about a firm on a day."""

from techflow.schema.firms import FIRM
from techflow.schema.model import Column, Table, code, day, money, number, text

VERDICTS = {
    "graded": ("模型评级", "Graded by a model"),
    "expert": ("专家评级", "Graded by expert scorecard"),
    "insufficient": ("证据不足", "Insufficient evidence"),
}
"""A card applies; the technology-flow scorecard applies; neither, with what to ask for."""

PD_BASES = {
    "prediction": ("预测", "Prediction of the next year"),
    "classification": ("分类", "Classification, not a forecast"),
    "low_default": ("低违约估计", "Low-default estimate"),
}
"""What kind of number the default probability is."""

NEED_BASES = {
    "turnover": ("周转法", "By turnover"),
    "sales_share": ("销售比例法", "Share of sales"),
}

LIMIT_REASONS = {
    "sales_unknown": ("销售额未知，无法测算额度", "Sales are unknown, so no limit can be sized"),
    "pd_unknown": ("无违约概率，不核定额度", "There is no default probability, so no limit is set"),
    "pd_too_high": ("违约概率超过可贷上限", "The default probability is above what may be lent to"),
    "need_covered": (
        "自有资金和现有负债已覆盖需求",
        "Own funds and existing debt already cover the need",
    ),
    "debt_unknown": (
        "现有负债未知，额度未扣除现有负债",
        "Existing debt is unknown; the limit is before deducting it",
    ),
}
"""Why there is no limit, or what it leaves open."""

_ABOUT_FIRM = ("name", "country", "region_code", "city", "sector", "industry_code", "life_stage")


def _reason(rank: int) -> tuple[Column, ...]:
    """The columns of one reason."""
    stem = f"reason_{rank}"
    return (
        text(f"{stem}_feature", f"原因{rank}指标", f"Reason {rank}: feature"),
        number(f"{stem}_part", f"原因{rank}贡献", f"Reason {rank}: contribution", "points"),
        text(f"{stem}_zh", f"原因{rank}", f"Reason {rank} (Chinese)"),
        text(f"{stem}_en", f"原因{rank}（英文）", f"Reason {rank}"),
    )


ASSESSMENT = Table(
    "assessment",
    "评估结果",
    "Assessment",
    ("firm_id",),
    (
        FIRM.column("firm_id"),
        *(FIRM.column(name) for name in _ABOUT_FIRM),
        day("as_of", "截至日期", "As of", required=True),
        code("verdict", "结论", "Verdict", VERDICTS, required=True),
        text("grade", "等级", "Grade"),
        number("pd", "违约概率", "Default probability", "share", low=0, high=1),
        code("pd_basis", "违约概率性质", "Kind of default probability", PD_BASES),
        text("card_id", "模型", "Model card"),
        text("card_hash", "模型指纹", "Fingerprint of the card"),
        number("score", "评分", "Score", "points"),
        *_reason(1),
        *_reason(2),
        *_reason(3),
        text("missing", "缺少的证据（代码）", "Missing evidence (codes)"),
        text("missing_zh", "需补充的证据", "What to ask for (Chinese)"),
        text("missing_en", "需补充的证据（英文）", "What to ask for"),
        text("currency", "币种", "Currency", check="currency"),
        money("need_lcy", "营运资金需求", "Need for working capital", low=0),
        code("need_basis", "需求测算方法", "How the need is measured", NEED_BASES),
        money("debt_outstanding_lcy", "现有负债", "Existing debt", low=0),
        money("limit_lcy", "建议额度", "Limit", low=0),
        code("limit_reason_code", "额度说明", "Remark on the limit", LIMIT_REASONS),
        number("risk_weight_ratio", "风险权重", "Risk weight", "ratio", low=0),
        number("el_rate_pa", "违约损失部分", "Part for default losses", "rate_pa"),
        number("funding_rate_pa", "资金成本部分", "Part for funding", "rate_pa"),
        number("cost_rate_pa", "运营成本部分", "Part for operating cost", "rate_pa"),
        number("capital_rate_pa", "资本成本部分", "Part for capital", "rate_pa"),
        number("rate_pa", "保本利率", "Break-even rate", "rate_pa"),
        day("evidence_on", "最近证据日期", "Latest evidence"),
    ),
)
