"""The register: status on a day by hand-written table; every wrong entry in one clear message."""

from datetime import date, datetime

import pytest

from techflow.basics import InvalidInput
from techflow.credit.register import STATUSES, Entry
from techflow_service.cards import card_ids, load_every_card, load_register

OWNER = {"zh": "模型部", "en": "Model unit"}
BARE = {
    "owner": OWNER,
    "developed_on": date(2026, 1, 1),
    "review": {"by": date(2027, 1, 1), "mark": "proposal", "source": "own"},
}
APPROVAL = {
    "by": "Risk committee",
    "on": date(2026, 3, 1),
    "hash": "aa",
    "scope": {"zh": "试点", "en": "pilot"},
}
RETIRED = {"on": date(2027, 6, 1), "replaced_by": "b"}
FULL = BARE | {"approval": APPROVAL, "retired": RETIRED}


@pytest.mark.parametrize(
    ("data", "on", "own_hash", "status"),
    [
        (BARE, date(2026, 6, 1), "aa", "draft"),
        (BARE, date(2028, 1, 1), "aa", "draft"),
        (FULL, date(2026, 2, 28), "aa", "draft"),
        (FULL, date(2026, 3, 1), "aa", "approved"),
        (FULL, date(2026, 3, 1), "bb", "draft"),
        (FULL, date(2027, 1, 1), "aa", "approved"),
        (FULL, date(2027, 1, 2), "aa", "review overdue"),
        (FULL, date(2027, 5, 31), "aa", "review overdue"),
        (FULL, date(2027, 6, 1), "aa", "retired"),
        (FULL, date(2027, 6, 1), "bb", "retired"),
        (BARE | {"retired": RETIRED}, date(2027, 6, 1), "aa", "retired"),
    ],
)
def test_status_on_the_days_of_change(data, on, own_hash, status):
    entry = Entry.from_data("a", data)
    assert entry.status(on, card_hash=own_hash) == status in STATUSES
    remark = entry.remark(on, card_hash=own_hash)
    assert remark.zh and remark.en
    if status == "retired":
        with pytest.raises(InvalidInput, match=r"card a was retired on 2027-06-01 .* use b"):
            entry.require_in_use(on)
    else:
        entry.require_in_use(on)


def test_another_content_than_the_approved_one_says_so():
    remark = Entry.from_data("a", FULL).remark(date(2026, 4, 1), card_hash="bb")
    assert "aa" in remark.en and "bb" in remark.en and "approve it again" in remark.en


def without(table, key):
    return {name: value for name, value in table.items() if name != key}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (without(BARE, "owner"), r"owner.zh must be a text; got nothing"),
        (BARE | {"owner": {"zh": "部"}}, r"owner.en must be a text; got nothing"),
        (without(BARE, "developed_on"), "developed_on must be a day"),
        (BARE | {"developed_on": "2026-01-01"}, "without quotes; got '2026-01-01'"),
        (BARE | {"developed_on": datetime(2026, 1, 1, 8)}, "developed_on must be a day"),
        (without(BARE, "review"), r"review.mark must be a text"),
        (BARE | {"review": BARE["review"] | {"mark": "sure"}}, "one of text, unverified"),
        (BARE | {"review": BARE["review"] | {"by": date(2025, 1, 1)}}, "no earlier than developed"),
        (BARE | {"aproval": {}}, r"a key of the file must be one of .* got \['aproval'\]"),
        (BARE | {"approval": "yes"}, "approval must be a table"),
        (BARE | {"approval": without(APPROVAL, "by")}, r"approval.by must be a text"),
        (BARE | {"approval": without(APPROVAL, "on")}, r"approval.on must be a day"),
        (BARE | {"approval": without(APPROVAL, "hash")}, r"approval.hash must be a text"),
        (BARE | {"approval": without(APPROVAL, "scope")}, r"approval.scope.zh must be"),
        (BARE | {"approval": APPROVAL | {"on": date(2025, 1, 1)}}, "no earlier than developed"),
        (BARE | {"limits": {"exposure_cny_max": 0}}, "a number of yuan above 0; got 0"),
        (BARE | {"limits": {"exposure_cny_max": "5m"}}, "a number of yuan above 0; got '5m'"),
        (BARE | {"limits": {"exposure_cny_max": True}}, "a number of yuan above 0; got True"),
        (BARE | {"retired": without(RETIRED, "replaced_by")}, "replaced_by must be a text"),
        (BARE | {"retired": RETIRED | {"replaced_by": "a"}}, "another card; got 'a'"),
        (BARE | {"retired": RETIRED | {"on": date(2025, 1, 1)}}, "no earlier than developed"),
    ],
)
def test_a_wrong_entry_is_refused_in_one_message(data, said):
    with pytest.raises(InvalidInput, match=said) as caught:
        Entry.from_data("a", data)
    assert str(caught.value).startswith("register of a: ")


def test_every_card_that_comes_along_is_a_draft_with_an_owner():
    register = load_register()
    assert set(register) == set(card_ids())
    for card in load_every_card():
        entry = register[card.id]
        assert entry.approval is None and entry.retirement is None
        assert entry.status(date(2026, 12, 1), card_hash=card.hash) == "draft"
        assert (entry.owner.en, entry.review_mark) == ("Techflow maintainers", "proposal")
