"""The life of a claim: which move leads where, who may make it, and with what evidence.

filed -> admitted -> non_performing -> claimed -> reviewed -> publicised -> paid -> recovered
                                                                             `-> written_off
Ends besides: refused, settled (repaid without a claim).
"""

from collections.abc import Mapping
from dataclasses import dataclass

STATES: Mapping[str, tuple[str, str]] = {
    "filed": ("已备案申请", "filed"),
    "admitted": ("已入池", "admitted"),
    "non_performing": ("不良", "non-performing"),
    "claimed": ("已申请补偿", "claimed"),
    "reviewed": ("已审核", "reviewed"),
    "publicised": ("公示中", "publicised"),
    "paid": ("已补偿", "paid"),
    "recovered": ("已追偿", "recovered"),
    "written_off": ("已核销", "written off"),
    "refused": ("不予支持", "refused"),
    "settled": ("已结清", "settled"),
}
"""Every state, Chinese and English."""
ROLES: Mapping[str, tuple[str, str]] = {
    "lender": ("银行或担保机构", "bank or guarantor"),
    "administrator": ("资金池管理人", "administrator of the pool"),
    "reviewer": ("审核人", "reviewer"),
    "payer": ("资金拨付人", "payer"),
}
"""Who can act, Chinese and English."""


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of move.

    Attributes:
        name: The verb.
        zh: Chinese name.
        role: Who may make it.
        sources: States it may start from; empty: the very first move.
        target: State it leads to; empty: stays where it is.
        evidence: Kinds of document that must come with it.
        apart_from: Earlier moves whose actor may not make this one too (four eyes).
        after_notice: Whether it waits for the days of notice that begin with the move before.
    """

    name: str
    zh: str
    role: str
    sources: tuple[str, ...]
    target: str
    evidence: tuple[str, ...]
    apart_from: tuple[str, ...] = ()
    after_notice: bool = False


LOAN = ("loan_contract", "disbursement_record")
CLAIM = ("claim_form", "loss_ledger", "classification_record", "collection_record")
MOVES: Mapping[str, Move] = {
    move.name: move
    for move in (
        Move("file", "备案申请", "lender", (), "filed", LOAN),
        Move("admit", "确认入池", "administrator", ("filed",), "admitted", ("eligibility_check",)),
        Move("turn_down", "不予入池", "administrator", ("filed",), "refused", ("reasons",)),
        Move(
            "repay",
            "结清",
            "lender",
            ("admitted", "non_performing"),
            "settled",
            ("repayment_record",),
        ),
        Move(
            "default",
            "认定不良",
            "lender",
            ("admitted",),
            "non_performing",
            ("classification_record", "overdue_record"),
        ),
        Move(
            "cure",
            "恢复正常",
            "lender",
            ("non_performing",),
            "admitted",
            ("classification_record",),
        ),
        Move("claim", "申请补偿", "lender", ("non_performing",), "claimed", CLAIM),
        Move(
            "withdraw", "撤回申请", "lender", ("claimed",), "non_performing", ("withdrawal_letter",)
        ),
        Move(
            "send_back", "退回补正", "reviewer", ("claimed",), "non_performing", ("review_report",)
        ),
        Move(
            "review",
            "审核通过",
            "reviewer",
            ("claimed",),
            "reviewed",
            ("review_report",),
            ("file", "claim"),
        ),
        Move("publicise", "公示", "administrator", ("reviewed",), "publicised", ("public_notice",)),
        Move(
            "refuse",
            "不予补偿",
            "administrator",
            ("reviewed", "publicised"),
            "refused",
            ("objection_record", "reasons"),
        ),
        Move(
            "pay",
            "拨付",
            "payer",
            ("publicised",),
            "paid",
            ("payment_order", "bank_receipt"),
            ("file", "claim", "review"),
            after_notice=True,
        ),
        Move(
            "recover",
            "追偿分配",
            "lender",
            ("paid", "recovered"),
            "recovered",
            ("recovery_receipt", "cost_record"),
        ),
        Move(
            "write_off",
            "核销",
            "administrator",
            ("paid", "recovered"),
            "written_off",
            ("writeoff_approval", "collection_record"),
        ),
        Move(
            "recover_later",
            "核销后追偿",
            "lender",
            ("written_off",),
            "",
            ("recovery_receipt", "cost_record"),
        ),
    )
}
"""Every move, by name. Written-off claims are still pursued: what comes in is shared alike.

Source:
    T/IPIF 0028-2024 (科技信贷风险补偿金规范), Annex A: entry, review, confirmation, filing,
    abnormal project, application, write-off, recovery; publication from the pools' rules.
    Roles, kinds of document and the four eyes are ours.
"""


def moves_from(state: str, role: str | None = None) -> list[Move]:
    """Moves that may follow a state.

    Args:
        state: State; empty for a claim not yet filed.
        role: Only those of this role.

    Examples:
        >>> [move.name for move in moves_from("claimed")]
        ['withdraw', 'send_back', 'review']
    """
    return [
        move
        for move in MOVES.values()
        if (state in move.sources or (not state and not move.sources)) and role in (None, move.role)
    ]
