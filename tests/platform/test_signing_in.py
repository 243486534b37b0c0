"""Signing in: guessing is stopped, second factor, sessions end when they must."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.platform.conftest import PASSWORD

LOGIN, TOTP_PAGE = "/account/login/", "/account/2fa/totp/activate/"
WRONG, CLOSED = "用户名或密码不正确", "登录失败次数过多"
NEW = "another battery staple horse"


@pytest.fixture(autouse=True)
def _fresh_limits(web_url):
    from django.core.cache import cache

    cache.clear()


def sign_in(client, member, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": member.person.username, "password": password} | more)


def inside(client):
    return client.get("/").status_code == 200


def now_code(secret, ahead=0):
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + ahead))


def test_the_right_password_opens_a_new_session(world):
    client, member = world.client(), world.member("credit_officer")
    planted = client.session
    planted["x"] = "1"
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    assert sign_in(client, member).status_code == 302
    assert client.session.session_key != planted.session_key
    assert len(client.session.session_key) >= 32
    assert inside(client)


def test_five_wrong_passwords_close_the_account_for_a_while(world):
    client, member = world.client(), world.member("credit_officer")
    for _ in range(5):
        assert sign_in(client, member, "wrong").status_code == 200
    assert sign_in(client, member, PASSWORD).status_code in (200, 429)
    assert not inside(client)
    other = world.member("credit_officer")
    assert sign_in(client, other).status_code == 302


def test_many_at_once_get_no_more_guesses_than_five(world):
    """Each thread has a connection of its own, as each web process has."""
    from django.db import connection

    member = world.member("credit_officer")

    def guess(number):
        try:
            page = sign_in(world.client(), member, f"wrong {number}").content.decode()
            return WRONG in page, CLOSED in page
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(guess, range(16)))
    assert (tried.count((True, False)), tried.count((False, True))) == (5, 11)


def test_time_tells_nothing_about_who_is_there(world, monkeypatch):
    """Enough rounds of hashing to outweigh the rest; least processor time, for cores are shared."""
    from django.contrib.auth import authenticate
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 200_000)
    member = world.member("credit_officer")
    took = {"there": [], "absent": []}
    for number in range(7):
        for kind, name in (("there", member.person.username), ("absent", f"absent{number}")):
            begun = time.process_time()
            assert authenticate(None, username=name, password="wrong") is None
            took[kind].append(time.process_time() - begun)
    there, absent = (min(took[kind]) for kind in took)
    assert abs(there - absent) <= 0.25 * max(there, absent)


def test_the_answer_tells_nothing_about_who_is_there(world):
    member = world.member("credit_officer")
    there = sign_in(world.client(), member, "wrong").content.decode()
    member.person.username = "nobody-of-that-name"
    absent = sign_in(world.client(), member, "wrong").content.decode()
    clean = lambda page: re.sub(r'value="[^"]*"', "", page)  # noqa: E731
    assert clean(there) == clean(absent)


def test_signing_out_ends_the_session(world):
    client = world.client()
    sign_in(client, world.member("credit_officer"))
    key = client.session.session_key
    assert client.get("/account/logout/").status_code in (200, 405)
    client.post("/account/logout/")
    client.cookies["sessionid"] = key
    assert not inside(client)


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "请联系管理员"), ("en", "Your administrator")]
)
def test_who_forgot_a_password_is_told_whom_to_ask(world, language, words):
    client = world.client()
    client.cookies["language"] = language
    page = client.get("/account/login/").content.decode()
    assert words in page
    assert "password/reset" not in page


def test_a_new_password_ends_other_sessions_and_asks_for_the_old(world):
    member = world.member("credit_officer")
    here, there = world.client(), world.client()
    sign_in(here, member), sign_in(there, member)
    change = "/account/password/change/"
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert here.post(change, fields).status_code == 200
    assert inside(there)
    assert here.post(change, fields | {"oldpassword": PASSWORD}).status_code == 302
    assert (inside(here), inside(there)) == (True, False)


@pytest.mark.parametrize("weak", ["short", "password1234", "qwertyuiop12"])
def test_weak_passwords_are_refused(world, weak):
    client = world.client()
    sign_in(client, world.member("credit_officer"))
    fields = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    assert client.post("/account/password/change/", fields).status_code == 200


def test_a_person_switched_off_is_out_at_once(world):
    client, member = world.client(), world.member("credit_officer")
    sign_in(client, member)
    member.person.is_active = False
    member.person.save(using="owner")
    assert not inside(client)
    assert sign_in(client, member).status_code == 302
    assert not inside(client)


def test_an_ended_membership_bites_at_the_next_request(world):
    from django.utils.timezone import now

    bank = world.org()
    firm_id = world.firm(world.run())
    world.consent(firm_id, bank)
    member = world.member("credit_officer", bank)
    client = world.client(member)
    assert client.get(f"/firms/{firm_id}").status_code == 200
    member.ended_at = now()
    member.save(using="owner")
    assert client.get(f"/firms/{firm_id}").status_code == 403
    assert client.get("/office/").status_code == 302


def test_second_factor_from_activating_to_a_recovery_code(world):
    member, client = world.member("credit_officer"), world.client()
    sign_in(client, member)
    assert client.get(TOTP_PAGE)["Location"].startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get(TOTP_PAGE)
    secret = client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    assert client.post(TOTP_PAGE, {"code": "000000"}).status_code == 200
    assert client.post(TOTP_PAGE, {"code": now_code(secret)}).status_code == 302
    codes = recovery_codes(client)
    second = world.client()
    assert sign_in(second, member)["Location"].startswith("/account/2fa/authenticate/")
    assert not inside(second)
    assert second.post("/account/2fa/authenticate/", {"code": "123456"}).status_code == 200
    assert not inside(second)
    code = now_code(secret, 1)
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert inside(second)
    for taken, answer in ((False, 302), (True, 200)):
        third = world.client()
        sign_in(third, member)
        assert third.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == answer
        assert inside(third) != taken


def recovery_codes(client):
    page = client.get("/account/2fa/recovery-codes/").content.decode()
    return re.findall(r"\b[0-9a-f]{8}\b", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "password/set/", "email/", "confirm-email/",
             "../account/signup/", "social/signup/"],
)  # fmt: skip
def test_nobody_makes_an_account_or_has_a_letter_sent(world, path):
    client = world.client()
    for answer in (
        client.get(f"/account/{path}"),
        client.post(f"/account/{path}", {"email": "a@b.cn"}),
    ):
        assert answer.status_code in (403, 404)
