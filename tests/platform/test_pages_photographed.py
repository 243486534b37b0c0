"""Every page in a browser, by every role that may see it, in two languages and two widths.

`TECHFLOW_PHOTOS=FOLDER` keeps the photographs.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.platform.test_matrix import walk

pytestmark = pytest.mark.soak
PASSWORD, CHROMIUM = "techflow demo 2026", "/usr/bin/chromium"
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
FILES = re.compile(r"\.(pdf|csv|json|xlsx)$|^/(health|api/)")
HAN = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{3,}")
CODES = re.compile(
    r"\b(CSV|PDF|SHA|ROC|API|URL|IPO|CNY|Techflow|English|TF\d+|lgd|ead|bulk|\S*[_:/.=-]\S*)\b"
    r"|\S*\d\S*|\S*[_:/=]\S*"
)
"""Of a Chinese page what may be Latin: codes, ids, units."""
LOOK = """() => ({
  lang: document.documentElement.lang,
  text: document.body.innerText,
  over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  blind: [...document.querySelectorAll("img:not([alt]), figure.chart")].filter(
    (e) => e.tagName === "IMG" || !e.parentElement.querySelector(
      "table, [aria-label], figcaption")).length,
})"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The demo as a newcomer starts it; or one that runs already, at TECHFLOW_AT."""
    if os.environ.get("TECHFLOW_AT"):
        yield os.environ["TECHFLOW_AT"]
        return
    folder = tmp_path_factory.mktemp("pages")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--db", folder / "db", "--demo", folder / "demo", "--port", port]
    command = [sys.executable, "-m", "techflow_service.cli", *map(str, words)]
    with subprocess.Popen(command, start_new_session=True) as running:
        try:
            wait_for(f"http://127.0.0.1:{port}/health", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(running.pid, signal.SIGINT)


def wait_for(address, running):
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            assert running.poll() is None
            time.sleep(0.5)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def pages(web_url):
    """Role -> addresses of its pages, `{firm}` for a firm."""
    from django.urls import get_resolver

    from techflow_service.platform.roles import Role
    from techflow_service.platform.routes import TABLE

    texts = {name: text for name, text in walk(get_resolver().url_patterns) if name in TABLE}
    told = {}
    for role in Role:
        rows = [
            n for n, row in TABLE.items() if "GET" in row.methods and role in (row.roles or Role)
        ]
        paths = [re.sub(r"<(?:str:)?firm_id>", "{firm}", texts[name]) for name in rows]
        told[role.value] = sorted(p for p in paths if not FILES.search(p) and "<" not in p)
    return told


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        made = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


def sign_in(page, at, username):
    page.goto(f"{at}/account/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_url(f"{at}/")


def first_firm(page, at):
    page.goto(f"{at}/firms")
    link = page.query_selector("table.list th a")
    return link.get_attribute("href").split("?")[0].removeprefix("/firms/") if link else None


def faults(page, heard, language):
    found = [f"heard {one}" for one in heard]
    heard.clear()
    seen = page.evaluate(LOOK)
    if seen["lang"] != ("zh-CN" if language == "zh" else "en"):
        found.append(f"lang {seen['lang']}")
    if seen["over"] > 0:
        found.append(f"{seen['over']} px too wide")
    if seen["blind"]:
        found.append(f"{seen['blind']} pictures without words")
    return found + spoken(seen["text"], language)


def spoken(text, language):
    """Words of the other language; names of firms and people stay as they are."""
    if language == "zh":
        odd = set(LATIN.findall(CODES.sub(" ", text)))
        return [f"English {sorted(odd)[:12]}"] if odd else []
    named = re.compile(r"公司|集团|研究|银行|中文|^[\u4e00-\u9fff]{2,4} · ")
    odd = {line for line in text.splitlines() if HAN.search(line) and not named.search(line)}
    return [f"Chinese {sorted(odd)[:8]}"] if odd else []


ROLES = ("credit_officer", "branch_head", "operator", "agency", "central_bank", "firm", "guarantor",
         "insurer", "investor", "park", "intermediary", "university", "credit_agency", "supervisor",
         "analyst", "administrator")  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role(server, browser, pages, role):
    place = os.environ.get("TECHFLOW_PHOTOS")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, heard = context.new_page(), []
    page.on("console", lambda one: one.type == "error" and heard.append(one.text))
    page.on("pageerror", lambda one: heard.append(str(one)))
    page.on("request", lambda one: one.url.startswith((server, "data:")) or heard.append(one.url))
    username = os.environ.get("TECHFLOW_FIRM", "firm-603") if role == "firm" else role
    sign_in(page, server, username)
    own = f"sample:demo-7-{username[5:].zfill(7)}"
    firm = own if role == "firm" else first_firm(page, server)
    heard.clear()
    wrong = []
    for language in ("zh", "en"):
        context.add_cookies([{"name": "language", "value": language, "url": server}])
        for path in pages[role]:
            if "{firm}" in path and not firm:
                continue
            answer = page.goto(server + path.format(firm=firm))
            heard += [] if answer.status == 200 else [f"status {answer.status}"]
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                said = f"{role} {path} {language} {size}"
                wrong += [f"{said}: {one}" for one in faults(page, heard, language)]
                if place:
                    name = re.sub(r"\W+", "-", said) + ".png"
                    page.screenshot(path=Path(place) / name, full_page=True)
    context.close()
    assert not wrong, "\n".join(wrong)


def test_the_keyboard_finds_the_content_first(server, browser):
    page = browser.new_page()
    page.goto(f"{server}/verify")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.get_attribute("href") == "#content"
    box = skip.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0 and box["height"] > 10
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    style = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow"
    assert page.locator(":focus").evaluate(style) != "nonenone"
    page.close()
