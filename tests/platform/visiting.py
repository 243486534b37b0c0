"""A demo that serves, a browser, and a person who walks through the pages with a camera.

`TECHFLOW_PHOTOS=FOLDER` keeps the photographs, `TECHFLOW_AT=URL` looks at a demo that runs already.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
from tests.platform.looking import READY, SIZES, WATCH, faults_of

from techflow_service.ledger.embedded import find_server, stop_server

PASSWORD, CHROMIUM = "techflow demo 2026", "/usr/bin/chromium"
START_S, STUDIES_S = 300, 400


@pytest.fixture(scope="session")
def demo_at(tmp_path_factory):
    """The demo as a newcomer starts it, its studies made; or one that runs already."""
    if os.environ.get("TECHFLOW_AT"):
        yield os.environ["TECHFLOW_AT"]
        return
    folder = tmp_path_factory.mktemp("pages")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--db", folder / "db", "--demo", folder / "demo", "--port", port]
    command = [Path(sys.executable).parent / "techflow", *map(str, words)]
    with subprocess.Popen(command, start_new_session=True) as running:
        try:
            wait_for(f"http://127.0.0.1:{port}/health", running)
            wait_for_studies(folder / "db")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(60)
            stop_server(folder / "db")


def wait_for_studies(folder):
    """Until what the demo works out beside the server is there: the pool's solvency comes last."""
    asked = "SELECT count(*) FROM platform_study WHERE kind = 'solvency'"
    with psycopg.connect(find_server(folder), autocommit=True) as connection:
        for _ in range(STUDIES_S):
            if connection.execute(asked).fetchone()[0]:
                return
            time.sleep(1)
    pytest.fail("the studies of the demo did not come")


def wait_for(address, running):
    for _ in range(2 * START_S):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            assert running.poll() is None, "the server ended"
            time.sleep(0.5)
    pytest.fail("the server did not start")


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        made = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Visit:
    """One person's walk through the pages, with a camera."""

    def __init__(self, browser, server, who):
        self.at, self.who, self.wrong, self.heard, self.links = server, who, [], [], {}
        self.name = ""
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.on("console", lambda one: one.type == "error" and self.heard.append(one.text))
        self.page.on("pageerror", lambda one: self.heard.append(str(one)))
        self.page.on("requestfailed", lambda one: self.heard.append(f"failed {one.url}"))
        self.page.on("request", self.asked)

    def asked(self, request):
        if not request.url.startswith((self.at, "data:", "blob:")):
            self.heard.append(f"another host: {request.url}")

    def speak(self, language):
        self.language = language
        self.context.add_cookies([{"name": "language", "value": language, "url": self.at}])

    def sign_in(self, username):
        self.name = username
        self.page.goto(f"{self.at}/account/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(f"{self.at}/")
        self.page.wait_for_function(READY)
        self.heard.clear()

    def open(self, path, status=200, *, look=True):
        """Open a page and look at it in both widths."""
        answer = self.page.goto(self.at + path)
        if status >= 400:  # the browser itself tells of it
            self.heard[:] = [one for one in self.heard if f"status of {status}" not in one]
        if answer.status != status:
            self.heard.append(f"status {answer.status}")
        if look:
            self.look(path)
        hrefs = self.page.eval_on_selector_all(
            "main a[href^='/']", "all => all.map((e) => e.getAttribute('href').split('?')[0])"
        )
        self.links |= dict.fromkeys(hrefs)

    def look(self, name):
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            said = f"{self.who} {name} {self.language} {size}"
            try:
                self.page.wait_for_function(READY, timeout=8_000)
            except Exception as error:
                self.heard.append(f"not ready: {type(error).__name__}")
            found = [*faults_of(self.page, self.language, self.name), *self.heard]
            self.heard.clear()
            self.wrong += [f"{said}: {one}" for one in found]
            self.page.screenshot(path=self.place(said), full_page=True, type="jpeg")

    def place(self, said):
        folder = os.environ.get("TECHFLOW_PHOTOS")
        return (
            Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '-', said)[:150]}.jpeg" if folder else None
        )

    def linked(self, pattern, most):
        """Addresses of a kind that the pages seen so far lead to."""
        whole = re.compile("^" + re.sub(r"<[^>]+>", "[^/]+", pattern) + "$")
        return [path for path in self.links if whole.match(path)][:most]
