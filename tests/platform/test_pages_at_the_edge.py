"""Pages of nobody, of accounts, of the back office and of failures; and the keyboard everywhere."""

import base64
import hmac
import struct
import time

import pytest
from tests.platform.looking import SIZES
from tests.platform.visiting import PASSWORD, Visit

pytestmark = pytest.mark.soak
OPEN = ("/verify", "/api/v1/docs")
ACCOUNT = ("/account/2fa/", "/account/password/change/", "/account/logout/",
           "/account/reauthenticate/", "/account/3rdparty/")  # fmt: skip
REGISTERS = ("person", "organisation", "membership")
OFFICE = ("/office/", *(f"/office/platform/{name}/{end}" for end in ("", "add/")
                        for name in REGISTERS))  # fmt: skip


def test_pages_without_a_member(demo_at, chromium):
    """What a visitor may open, the sign-in with its mistakes, and every way to fail."""
    visit = Visit(chromium, demo_at, "visitor")
    for language in ("zh", "en"):
        visit.speak(language)
        for text in OPEN:
            visit.open(text)
        for told, answer in (("0" * 64, "unknown seal"), ("abc", "no seal")):
            visit.open("/verify")
            visit.page.fill("#sha256", told)
            visit.page.click("main button.main")
            visit.look(answer)
            assert visit.page.locator("main .alarm").is_visible()
        visit.open("/account/login/")
        visit.page.fill("input[name=login]", "nobody")
        visit.page.fill("input[name=password]", "wrong")
        visit.page.click("main button.main")
        visit.look("wrong password")
        visit.page.fill("input[name=login]", "nobody")
        visit.page.fill("input[name=password]", "wrong")
        visit.context.clear_cookies(name="csrftoken")
        visit.page.click("main button.main")
        visit.look("old form")
        assert visit.page.locator("main .note").inner_text() == "403"
    visit.context.close()
    wrong = [one for one in visit.wrong if "status of 40" not in one]  # what was asked for
    assert not wrong, "\n".join(wrong)


def failed(reason, status, language):
    """A failure that nobody can bring about from outside, as the platform would tell it."""
    from django.test import RequestFactory

    from techflow_service.platform.pages import failures

    request = RequestFactory().get("/")
    request.COOKIES["language"] = language
    return failures.fail(request, status, reason).content.decode()


def open_made(visit, path, body, status=200):
    """Look at a page that the server of the demo does not give, as if it gave it."""
    fill = {"status": status, "body": body, "content_type": "text/html; charset=utf-8"}
    visit.page.route(visit.at + path, lambda route: route.fulfill(**fill))
    visit.open(path, status)
    visit.page.unroute(visit.at + path)


def test_pages_of_failures(demo_at, chromium, web_url):
    visit = Visit(chromium, demo_at, "failures")
    visit.sign_in("credit_officer")
    for language in ("zh", "en"):
        visit.speak(language)
        visit.open("/nowhere", 404)
        visit.open("/consents", 403)
        visit.open("/language", 405)
        for reason, status in (("broken", 500), ("too_often", 429), ("no_membership", 403)):
            open_made(visit, f"/{reason}", failed(reason, status, language), status)
    visit.context.close()
    assert not visit.wrong, "\n".join(visit.wrong)


SIGN_ON = ("socialaccount/login", "socialaccount/authentication_error", "account/signup_closed",
           "account/password_ended")  # fmt: skip
SERVER = {"zh": "统一登录", "en": "Staff sign-on"}


def signing_on(template, language):
    """A page that a sign-on server or an old first password leads to; the demo has neither."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory
    from django.utils import translation

    from techflow_service.platform.speaking import CODES

    told = {"provider": {"name": SERVER[language]}, "days": 7}
    with translation.override(CODES[language]):
        return render_to_string(f"{template}.html", told, RequestFactory().get("/"), using="django")


def test_pages_of_signing_on(demo_at, chromium, web_url):
    visit = Visit(chromium, demo_at, "signing on")
    for language in ("zh", "en"):
        visit.speak(language)
        for template in SIGN_ON:
            open_made(visit, f"/{template}", signing_on(template, language))
    visit.context.close()
    assert not visit.wrong, "\n".join(visit.wrong)


def test_pages_of_accounts_and_the_back_office(demo_at, chromium):
    """An administrator sets up a second factor in the browser; then the back office is open."""
    visit = Visit(chromium, demo_at, "administrator")
    visit.sign_in("administrator")
    visit.speak("zh")
    set_up_factor(visit)
    for language in ("zh", "en"):
        visit.speak(language)
        for path in (*ACCOUNT, *OFFICE):
            visit.open(path)
        for name in REGISTERS:
            visit.page.goto(f"{visit.at}/office/platform/{name}/?q={'firm' * (name == 'person')}")
            entry = visit.page.locator("a[href*='/change/']").nth(1).get_attribute("href")
            visit.open(entry)
            if name == "person":
                visit.open(entry.replace("change/", "password/"))
    remove_factor(visit)
    visit.context.close()
    assert not visit.wrong, "\n".join(visit.wrong)


def set_up_factor(visit):
    page = visit.page
    page.goto(f"{visit.at}/account/2fa/totp/activate/")
    visit.look("say it is you")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/totp/activate/")
    visit.look("activate")
    key = page.locator("#authenticator_secret").input_value()
    page.fill("input[name=code]", code_of(key))
    page.click("main form button")
    page.wait_for_url("**/recovery-codes/")
    visit.look("recovery codes")


def remove_factor(visit):
    visit.page.goto(f"{visit.at}/account/2fa/totp/deactivate/")
    visit.look("deactivate")
    visit.page.click("main form button")


def code_of(key):
    """The six digits of this half minute, by RFC 6238."""
    moment = struct.pack(">Q", int(time.time()) // 30)
    told = hmac.digest(base64.b32decode(key + "=" * (-len(key) % 8)), moment, "sha1")
    at = told[-1] & 15
    return f"{(struct.unpack('>I', told[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def test_signing_out_empties_the_other_tabs(demo_at, chromium):
    """Requirement 14.3.1 of ASVS 5: nothing that was shown stays on the screen."""
    visit = Visit(chromium, demo_at, "credit_officer")
    visit.sign_in("credit_officer")
    other = visit.context.new_page()
    other.goto(f"{demo_at}/firms?sort=name")
    assert other.locator("table.list").is_visible()
    visit.page.locator("details.menu summary").click()
    visit.page.locator("details.menu form[action='/account/logout/'] button").click()
    other.wait_for_url("**/account/login/?next=%2Ffirms%3Fsort%3Dname")
    assert not other.locator("table.list").count()
    visit.context.close()


KEYBOARD = ("/", "/firms", "/book", "/lending", "/policies", "/requests")
SHOWN = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (e === document.body) return "end";
  const middle = box.left + box.width / 2;
  const at = document.elementFromPoint(middle, box.top + Math.min(box.height, 8) / 2);
  const seen = box.width > 0 && box.top >= 0 && box.left >= -1 && box.right <= innerWidth + 1 &&
    box.top < innerHeight && at && (e.contains(at) || at.contains(e));
  const ringed = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return ringed && seen ? "" : `${e.tagName} ${e.textContent.trim().slice(0, 20)} ${e.name ?? ""}` +
    (ringed ? " hidden" : " without a ring");
}"""


def test_the_keyboard_shows_where_it_is(demo_at, chromium):
    """Each stop of the first forty has a ring and lies where eyes can see it."""
    visit = Visit(chromium, demo_at, "branch_head")
    visit.sign_in("branch_head")
    wrong = []
    for size in SIZES.values():
        visit.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        for path in KEYBOARD:
            visit.page.goto(demo_at + path)
            for _ in range(40):
                visit.page.keyboard.press("Tab")
                told = visit.page.evaluate(SHOWN)
                if told == "end":
                    break
                wrong += [f"{path} {size}: {told}"] if told else []
    visit.context.close()
    assert not wrong, "\n".join(wrong)


def test_escape_puts_a_menu_away(demo_at, chromium):
    visit = Visit(chromium, demo_at, "branch_head")
    visit.sign_in("branch_head")
    page = visit.page
    page.locator("details.menu summary").click()
    assert page.locator("details.menu a").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("details.menu a").first.is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    visit.context.close()


def test_the_keyboard_finds_the_content_first(demo_at, chromium):
    page = chromium.new_page()
    page.goto(f"{demo_at}/verify")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.get_attribute("href") == "#content"
    box = skip.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0 and box["height"] > 10
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.close()
