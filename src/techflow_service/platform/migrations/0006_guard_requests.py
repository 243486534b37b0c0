"""Row-level security on requests and reviews; who may answer what, and once only."""

from django.db import migrations

from techflow_service.platform.guarding import (
    ANSWERED_ONCE,
    OWN_FIRM,
    OWN_ORG,
    answered_once,
    guard,
    moves,
)

PERSON = "nullif(current_setting('app.person', true), '')::bigint"
WORN = f"IN (SELECT id FROM platform_membership WHERE person_id = {PERSON})"  # noqa: S608 - our words
ROLE = "current_setting('app.role', true)"
OPERATOR = f"{ROLE} = 'operator'"
LENDERS = f"({OWN_ORG} AND {ROLE} IN ('branch_head', 'credit_officer'))"
HEAD = f"({OWN_ORG} AND {ROLE} = 'branch_head')"
ASKED = """(asked = nullif(current_setting('app.firm', true), '') OR asked = (
    SELECT 'cn.uscc:' || firm.uscc FROM platform_firm AS firm
    WHERE firm.firm_id = current_setting('app.firm', true) AND firm.uscc <> ''))"""
"""A firm knows its own id and credit code; the asker's words are compared on its side only."""
SQL = (
    ANSWERED_ONCE,
    # A firm gives and takes back its own word; reading that rests on law is not its to end.
    f"ALTER POLICY insert_rows ON platform_consent "
    f"WITH CHECK ({OWN_FIRM} AND basis = '' AND granted_by_id = {PERSON});",
    f"ALTER POLICY update_rows ON platform_consent "
    f"USING ({OWN_FIRM} AND basis = '') WITH CHECK ({OWN_FIRM} AND basis = '');",
    guard(
        "platform_consentrequest",
        select=f"{OWN_ORG} OR {ASKED}",
        insert=f"{OWN_ORG} AND asked_by_id = {PERSON} AND state = 'open' "
        "AND purpose = current_setting('app.purpose', true)",
    ),
    moves(
        "platform_consentrequest",
        (ASKED, "state IN ('accepted', 'declined')"),
        (OWN_ORG, "state = 'withdrawn'"),
    ),
    answered_once("platform_consentrequest", "answered_at", "consent_id"),
    guard("platform_consentrequestevent", select=f"{OWN_ORG} OR {ASKED}", insert="true"),
    guard(
        "platform_review",
        select=f"{OWN_FIRM} OR {LENDERS}",
        insert=f"{OWN_FIRM} AND opened_by_id = {PERSON} AND state = 'open'",
    ),
    moves(
        "platform_review",
        (OWN_FIRM, "state = 'withdrawn'"),
        (HEAD, f"state IN ('changed', 'upheld') AND decided_by_id {WORN}"),
    ),
    answered_once("platform_review", "outcome", "decided_by_id", "decided_at"),
    guard("platform_reviewevent", select=f"{OWN_FIRM} OR {LENDERS}", insert="true"),
    # Readers of a part see that a fact of it is contested.
    f"ALTER POLICY select_rows ON platform_contest "
    f"USING ({OWN_FIRM} OR {OPERATOR} OR may_read(firm_id, part));",
    f"ALTER POLICY insert_rows ON platform_contest "
    f"WITH CHECK ({OWN_FIRM} AND opened_by_id = {PERSON} AND state = 'open');",
    "DROP POLICY update_rows ON platform_contest;",
    moves(
        "platform_contest",
        (OWN_FIRM, "state = 'withdrawn'"),
        (OPERATOR, f"state IN ('corrected', 'upheld', 'unconfirmed') AND answered_by_id {WORN}"),
    ),
    answered_once("platform_contest", "answer", "answered_by_id", "answered_at"),
)


class Migration(migrations.Migration):
    """Closes the tables."""

    dependencies = [("platform", "0005_requests_reviews")]
    operations = [migrations.RunSQL("\n".join(SQL), migrations.RunSQL.noop)]
