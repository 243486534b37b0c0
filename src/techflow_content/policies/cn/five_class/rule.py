"""Risk classification of financial assets: the best class a claim may have (金融资产风险分类).

Source: 银保监会 中国人民银行令〔2023〕第1号. The class is a floor of severity: a bank may classify
worse. Collateral is not asked: more than 90 days overdue is non-performing whatever secures it.
"""

from datetime import date

from techflow.policy import (
    Condition,
    Fixed,
    Given,
    Policy,
    Share,
    Value,
    Version,
    all_of,
    any_of,
    best_of,
    free_of,
    holds,
    unverified,
)

DAYS = "days_past_due_n"
AT_BANK = Share("debtor_npl_cny", "debtor_claims_cny")
AT_ALL_BANKS = Share("debtor_overdue_90d_all_banks_cny", "debtor_claims_all_banks_cny")
IMPAIRMENT = Share("expected_loss_cny", "claim_balance_cny")
IMPAIRED = holds("credit_impaired", "已发生信用减值", mark=unverified("0.8"))


def impaired(name, bound):
    """Credit-impaired, with an expected loss above a share of the balance."""
    return all_of(name, IMPAIRED, Condition(f"{name}_share", IMPAIRMENT, ">", bound))


CLASS = best_of(
    "worst",
    Fixed("normal", "normal_class"),
    Given("mention", Condition("overdue", DAYS, ">", "mention_days_over"), "mention_class"),
    Given("sub", Condition("overdue_90", DAYS, ">", "sub_days_over"), "sub_class"),
    Given("doubt", Condition("overdue_270", DAYS, ">", "doubt_days_over"), "doubt_class"),
    Given("loss", Condition("overdue_360", DAYS, ">", "loss_days_over"), "loss_class"),
    Given("bank", Condition("spread_in_bank", AT_BANK, ">", "debtor_npl_over"), "sub_class"),
    Given(
        "all_banks",
        Condition("spread_across_banks", AT_ALL_BANKS, ">", "debtor_overdue_over"),
        "sub_class",
    ),
    Given("impaired_doubt", impaired("impaired_50", "doubt_impairment_over"), "doubt_class"),
    Given("impaired_loss", impaired("impaired_90", "loss_impairment_over"), "loss_class"),
)
RISK_CLASS = Value(
    "risk_class",
    "五级分类（不得优于）",
    "Five-class grade, at best",
    CLASS,
    (
        ("1", "normal"),
        ("2", "special_mention"),
        ("3", "substandard"),
        ("4", "doubtful"),
        ("5", "loss"),
    ),
)
BINDING = Value(
    "binding",
    "新办法是否已约束该笔业务",
    "Whether the measures bind this claim yet",
    Given(
        "bound_now",
        free_of("booked_before_2023_07", "过渡期", mark=unverified("0.9")),
        "binding_number",
    ),
    (("1", "binding"), ("0", "transition")),
)
PERFORMING = all_of(
    "performing",
    Condition("within_90_days", DAYS, "<=", "sub_days_over"),
    Condition("little_in_bank", AT_BANK, "<=", "debtor_npl_over"),
    Condition("little_across_banks", AT_ALL_BANKS, "<=", "debtor_overdue_over"),
    any_of(
        "not_deeply_impaired",
        free_of("credit_impaired", "已发生信用减值", mark=unverified("0.8")),
        Condition("impairment_at_most_50", IMPAIRMENT, "<=", "doubt_impairment_over"),
    ),
)
DOCUMENT = "银保监会 中国人民银行令〔2023〕第1号"

POLICY = Policy(
    id="cn.five_class",
    zh="金融资产风险分类（可否列为非不良）",
    en="Loan classification: may the claim count as performing",
    issuer="中国银保监会 中国人民银行",
    versions=(
        Version(
            since=date(2023, 7, 1),
            document=DOCUMENT,
            test=PERFORMING,
            outcomes=(RISK_CLASS, BINDING),
        ),
        Version(
            since=date(2026, 1, 1),
            document=f"{DOCUMENT}（过渡期满）",
            mark=unverified("0.9"),
            test=PERFORMING,
            outcomes=(RISK_CLASS,),
        ),
    ),
)
