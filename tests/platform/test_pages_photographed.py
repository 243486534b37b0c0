"""Every page in a browser, by every role that may see it, in two languages and two widths.

Which pages there are is read from the routes: a page without a photograph fails.
`TECHFLOW_PHOTOS=FOLDER` keeps the photographs.
"""

import os
import re
import sys
import time

import pytest
from tests.platform.test_matrix import walk
from tests.platform.visiting import Visit

pytestmark = pytest.mark.soak
FILES = re.compile(r"\.(pdf|csv|json|xlsx)$|^/(health|metrics|api/v1/(?!docs))")
"""Addresses that answer with something else than a page."""
MOST = {"lending_one": 6, "policy": 2}
"""How many of a kind are looked at, if not one: a loan reads differently in every state."""
ALSO = {
    "firms": ("?q=zzzz", "?verdict=insufficient&as_of=2000-01-01"),
    "lending": ("?state=refused",),
}
"""The same pages with nothing to show."""
ALIKE = frozenset({"models", "policies", "policy", "verify", "api_docs"})
"""They name no firm and no member."""
ROLES = ("credit_officer", "branch_head", "operator", "agency", "central_bank", "firm", "guarantor",
         "insurer", "investor", "park", "intermediary", "university", "credit_agency", "supervisor",
         "analyst", "administrator")  # fmt: skip


@pytest.fixture(scope="module")
def pages(web_url):
    """Route -> its address and the roles that may open it; empty: whoever comes."""
    from django.urls import get_resolver

    from techflow_service.platform.routes import TABLE

    texts = dict(reversed(list(walk(get_resolver().url_patterns))))
    return {
        name: (texts[name], frozenset(role.value for role in row.roles))
        for name, row in TABLE.items()
        if "GET" in row.methods and not FILES.search(texts[name])
    }


@pytest.fixture(scope="module")
def seen():
    """Routes of which there are photographs."""
    return set()


def walk_through(visit, mine, seen):
    """Every page of a role: those without a parameter, then those that they lead to.

    What reads the same for everyone is looked at by the first of `ROLES`, and opened by the others.
    """
    later = [(name, text) for name, text in mine.items() if "<" in text]
    for name, text in mine.items():
        if "<" not in text:
            for end in ("", *ALSO.get(name, ())):
                visit.open(text + end, look=looks(visit, name))
            seen.add(name)
    for name, text in later:
        for path in visit.linked(text, MOST.get(name, 1)):
            visit.open(path, look=looks(visit, name))
            seen.add(name)


def looks(visit, name):
    return name not in ALIKE or visit.who == ROLES[0]


def firm_user():
    return os.environ.get("TECHFLOW_FIRM", "firm-603")


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role(demo_at, chromium, pages, seen, role):
    began = time.monotonic()
    mine = {name: text for name, (text, roles) in pages.items() if not roles or role in roles}
    visit = Visit(chromium, demo_at, role)
    visit.sign_in(firm_user() if role == "firm" else role)
    for language in ("zh", "en"):
        visit.speak(language)
        walk_through(visit, mine, seen)
        print(f"{role} {language}: {time.monotonic() - began:.0f} s", file=sys.__stderr__)
    visit.context.close()
    assert not visit.wrong, "\n".join(visit.wrong)


def test_every_page_was_photographed(pages, seen):
    assert not set(pages) - seen
