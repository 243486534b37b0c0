"""Every page has its call: what a page shows or does, a program can read and do by the same roles.

Which operation stands for which page is written down here by hand; a page without a line fails.
"""

import pytest

BY_CALL = {
    "home": ("needs", "home_counts", "firms", "looks", "runs"),
    "home_counts": ("home_counts",),
    "firms": ("firms", "runs"),
    "firms_file": ("firms_file",),
    "firm": ("firm", "memo", "runs", "looks"),
    "firm_report": ("report",),
    "verify": ("verify",),
    "book": ("figures_book", "runs"),
    "park": ("figures_park", "runs"),
    "market": ("figures_market",),
    "pools": ("figures_pools",),
    "pool": ("figures_pool",),
    "policies": ("figures_policies", "runs"),
    "policy": ("figures_policy", "runs"),
    "models": ("figures_models", "runs"),
    "consents": ("consents", "consent_text", "organisations", "received"),
    "consent_grant": ("grant_consent",),
    "consent_revoke": ("revoke_consent",),
    "request_accept": ("accept_request",),
    "request_decline": ("decline_request",),
    "requests": ("requests", "granted"),
    "request_send": ("ask_consent",),
    "request_withdraw": ("withdraw_request",),
    "contests": ("contests", "facts"),
    "contest_open": ("open_contest",),
    "contest_withdraw": ("withdraw_contest",),
    "contest_answer": ("answer_contest",),
    "reviews": ("reviews", "refusals_of_firm"),
    "review_open": ("ask_review",),
    "review_withdraw": ("withdraw_review",),
    "review_decide": ("decide_review",),
    "looks": ("looks",),
    "looks_file": ("looks_file",),
    "lending": ("loan_applications",),
    "lending_apply": ("apply_for_loan", "organisations"),
    "lending_one": ("loan_application",),
    "lending_move": ("move_loan",),
    "lending_watch": ("loans_watched",),
    "membership": ("me",),
}
BY_HAND = {
    **dict.fromkeys(("keys", "key_make", "key_revoke"), "a leaked key must not outlive its end"),
    "language": "a program says it in the address",
    **dict.fromkeys(("health", "health_live", "health_ready", "metrics"), "for machines already"),
}
"""Pages that no call stands for, and why."""
BY_CALL_ALONE = {"score_job", "import_job", "jobs", "job", "job_result"}
"""Operations without a page: files are sent by programs."""


@pytest.fixture(scope="module")
def tables(web_url):
    from techflow_service.platform import urls  # noqa: F401 - fills the table
    from techflow_service.platform.api.operations import CALLS
    from techflow_service.platform.routes import TABLE

    pages = {name: row for name, row in TABLE.items() if not name.startswith("api_")}
    return pages, {call.example["id"]: call.row for call in CALLS.values()}


def test_every_page_has_a_call_or_a_reason_and_every_call_a_page(tables):
    pages, calls = tables
    assert set(pages) == {*BY_CALL, *BY_HAND}
    assert not {*BY_CALL} & {*BY_HAND}
    assert {one for names in BY_CALL.values() for one in names} == {*calls} - BY_CALL_ALONE


def test_who_may_open_a_page_may_make_its_calls(tables):
    pages, calls = tables
    for page, names in BY_CALL.items():
        may = frozenset().union(*(calls[name].roles for name in names))
        assert may >= pages[page].roles, page


def test_no_call_is_wider_than_its_pages(tables):
    pages, calls = tables
    for call in {*calls} - BY_CALL_ALONE:
        of = [pages[page].roles for page, names in BY_CALL.items() if call in names]
        assert not all(of) or calls[call].roles <= frozenset().union(*of), call
