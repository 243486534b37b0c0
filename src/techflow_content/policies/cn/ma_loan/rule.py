"""Loans for mergers and acquisitions (并购贷款): share of the price, own funds, term, limits.

Source: 银监发〔2015〕5号; the technology pilot of 2025-03-05; 金规〔2025〕27号. Whether the pilot
goes on after 2025 was not found: the operator says so with a fact.
"""

from datetime import date

from techflow.policy import (
    PROPOSAL,
    Case,
    Condition,
    Fixed,
    Listed,
    Policy,
    Share,
    Value,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
    unverified,
)

LOAN = Share("ma_loan_cny", "ma_price_cny")
OWN = Share("ma_own_funds_cny", "ma_price_cny")
TERM = "ma_term_months"
ASSETS = "bank_adjusted_assets_million"
LEADER = "ma_leader_years"
CONTROL = holds("ma_control", "控制型并购")

GENERAL = all_of(
    "general",
    CONTROL,
    Condition("general_loan", LOAN, "<=", "general_loan_max"),
    Condition("general_term", TERM, "<=", "general_term_months_max"),
)
PILOT_SCOPE = all_of(
    "pilot_scope",
    CONTROL,
    Listed("pilot_city", "region_code", "pilot_cities", prefix=True),
    holds("ma_pilot_bank", "科技企业并购贷款试点"),
    holds("ma_strong_tech_firm", "科技企业并购贷款试点"),
)
PILOT = all_of(
    "pilot",
    PILOT_SCOPE,
    Condition("pilot_loan", LOAN, "<=", "pilot_loan_max"),
    Condition("pilot_term", TERM, "<=", "pilot_term_months_max"),
)
PILOT_GOES_ON = holds("ma_pilot_continues", "试点是否延续（由使用者提供）", mark=PROPOSAL)
BY_CONTROL = all_of(
    "by_control",
    CONTROL,
    Condition("control_loan", LOAN, "<=", "control_loan_max"),
    Condition("control_own_funds", OWN, ">=", "control_own_funds_min"),
    Condition("control_term", TERM, "<=", "control_term_months_max"),
    Condition("control_bank", ASSETS, ">=", "control_bank_assets_min"),
    Condition("control_leader", LEADER, ">=", "control_leader_years_min"),
)
BY_STAKE = all_of(
    "by_stake",
    free_of("ma_control", "参股型并购"),
    any_of(
        "stake",
        Condition("bought_at_once", "ma_bought_share", ">=", "stake_min"),
        all_of(
            "top_up",
            Condition("held_before", "ma_held_share", ">=", "stake_min"),
            Condition("bought_more", "ma_bought_share", ">=", "top_up_min"),
        ),
    ),
    Condition("stake_loan", LOAN, "<=", "stake_loan_max"),
    Condition("stake_own_funds", OWN, ">=", "stake_own_funds_min"),
    Condition("stake_term", TERM, "<=", "stake_term_months_max"),
    Condition("stake_bank", ASSETS, ">=", "stake_bank_assets_min"),
    Condition("stake_leader", LEADER, ">=", "stake_leader_years_min"),
    Condition(
        "stake_book", Share("ma_stake_loans_cny", "ma_loans_cny"), "<=", "stake_book_share_max"
    ),
)
BANK_LIMITS = all_of(
    "bank_limits",
    Condition(
        "one_borrower", Share("ma_borrower_loans_cny", "bank_tier1_cny"), "<=", "borrower_share_max"
    ),
    Condition("whole_book", Share("ma_loans_cny", "bank_tier1_cny"), "<=", "book_share_max"),
)
REFINANCED_IN_TIME = any_of(
    "refinanced_in_time",
    free_of("ma_refinancing", "置换"),
    Condition("refinancing_window", "ma_paid_months", "<=", "refinancing_months_max"),
)


def most(loan, term):
    """What a deal of this kind may be lent, whatever was asked for."""
    return (
        Value(
            "loan_share_max", "贷款占并购价款比例上限", "Most loan as a share of the price", loan
        ),
        Value("term_months_max", "贷款期限上限（月）", "Longest term in months", term),
    )


GENERAL_MOST = Fixed("general_share", "general_loan_max")
GENERAL_TERM = Fixed("general_months", "general_term_months_max")
NEW_SCOPE = all_of("pilot_still", PILOT_GOES_ON, PILOT_SCOPE)

POLICY = Policy(
    id="cn.ma_loan",
    zh="并购贷款",
    en="M&A loans",
    issuer="国家金融监督管理总局（原银监会）",
    versions=(
        Version(
            since=date(2015, 1, 1),  # of 2015; the day is not known
            document="银监发〔2015〕5号",
            mark=unverified("0.5"),
            test=GENERAL,
            outcomes=most(GENERAL_MOST, GENERAL_TERM),
        ),
        Version(
            since=date(2025, 3, 5),
            document="银监发〔2015〕5号；科技企业并购贷款试点",
            test=any_of("allowed", GENERAL, PILOT),
            outcomes=most(
                Case("share", PILOT_SCOPE, Fixed("pilot_share", "pilot_loan_max"), GENERAL_MOST),
                Case(
                    "months",
                    PILOT_SCOPE,
                    Fixed("pilot_months", "pilot_term_months_max"),
                    GENERAL_TERM,
                ),
            ),
        ),
        Version(
            since=date(2025, 12, 31),
            document="金规〔2025〕27号",
            test=all_of(
                "allowed",
                any_of("way", BY_CONTROL, BY_STAKE, all_of("by_pilot", PILOT_GOES_ON, PILOT)),
                BANK_LIMITS,
                REFINANCED_IN_TIME,
            ),
            outcomes=most(
                Case(
                    "share",
                    NEW_SCOPE,
                    Fixed("pilot_share", "pilot_loan_max"),
                    Case(
                        "share_by_kind",
                        CONTROL,
                        Fixed("control_share", "control_loan_max"),
                        Fixed("stake_share", "stake_loan_max"),
                    ),
                ),
                Case(
                    "months",
                    NEW_SCOPE,
                    Fixed("pilot_months", "pilot_term_months_max"),
                    Case(
                        "months_by_kind",
                        CONTROL,
                        Fixed("control_months", "control_term_months_max"),
                        Fixed("stake_months", "stake_term_months_max"),
                    ),
                ),
            ),
        ),
    ),
)
