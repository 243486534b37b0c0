"""Headers and cookies of every kind of answer: page, file, refusal, sign-in, office, asset."""

import runpy

import pytest
from tests.platform.conftest import PASSWORD

KINDS = ("/", "/firms", "/firms.csv", "/nothing/there", "/account/login/", "/office/", "/health",
         "/verify", "/account/2fa/")  # fmt: skip


@pytest.fixture(scope="module")
def answers(world):
    """Answer of each kind of address, to an officer and to nobody."""
    bank = world.org()
    world.consent(world.firm(world.run()), bank)
    officer = world.client(world.member("credit_officer", bank))
    return {(who, path): client.get(path)
            for who, client in (("officer", officer), ("nobody", world.client()))
            for path in KINDS}  # fmt: skip


def each(answers):
    return [(f"{who} {path}", answer) for (who, path), answer in answers.items()]


def test_content_is_what_it_says_and_nothing_frames_it(answers):
    for said, answer in each(answers):
        assert answer["X-Content-Type-Options"] == "nosniff", said
        assert answer["X-Frame-Options"] == "DENY", said
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], said
        assert answer["Referrer-Policy"] == "same-origin", said
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", said
        assert "Access-Control-Allow-Origin" not in answer, said
        if answer.content:
            kind = answer["Content-Type"]
            assert "charset=utf-8" in kind or kind == "application/json", said


def test_no_page_is_kept_by_a_cache(answers):
    for said, answer in each(answers):
        assert "no-store" in answer["Cache-Control"], said


def test_only_the_office_may_run_scripts_of_its_pages(answers):
    for said, answer in each(answers):
        loose = "unsafe" in answer["Content-Security-Policy"]
        assert loose == said.endswith("/office/"), said
        assert "*" not in answer["Content-Security-Policy"], said
        assert "http:" not in answer["Content-Security-Policy"], said


def test_a_file_is_handed_out_as_a_file(answers):
    assert answers["officer", "/firms.csv"]["Content-Disposition"].startswith("attachment;")


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(world):
    client, member = world.client(), world.member("credit_officer")
    client.post("/language", {"language": "en"})
    client.post("/account/login/", {"login": member.person.username, "password": PASSWORD})
    assert set(client.cookies) >= {"sessionid", "csrftoken", "language"}
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] == "Lax", name
        assert cookie["httponly"] or name == "messages", name
        assert not cookie["domain"], name


def test_assets_speak_to_no_other_origin(world):
    answer = world.client().get("/assets/platform.css")
    answer.close()
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_behind_tls_cookies_stay_on_this_host_and_browsers_stay_on_tls(web_url, monkeypatch):
    from techflow_service.platform import settings

    monkeypatch.setenv("TECHFLOW_HTTPS", "1")
    found = runpy.run_path(settings.__file__)
    assert [found[f"{name}_COOKIE_NAME"] for name in ("SESSION", "CSRF", "LANGUAGE")] == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-language",
    ]
    assert all(found[f"{name}_COOKIE_SECURE"] for name in ("SESSION", "CSRF"))
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert found["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1
    assert found["DEBUG"] is False
