"""The life of a loan, from application to claim: which move leads where, and who may make it.

applied -> qualified -> assessed -> proposed -> offered -> accepted -> lent -> filed
asked -^           overridden -^  `-> endorsed -^                   settled <-'   `-> non_performing
                                                                     claimed <- claim_prepared <-'
Ends besides: refused, withdrawn, declined, lapsed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from techflow.credit.words import Words

STATES: Mapping[str, Words] = {
    "applied": Words("已申请", "applied"),
    "asked": Words("待补充材料", "papers asked for"),
    "qualified": Words("已受理", "qualified"),
    "assessed": Words("已评估", "assessed"),
    "overridden": Words("已调整评估", "assessment overridden"),
    "proposed": Words("方案待审批", "offer proposed"),
    "endorsed": Words("已初审，待有权人审批", "endorsed, awaits more authority"),
    "offered": Words("已报价", "offered"),
    "accepted": Words("已接受", "accepted"),
    "lent": Words("已放款", "lent"),
    "filed": Words("已备案入池", "filed in a pool"),
    "non_performing": Words("不良", "non-performing"),
    "claim_prepared": Words("补偿申请待复核", "claim prepared"),
    "claimed": Words("已申请补偿", "claimed"),
    "settled": Words("已结清", "settled"),
    "refused": Words("未通过", "refused"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "declined": Words("企业未接受", "declined by the firm"),
    "lapsed": Words("报价已失效", "offer lapsed"),
}
"""Every state."""
FIRM, OFFICER, HEAD = "firm", "credit_officer", "branch_head"
ROLES = (FIRM, OFFICER, HEAD)
"""Who can act."""


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of move.

    Attributes:
        name: The verb.
        words: What people call it.
        role: Who may make it.
        sources: States it may start from; empty: the very first move.
        target: State it leads to; empty: stays where it is.
        apart_from: Earlier moves whose maker may not make this one too (four eyes), whatever
            role they made them in.
        reason: Whether it needs a reason in writing.
        authority: Whether the maker's authority must cover the amount proposed.
        terms: Figures that must come with it.
        evidence: Kinds of document that must come with it.
    """

    name: str
    words: Words
    role: str
    sources: tuple[str, ...]
    target: str
    apart_from: tuple[str, ...] = ()
    reason: bool = False
    authority: bool = False
    terms: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


OPEN = ("applied", "asked", "qualified", "assessed", "overridden", "proposed", "endorsed")
JUDGED = ("qualified", "assessed", "overridden", "proposed", "endorsed")
OFFER = ("amount_cny", "rate_pa", "term_months")
CLAIM = ("claim_form", "loss_ledger", "classification_record", "collection_record")
MADE = ("apply", "assess", "override", "propose")
_EVERY = (
    Move("apply", Words("提交申请", "apply"), FIRM, (), "applied",
         terms=("amount_cny", "term_months")),
    Move("ask", Words("要求补充材料", "ask for papers"), OFFICER, ("applied",), "asked",
         reason=True),
    Move("supply", Words("补充材料", "supply papers"), FIRM, ("asked",), "applied"),
    Move("withdraw", Words("撤回申请", "withdraw"), FIRM, OPEN, "withdrawn"),
    Move("turn_down", Words("不予受理", "turn down"), OFFICER, ("applied",), "refused",
         ("apply",), reason=True),
    Move("qualify", Words("受理", "qualify"), OFFICER, ("applied",), "qualified", ("apply",)),
    Move("assess", Words("取用评估结果", "take the assessment"), OFFICER, ("qualified",),
         "assessed", ("apply",)),
    Move("override", Words("调整评估", "override the assessment"), HEAD, ("assessed",),
         "overridden", ("apply", "assess"), reason=True, terms=("limit_cny", "rate_pa")),
    Move("propose", Words("提出方案", "propose an offer"), OFFICER, ("assessed", "overridden"),
         "proposed", ("apply", "override"), terms=OFFER),
    Move("send_back", Words("退回修改", "send back"), HEAD, ("proposed", "endorsed"), "assessed",
         ("apply",), reason=True),
    Move("endorse", Words("初审同意，报有权人", "endorse, pass upwards"), HEAD, ("proposed",),
         "endorsed", MADE),
    Move("approve", Words("批准", "approve"), HEAD, ("proposed", "endorsed"), "offered",
         (*MADE, "endorse"), authority=True),
    Move("refuse", Words("不予批准", "refuse"), HEAD, JUDGED, "refused", ("apply",), reason=True),
    Move("accept", Words("接受报价", "accept the offer"), FIRM, ("offered",), "accepted"),
    Move("decline", Words("不接受报价", "decline the offer"), FIRM, ("offered",), "declined"),
    Move("lapse", Words("报价失效", "let the offer lapse"), OFFICER, ("offered",), "lapsed"),
    Move("lend", Words("放款", "lend"), OFFICER, ("accepted",), "lent", ("apply", "approve")),
    Move("file", Words("备案入池", "file in a pool"), OFFICER, ("lent",), "filed",
         evidence=("loan_contract", "disbursement_record")),
    Move("receive", Words("登记还款", "record a repayment"), OFFICER,
         ("lent", "filed", "non_performing"), "", terms=("amount_fen",)),
    Move("settle", Words("结清", "settle"), OFFICER, ("lent", "filed", "non_performing"),
         "settled", terms=("owed_fen",), evidence=("repayment_record",)),
    Move("default", Words("认定不良", "call non-performing"), OFFICER, ("filed",),
         "non_performing", terms=("class_at_least_n",),
         evidence=("classification_record", "overdue_record")),
    Move("cure", Words("恢复正常", "call performing again"), OFFICER, ("non_performing",), "filed",
         reason=True, terms=("overdue_fen",), evidence=("classification_record",)),
    Move("prepare_claim", Words("准备补偿申请", "prepare the claim"), OFFICER,
         ("non_performing",), "claim_prepared", terms=("owed_fen",), evidence=CLAIM),
    Move("return_claim", Words("退回补偿申请", "return the claim"), HEAD, ("claim_prepared",),
         "non_performing", ("prepare_claim",), reason=True),
    Move("claim", Words("提交补偿申请", "send the claim"), HEAD, ("claim_prepared",), "claimed",
         ("prepare_claim",)),
)  # fmt: skip
MOVES: Mapping[str, Move] = {move.name: move for move in _EVERY}
"""Every move, by name. After `claimed` the pool's own moves take over.

Source:
    Split of investigation, approval and lending (审贷分离, 分级审批): 《流动资金贷款管理办法》,
    《商业银行授信工作尽职指引》 (`unverified 0.9`); the states, roles and four eyes here are ours
    (`proposal`). Kinds of document are those of the pool's moves `file`, `repay`, `default`,
    `cure` and `claim`.
"""


def moves_from(state: str, role: str | None = None) -> list[Move]:
    """Moves that may follow a state.

    Args:
        state: State; empty before the application.
        role: Only those of this role.

    Examples:
        >>> [move.name for move in moves_from("offered")]
        ['accept', 'decline', 'lapse']
        >>> [move.name for move in moves_from("", "firm")]
        ['apply']
    """
    return [
        move
        for move in MOVES.values()
        if (state in move.sources or (not state and not move.sources)) and role in (None, move.role)
    ]
