"""What is looked at on a page in a browser, and the words that may stand on it."""

import re

SIZES = {"wide": (1280, 900), "phone": (390, 844)}
HAN = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{3,}")
CODES = re.compile(
    r"techflow credit drift|openapi\.json|Authorization: Bearer|\w+-pool|"
    r"(?<![A-Za-z])(CSV|PDF|SHA|ROC|AUC|API|CNY|HHI|SBA|Techflow)(?![A-Za-z])|"
    r"\S*\d\S*|\S*[_:/=]\S*"
)
"""Of a Chinese page what may be Latin: formats, currencies, codes, ids."""
NAMED = re.compile(r"公司|集团|研究|银行|〔\d{4}〕|《.+》|（\d{4}年")
"""Of an English page what may be Chinese: names of firms and organisations, citations.
Pages mark what is not to be translated, such as names and what people wrote: it is left out."""

WATCH = """
document.addEventListener("htmx:afterSettle", (e) => { e.detail.elt.dataset.filled = 1; });
"""
READY = """() =>
  [...document.querySelectorAll("figure.chart .canvas")].every((e) => !e.checkVisibility() ||
    Math.abs((e.querySelector("svg")?.clientWidth ?? -9) - e.clientWidth) < 2) &&
  [...document.querySelectorAll("[hx-trigger=load]")].every((e) => e.dataset.filled)
"""
"""Charts are drawn as wide as their place, and parts that come later have come."""
LOOK = """() => {
  const all = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility());
  const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") +
    (e.className && e.className.baseVal === undefined ? "." + e.className : "") + " " +
    (e.textContent || "").trim().slice(0, 30);
  // Of the kept library of the back office: a font draws names of icons as pictures, a place that
  // scrolls has parts that measure it, and the path ends in dots where it is long.
  const icon = (e) => e.closest(".material-symbols-outlined");
  const kept = (e) => e.matches("[class^=simplebar-], a.truncate");
  const skipped = (e) => e.closest(".sr, .skip") || e.tagName === "OPTION";
  const scrolls = (e) => { for (let at = e; at; at = at.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true; return false; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const page = document.documentElement.lang.slice(0, 2), text = [];
  for (let at = walker.nextNode(); at; at = walker.nextNode()) {
    const e = at.parentElement, of = (e.closest("[lang]")?.lang ?? "").slice(0, 2);
    if (of === page && e.checkVisibility() && !icon(e) &&
        !e.closest("[translate=no], code, pre, script, style")) text.push(at.data.trim());
  }
  for (const e of all) for (const key of ["placeholder", "aria-label", "title", "data-label"])
    if (e.hasAttribute(key) && !kept(e) && !e.closest("[translate=no]") &&
        (e.closest("[lang]")?.lang ?? "").slice(0, 2) === page) text.push(e.getAttribute(key));
  const wide = document.documentElement.clientWidth;
  const labelled = (e) => e.labels?.length || e.ariaLabel || e.getAttribute("aria-labelledby") ||
    (e.id === "searchbar" && e.placeholder);  // the kept library's own
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const outside = (e) => { const a = e.getBoundingClientRect(),
    b = e.ownerSVGElement.getBoundingClientRect();
    return a.left < b.left - 2 || a.right > b.right + 2 || a.top < b.top - 2 ||
      a.bottom > b.bottom + 2; };
  return {
    lang: document.documentElement.lang,
    text: text.filter(Boolean),
    faults: [
      ...(document.documentElement.scrollWidth > wide ? ["wider than the window"] : []),
      ...(document.querySelectorAll("h1").length === 1 ? [] :
        [document.querySelectorAll("h1").length + " h1"]),
      ...(document.title.trim() ? [] : ["no title"]),
      ...all.filter((e) => e.matches("input:not([type=hidden]), select, textarea") &&
        !labelled(e)).map((e) => "without a label: " + name(e) + e.name),
      ...all.filter((e) => e.matches("a, button, summary") && !e.textContent.trim() &&
        !e.ariaLabel).map((e) => "without words: " + name(e)),
      ...all.filter((e) => e.matches("img:not([alt])")).map((e) => "without alt: " + name(e)),
      ...all.filter((e) => e.matches("figure.chart") && !e.querySelector("[aria-label]"))
        .map((e) => "without words: " + name(e)),
      ...all.filter((e) => !skipped(e) && !kept(e) && !e.ownerSVGElement && e.tagName !== "INPUT" &&
        ["hidden", "clip"].includes(getComputedStyle(e).overflowX) &&
        e.scrollWidth > e.clientWidth + 1).map((e) => "cut: " + name(e)),
      ...all.filter((e) => !skipped(e) && !e.ownerSVGElement && !scrolls(e) &&
        e.getBoundingClientRect().right > wide + 1 && e.getBoundingClientRect().left >= 0)
        .map((e) => "outside: " + name(e)),
      ...all.filter((e) => e.matches("input:not([type=file])") &&
        e.scrollWidth > e.clientWidth + 1).map((e) => "cut: " + name(e) + e.name),
      ...all.filter((e) => e.tagName === "text" && outside(e)).map((e) => "cut: " + name(e)),
      ...ids.filter((one, k) => ids.indexOf(one) < k).map((one) => "id twice: " + one),
    ],
  };
}"""


def faults_of(page, language, name=""):
    """What is wrong with a page as it stands: words of another language, cut, too wide, unlabelled.

    `page` is one of Playwright's, `language` is `zh` or `en`; the visitor's own `name` is neither.
    """
    seen = page.evaluate(LOOK)
    found = sorted(set(seen["faults"]))
    if not seen["lang"].lower().startswith(language):
        found.append(f"lang {seen['lang']}")
    return found + foreign([one for one in seen["text"] if one != name], language)


def foreign(texts, language):
    """Words of the other language."""
    if language == "zh":
        odd = {word for text in texts for word in LATIN.findall(CODES.sub(" ", text))}
        return [f"English {sorted(odd)[:12]}"] if odd else []
    odd = {text[:60] for text in texts if HAN.search(text) and not NAMED.search(text)}
    return [f"Chinese {sorted(odd)[:8]}"] if odd else []
