"""Signing in by the server of an organisation, against a running issuer (`issuer.py`).

What must be refused: OpenID Connect Core 1.0, section 3.1.3.7; RFC 6749, section 10.12; RFC 7636.
"""

import time

import pytest
from tests.platform.issuer import CLIENT, SECRET, Issuer

LOGIN = "/account/oidc/corp/login/"


@pytest.fixture(scope="module")
def issuer(web_url):
    from django.conf import settings
    from django.test import override_settings

    server = Issuer()
    app = {
        "provider_id": "corp", "name": "某行统一登录", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": server.url},
    }  # fmt: skip

    told = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"] | {"APPS": [app]}
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": told}):
        yield server
    server.close()


@pytest.fixture(autouse=True)
def honest(issuer):
    issuer.subject, issuer.claims, issuer.bend, issuer.named = "nobody", {}, None, None


@pytest.fixture
def known(world, issuer):
    """A credit officer whom the issuer knows by a subject."""
    from techflow_service.platform.people import link

    member = world.member("credit_officer")
    issuer.subject = f"subject-{member.person_id}"
    link(member.person.username, "corp", issuer.subject)
    return member


def come_back(client, issuer, change=None):
    """From the button of the sign-in page to where the issuer sends the browser back."""
    sent = client.post(f"{LOGIN}?process=login")
    assert sent.status_code == 302, sent.content.decode()
    address = issuer.authorize(sent["Location"])
    address = address[address.index("/account/") :]
    return client.get(change(address) if change else address)


def inside(client):
    return client.get("/").status_code == 200


def test_someone_known_signs_in_and_is_what_their_membership_says(known, world, issuer):
    issuer.claims = {"roles": ["administrator"], "role": "administrator", "is_staff": True}
    client = world.client()
    assert come_back(client, issuer)["Location"] == "/"
    page = client.get("/").content.decode()
    assert known.org.name_zh in page
    assert client.get("/firms").status_code == 200
    assert client.get("/office/", follow=True).status_code == 403
    known.ended_at = known.since_at
    known.save(using="owner")
    assert client.get("/firms").status_code == 403


def test_the_button_leads_there_and_the_browser_may_follow(world, issuer):
    client = world.client()
    assert f'href="{LOGIN}?process=login"' in client.get("/account/login/").content.decode()
    page = client.get(f"{LOGIN}?process=login")
    assert f"form-action 'self' {issuer.url}" in page["Content-Security-Policy"]
    assert issuer.url not in client.get("/account/login/")["Content-Security-Policy"]
    sent = client.get(f"{LOGIN}?process=login&auth_params=prompt%3Dnone&scope=offline_access")
    assert sent.status_code == 200
    asked = client.post(f"{LOGIN}?process=login&auth_params=nonce%3Dmine&scope=offline_access")
    assert "offline_access" not in asked["Location"] and "nonce=mine" not in asked["Location"]


def test_an_unknown_person_is_told_what_to_do_and_no_account_is_made(world, issuer):
    people = world.models.Person.objects.using("owner").count()
    client = world.client()
    issuer.claims = {"preferred_username": world.member("branch_head").person.username}
    page = come_back(client, issuer).content.decode()
    assert "您已通过登录服务器的验证，但平台没有与之关联的账号" in page
    assert not inside(client)
    assert world.models.Person.objects.using("owner").count() == people + 1


def test_a_person_switched_off_stays_out(known, world, issuer):
    known.person.is_active = False
    known.person.save(using="owner")
    client = world.client()
    come_back(client, issuer)
    assert not inside(client)


BENT = {
    "nonce of another": {"nonce": "a" * 43},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "another client"},
    "two audiences, for the other": {"aud": [CLIENT, "another"], "azp": "another"},
    "no audience": {"aud": None},
    "ended": {"exp": int(time.time()) - 60},
    "without end": {"exp": None},
    "from tomorrow": {"iat": int(time.time()) + 86_400},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("what", BENT)
def test_a_token_that_does_not_hold_opens_nothing(known, world, issuer, what):
    client = world.client()
    issuer.claims = BENT[what]
    answer = come_back(client, issuer)
    assert answer.status_code == 401
    assert "登录服务器的答复无法核实" in answer.content.decode()
    assert not inside(client)


@pytest.mark.parametrize("bend", ["stranger", "unknown key", "hmac", "none"])
def test_a_token_not_signed_by_the_server_opens_nothing(known, world, issuer, bend):
    client = world.client()
    issuer.bend = bend
    assert come_back(client, issuer).status_code == 401
    assert not inside(client)


def test_a_server_that_calls_itself_otherwise_is_not_asked(world, issuer):
    issuer.named = "https://elsewhere.example"
    assert world.client().post(f"{LOGIN}?process=login").status_code == 401


def test_a_wrong_state_a_stolen_code_and_a_code_twice_open_nothing(known, world, issuer):
    client, other = world.client(), world.client()
    strange = come_back(client, issuer, lambda one: one.replace("state=", "state=x"))
    assert strange.status_code == 401 and not inside(client)
    taken = []
    come_back(client, issuer, lambda one: taken.append(one) or "/account/login/")
    assert other.get(taken[0]).status_code == 401 and not inside(other)
    come_back(other, issuer, lambda one: one.replace("code=", "code=x"))
    assert not inside(other)
    assert client.get(taken[0])["Location"] == "/" and inside(client)
    assert other.get(taken[0]).status_code == 401 and not inside(other)


def test_an_account_is_linked_once(known, world):
    from techflow.basics import InvalidInput
    from techflow_service.platform.people import link

    other = world.member("credit_officer").person.username
    with pytest.raises(InvalidInput, match="linked to"):
        link(other, "corp", f"subject-{known.person_id}")
    with pytest.raises(InvalidInput, match="nobody is called"):
        link("nobody-there", "corp", "s")
