"""A password that somebody else gave opens the account for its change only, and not for long.

ASVS 5.0, 6.4.1: an initial password expires after a short time or is good for its change.
"""

from datetime import UTC, datetime, timedelta

import pytest
from tests.platform.conftest import PASSWORD

LOGIN, CHANGE = "/account/login/", "/account/password/change/"
NEW = "another battery staple horse"


@pytest.fixture
def given(world):
    """Someone whose password the command line has just given."""
    from techflow_service.platform.people import set_password

    member = world.member("credit_officer")
    set_password(member.person.username, PASSWORD)
    return member


def sign_in(world, member, password=PASSWORD):
    client = world.client()
    said = {"login": member.person.username, "password": password}
    return client, client.post(LOGIN, said)


def test_it_opens_nothing_but_its_change(given, world):
    client, answer = sign_in(world, given)
    assert answer.status_code == 302
    for address in ("/", "/firms", "/office/", "/account/2fa/", "/nothing-there"):
        assert client.get(address)["Location"] == CHANGE, address
    assert client.get("/api/v1/firms").status_code == 403
    assert client.post("/keys", {}).status_code == 302
    assert client.get(CHANGE).status_code == 200
    said = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(CHANGE, said).status_code == 302
    assert client.get("/").status_code == 200
    again, _ = sign_in(world, given, NEW)
    assert again.get("/").status_code == 200


def test_after_its_days_it_opens_nothing(given, world, settings_of):
    for days, status in ((6.9, 302), (7.1, 200)):
        given.person.refresh_from_db()
        given.person.password_given_at = datetime.now(UTC) - timedelta(days=days)
        given.person.save(using="owner", update_fields=["password_given_at"])
        client, answer = sign_in(world, given)
        assert answer.status_code == status
    assert "他人为您设置的密码只在7天内有效" in answer.content.decode()
    assert client.get("/")["Location"].startswith(LOGIN)
    assert client.get(CHANGE)["Location"].startswith(LOGIN)


def test_a_password_of_ones_own_stays(world):
    client, answer = sign_in(world, world.member("credit_officer"))
    assert answer["Location"] == "/" and client.get("/").status_code == 200


def test_the_office_gives_passwords_that_must_be_changed(world):
    from django.http import HttpRequest

    from techflow_service.platform.models import Person
    from techflow_service.platform.office import OFFICE, GivenPassword, People

    made = Person(username=f"new-{world.org().pk}")
    made.set_password(PASSWORD)
    form = None
    People(Person, OFFICE).save_model(HttpRequest(), made, form, change=False)
    assert made.password_given_at is not None
    person = world.member("analyst").person
    said = GivenPassword(person, {"password1": NEW, "password2": NEW, "usable_password": "true"})
    assert said.is_valid(), said.errors
    said.save()
    person.refresh_from_db()
    assert person.password_given_at is not None and person.check_password(NEW)


def test_signing_out_tells_the_browser_to_forget(world):
    client, _ = sign_in(world, world.member("credit_officer"))
    assert client.post("/account/logout/")["Clear-Site-Data"] == '"cache", "storage"'
