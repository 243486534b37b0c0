"""Demo loans: made-up firms' applications in many states, each made move by move."""

import hashlib
import math
import os
import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from techflow.credit.lending_moves import FIRM, HEAD, MOVES, OFFICER
from techflow_service.clock import now
from techflow_service.ledger import Books, Request
from techflow_service.platform import lending
from techflow_service.platform.context import speaking_as
from techflow_service.platform.lending_books import TENANT, post_to_books
from techflow_service.platform.models import (
    Consent,
    Loan,
    LoanApplication,
    LoanPosting,
    LoanStep,
    Membership,
    Run,
    Standing,
)

POOL = "sample-pool"
HIGH = "branch_head_2"
HIGH_CNY = 200_000_000
OFFERED = ("qualify", "assess", "propose", "approve")
FILED = (*OFFERED, "accept", "lend", "file")
PURPOSE = "采购研发设备和支付研发人员工资"
REASONS = {
    "ask": "请补充最近一年的银行流水和主要订单",
    "override": "已取得两份在手订单并追加应收账款质押，还款来源较评估时明确",
    "refuse": "最近一年销售额下降，且无可核实的订单",
}


class Story(NamedTuple):
    """What becomes of one firm's application.

    Attributes:
        before: Moves made at once.
        days: How long ago; None: today.
        paid_share: Of the interest due till now, how much has come in.
        after: Moves made once the time has passed.
    """

    before: tuple[str, ...]
    days: int | None = None
    paid_share: float = 0.0
    after: tuple[str, ...] = ()


STORIES = (
    Story(OFFERED),
    Story(("ask",)),
    Story(()),
    Story(("qualify",)),
    Story(("qualify", "assess")),
    Story((*OFFERED[:2], "override", "propose", "endorse")),
    Story((*OFFERED[:2], "refuse")),
    Story(FILED, 100, 1.0),
    Story(FILED, 75),
    Story(FILED, 140, 0.0, ("default",)),
    Story(FILED, 150, 0.0, ("default", "prepare_claim", "claim")),
)
"""The first are those of firms that have a person in the demo."""


def set_applications(
    shown: Sequence[str], make_owner: Callable[[str], Any]
) -> list[tuple[str, str]]:
    """Make the demo's applications, once.

    Args:
        shown: Firms that have a person in the demo.
        make_owner: Makes the person of a firm.

    Returns:
        User name and role of who is added: a head with more authority.
    """
    added = [(HIGH, HEAD)]
    if LoanApplication.objects.using("owner").exists():
        return added
    seats = {role: _seat(role) for role in (OFFICER, HEAD)}
    seats[HIGH] = _seat(HIGH)
    firm_ids = _lendable(seats[OFFICER].org, shown)
    made = []
    for story, firm_id in zip(STORIES, firm_ids, strict=False):
        make_owner(firm_id)
        firm = _members().get(org__firm_id=firm_id, role=FIRM)
        made.append((story, _begin(seats | {FIRM: firm}, story), seats | {FIRM: firm}))
    _open_pool()
    for story, application, people in made:
        if story.days:
            _pass_time(application, story, people[OFFICER])
        for name in story.after:
            _move(people, application, name)
    post_to_books(os.environ["TECHFLOW_OWNER_URL"], now())
    return added


def _begin(people: dict[str, Any], story: Story) -> LoanApplication:
    firm, officer = people[FIRM], people[OFFICER]
    row = Standing.objects.using("owner").get(
        run=Run.objects.using("owner").last(), firm_id=firm.org.firm_id
    )
    part = 1.25 if "override" in story.before else 0.8
    amount = max(10_000, round(part * (row.limit_lcy or 0) / 1e4) * 10_000)
    with speaking_as(firm):
        application = lending.apply(
            firm,
            org_id=officer.org_id,
            amount_cny=amount,
            term_months=12,
            purpose=PURPOSE,
            token=uuid.uuid4().hex,
        )
    rate = math.ceil((row.rate_pa or 0.05) * 1e4 + 1) / 1e4
    terms = {"amount_cny": amount, "limit_cny": amount, "rate_pa": round(rate, 4)}
    for name in story.before:
        _move(people, application, name, terms | {"term_months": 12, "pool_id": POOL})
    return application


def _move(people: dict[str, Any], application: Any, name: str, terms: Any = None) -> None:
    move = MOVES[name]
    member = people[move.role]
    if name in ("approve", "override"):
        member = people[HIGH]
    papers = {kind: hashlib.sha256(kind.encode()).hexdigest() for kind in move.evidence}
    with speaking_as(member):
        lending.move(
            member,
            application.pk,
            name,
            token=uuid.uuid4().hex,
            reason=REASONS.get(name, ""),
            terms=terms,
            evidence=papers,
        )


def _pass_time(application: Any, story: Story, officer: Any) -> None:
    """The demo's loans are some months old: the owner dates what was made today."""
    back = timedelta(story.days or 0)
    for step in LoanStep.objects.using("owner").filter(application=application):
        step.at -= back
        if step.move == "lend":
            step.terms |= {"start_on": timezone.localdate(step.at).isoformat()}
        step.save(using="owner")
    loan = Loan.objects.using("owner").get(application=application)
    loan.start_on -= back
    loan.save(using="owner")
    months = story.paid_share * (story.days or 0) / 30
    interest = round(loan.amount_fen * float(loan.rate_pa) / 12 * months)
    if interest:
        _move({OFFICER: officer}, application, "receive", {"amount_fen": interest})


def _seat(role: str) -> Any:
    found = _members().filter(person__username=role).first()
    if found:
        return found
    head = _members().get(person__username=HEAD)
    person = type(head.person)(username=role, shown_name="高岚", password=head.person.password)
    person.save(using="owner")
    return Membership.objects.using("owner").create(
        person=person, org=head.org, role=HEAD, authority_cny=HIGH_CNY
    )


def _members() -> Any:
    return Membership.objects.using("owner").select_related("person", "org")


def _lendable(bank: Any, shown: Sequence[str]) -> list[str]:
    """Firms with a limit in yuan that let the bank read their grade; those with a person first."""
    agreed = Consent.objects.using("owner").filter(org=bank, purpose="credit")
    rows = Standing.objects.using("owner").filter(
        run=Run.objects.using("owner").last(),
        limit_lcy__gte=100_000,
        currency="CNY",
        firm_id__in=agreed.values("firm_id"),
    )
    found = list(rows.order_by("firm_id").values_list("firm_id", flat=True)[:60])
    first = [firm_id for firm_id in shown if firm_id in agreed.values_list("firm_id", flat=True)]
    return [*first, *(firm_id for firm_id in found if firm_id not in shown)][: len(STORIES)]


def _open_pool() -> None:
    """Open the pool, post what was filed, and let the pool's administrator admit it."""
    url, at = os.environ["TECHFLOW_OWNER_URL"], now()
    base: dict[str, Any] = {
        "pool_id": POOL,
        "evidence_hash": "0" * 64,
        "rule_version": "demo",
        "actor": "admin",
    }
    opened = {"caps": {}, "notice_days": 5}
    money = {"city": 3_000_000_000, "province": 2_000_000_000}
    admitted = base | {"state": "admitted", "role": "administrator"}
    admitted |= {"evidence": {"eligibility_check": "0" * 64}}
    rows = list(LoanPosting.objects.using("owner"))
    days = [date.fromisoformat(row.request["on"]) for row in rows]
    books = Books.open(url, tenant=TENANT)
    try:
        base["on"] = min(days)
        books.post(Request("demo-open", route="open", detail=opened, **base), at)
        books.post(Request("demo-money", route="deposit", amounts=money, **base), at)
        post_to_books(url, at)
        for row, day in zip(rows, days, strict=True):
            admit = admitted | {"claim_id": row.request["claim_id"], "on": day}
            books.post(Request(f"demo-admit-{row.pk}", route="move", **admit), at)
    finally:
        books.close()
