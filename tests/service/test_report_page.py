"""The page in a real browser: it opens offline, speaks one language at a time, fits a phone."""

import csv
import io
import re
from pathlib import Path

import pytest
from tests.service.report_folder import INJECTION, write_folder

from techflow_service.report import write_report

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
FIRM, LONG_FIRM = "sample:000007", "sample:000001"
PHONE, DESK = 390, 1280
NAMES = {"Techflow", "CSV", "SHA", "UTC", "CNY", "AUC", "Brier", "techflow", "assess", "sample"}
"""Words that are the same in both languages."""

# Text the page itself wrote: outside what is marked as data or code, or as another language.
OWN_TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("[translate=no], code, script, noscript, .language")) continue;
    if (walker.currentNode.data.trim()) found.push(walker.currentNode.data.trim());
  }
  return found;
}"""

# Contrast of each text with what lies behind it, by the formula of WCAG 2.2.
FAINT_TEXT = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const channel = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(":disabled, noscript")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) faint.push([ratio, element.className, element.textContent]);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM}: the report page was NOT tried in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(write_folder(tmp_path_factory.mktemp("page"), firms_n=120))


@pytest.fixture
def visit(browser, report):
    """Opens the page at an address and fails on console errors and requests to anywhere."""
    opened, heard = [], []

    def go(address, *, width=DESK, scheme="light", path=report):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda said: said.type == "error" and heard.append(said.text))
        page.on(
            "request",
            lambda asked: (
                heard.append(asked.url) if asked.url[:5] not in ("file:", "blob:") else None
            ),
        )
        page.goto(f"{path.as_uri()}#{address}")
        page.wait_for_selector("h1")
        return page

    yield go
    for context in opened:
        context.close()
    assert heard == []


@pytest.mark.parametrize("address", ["lang=zh", f"lang=zh&firm={FIRM}"])
def test_chinese_page_has_no_english_words(visit, address):
    page = visit(address)
    assert page.get_attribute("html", "lang") == "zh-CN"
    words = re.findall(r"[A-Za-z]{3,}", " ".join(page.evaluate(OWN_TEXT)))
    assert set(words) - NAMES == set()


@pytest.mark.parametrize("address", ["lang=en", f"lang=en&firm={FIRM}"])
def test_english_page_has_no_chinese_words(visit, address):
    page = visit(address)
    assert page.get_attribute("html", "lang") == "en"
    assert not [text for text in page.evaluate(OWN_TEXT) if re.search(r"[\u3000-\u9fff]", text)]


def test_language_is_switched_and_remembered_in_the_address(visit):
    page = visit("")
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.click("button.language")
    page.wait_for_selector("html[lang=en]")
    assert "lang=en" in page.url
    page.reload()
    page.wait_for_selector("html[lang=en] h1")


@pytest.mark.parametrize("width", [PHONE, 768, DESK])
def test_nothing_scrolls_sideways(visit, width):
    page = visit("lang=zh", width=width)
    for address in ("lang=zh", "lang=en", f"lang=zh&firm={FIRM}", f"lang=en&firm={LONG_FIRM}"):
        page.evaluate("address => location.hash = address", address)
        page.wait_for_selector("html[lang=en]" if "en" in address else "html[lang=zh-CN]")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_accounts_in_another_currency_say_so(visit):
    page = visit("lang=en&firm=sample:000003")
    cells = page.locator("tr:has(td:text-is('Revenue')) td.right").all_inner_texts()
    assert [text.split()[0] for text in cells] == ["CNY", "CNY", "USD"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(visit, scheme):
    assert visit("lang=zh", scheme=scheme).evaluate(FAINT_TEXT) == []
    assert visit(f"lang=en&firm={FIRM}", scheme=scheme).evaluate(FAINT_TEXT) == []


def test_search_filters_and_export(visit):
    page = visit("lang=en")
    assert page.inner_text("#firm-count") == "121 of 121 firms"
    page.fill("#search", "示例科技11")
    names = page.locator(".firm-table tbody .firm-name a").all_inner_texts()
    assert len(names) == 11  # 11 and 110 to 119
    assert all(name.startswith("示例科技11") for name in names)
    page.select_option("select[data-filter=verdict]", "insufficient")
    assert page.inner_text("#firm-count") == "2 of 121 firms"  # 114 and 119
    with page.expect_download() as download:
        page.click("#export")
    text = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["firm_id"] for row in rows} == {"sample:000114", "sample:000119"}
    page.fill("#search", "no such firm")
    assert page.locator(".firm-table").count() == 0
    page.click(".empty-state button")
    assert page.inner_text("#firm-count") == "121 of 121 firms"


def test_sorting_by_pd_puts_unknown_last(visit):
    page = visit("lang=en")
    page.click("button[data-sort=pd]")
    page.click("button[data-sort=pd]")
    assert page.get_attribute("th:has(button[data-sort=pd])", "aria-sort") == "ascending"
    shown = page.locator(".firm-table td.f-pd").all_inner_texts()
    values = [0.0 if text.startswith("<") else float(text.rstrip("%")) for text in shown]
    assert values == sorted(values)


def test_a_firm_opens_from_its_row_and_back(visit):
    page = visit("lang=en")
    page.fill("#search", "示例科技7有限")
    page.click(".firm-table tbody tr td.right")
    page.wait_for_selector("article.memo")
    assert page.inner_text("h1") == "示例科技7有限公司"
    assert "firm=sample%3A000007" in page.url
    assert page.locator("article.memo .chart svg").count() == 1
    page.go_back()
    page.wait_for_selector("#firms")


def test_a_number_opens_its_source_by_keyboard(visit):
    page = visit(f"lang=en&firm={FIRM}")
    page.locator(".verdict-box button.num").first.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".source-panel[role=dialog]")
    assert "cn-sme-default" in panel.inner_text()
    assert "2026-06-30" in panel.inner_text()
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert page.evaluate("document.activeElement.matches('button.num')")


def test_names_that_look_like_markup_stay_text(visit):
    page = visit("lang=zh&firm=sample:000000")
    assert page.inner_text("h1") == INJECTION
    page.click("nav.walk a")
    page.fill("#search", "script")
    assert page.inner_text(".firm-table tbody .firm-name a") == INJECTION
    page.click("#evidence summary")
    assert page.evaluate("window.hacked") is None


def test_a_firm_of_which_nothing_is_known_says_so(visit):
    page = visit("lang=en&firm=sample:000120")
    assert page.inner_text(".verdict-box .lead") == "Insufficient evidence, so no grade."
    assert page.locator("article.memo .chart").count() == 0


def test_only_synthetic_firms_are_announced_as_such(visit, tmp_path):
    assert visit("lang=zh").locator(".synthetic").count() == 1
    real = write_report(
        write_folder(tmp_path, firms_n=6, scheme="cumcm", currencies=("CNY", "KRW"))
    )
    page = visit("lang=zh", path=real)
    assert page.locator(".synthetic").count() == 0
    assert "韩元" in page.inner_text(".tiles")
