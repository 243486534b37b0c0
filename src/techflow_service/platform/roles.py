"""Who people are, what they look for, and the parts of a firm that a consent can name."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is in an organisation."""

    CREDIT_OFFICER = "credit_officer"
    BRANCH_HEAD = "branch_head"
    OPERATOR = "operator"
    AGENCY = "agency"
    CENTRAL_BANK = "central_bank"
    FIRM = "firm"
    GUARANTOR = "guarantor"
    INSURER = "insurer"
    INVESTOR = "investor"
    PARK = "park"
    INTERMEDIARY = "intermediary"
    UNIVERSITY = "university"
    CREDIT_AGENCY = "credit_agency"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Part(StrEnum):
    """A part of what is known about a firm; a consent names the parts it covers."""

    IDENTITY = "identity"
    GRADE = "grade"
    TECHNOLOGY = "technology"
    PATENTS = "patents"
    CASH = "cash"
    NETWORK = "network"
    QUALIFICATION = "qualification"
    PLAN = "plan"
    EVIDENCE = "evidence"


PURPOSES: Mapping[Role, str] = {
    Role.CREDIT_OFFICER: "credit",
    Role.BRANCH_HEAD: "credit",
    Role.OPERATOR: "service",
    Role.AGENCY: "policy",
    Role.CENTRAL_BANK: "monetary_policy",
    Role.FIRM: "own",
    Role.GUARANTOR: "guarantee",
    Role.INSURER: "insurance",
    Role.INVESTOR: "investment",
    Role.PARK: "park_service",
    Role.INTERMEDIARY: "advice",
    Role.UNIVERSITY: "cooperation",
    Role.CREDIT_AGENCY: "credit_reporting",
    Role.SUPERVISOR: "supervision",
}
"""What a role reads named firms for. Without a purpose (analyst, administrator) it reads none."""
CONSENT_PURPOSES = tuple(sorted(set(PURPOSES.values()) - {"own"}))
"""Purposes that a firm can grant."""
NAMED = frozenset(PURPOSES)
"""Roles that may read named firms, each firm by its consent."""
LENDING = frozenset({Role.CREDIT_OFFICER, Role.BRANCH_HEAD})
EVERYONE = frozenset(Role)
