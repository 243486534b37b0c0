import "./style.css";
import { book, openBook } from "./book.js";
import { startCharts, stopCharts } from "./charts.js";
import { h } from "./dom.js";
import { firmPage } from "./firm.js";
import { search, searchWords } from "./firms.js";
import { day } from "./format.js";
import { address, go, read, useLanguage } from "./route.js";
import { lang, t } from "./words.js";
import { SECTIONS } from "./sections.js";

const page = document.getElementById("page");

function top() {
  const other = lang() === "zh" ? "en" : "zh";
  return h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: address({}), onclick: home }, "Techflow"),
    h(
      "button",
      { type: "button", class: "as-of", popovertarget: "as-of-note" },
      t("as_of_day", day(book.run.as_of)),
    ),
    h(
      "div",
      { id: "as-of-note", popover: "auto", class: "source-panel" },
      h("p", {}, t("as_of_note")),
      h("code", {}, "techflow assess --store … --as-of YYYY-MM-DD --out …"),
    ),
    h("input", {
      id: "search",
      type: "search",
      placeholder: t("search"),
      "aria-label": t("search"),
      value: searchWords(),
      oninput: (event) => search(event.target.value),
      onkeydown: (event) => event.key === "Enter" && showFirms(),
    }),
    h(
      "button",
      {
        type: "button",
        class: "language",
        lang: other === "zh" ? "zh-CN" : "en",
        onclick: () => go({ ...read(), lang: other }),
      },
      other === "zh" ? "中文" : "EN",
    ),
  );
}

function showFirms() {
  if (read().firm) go({ at: "firms" });
  else document.getElementById("firms")?.scrollIntoView();
}

function home(event) {
  event.preventDefault();
  go({});
  scrollTo(0, 0);
}

function rail() {
  const links = SECTIONS.map(([id]) =>
    h(
      "a",
      {
        href: address({ at: id }),
        "data-section": id,
        onclick: () => read().at === id && scrollToSection(id),
      },
      t(`nav_${id}`),
    ),
  );
  return h("nav", { class: "rail", "aria-label": t("contents") }, links);
}

const scrollToSection = (id) => document.getElementById(id)?.scrollIntoView();

let shown;
function render() {
  const target = read();
  const key = JSON.stringify([target.firm, lang()]);
  if (key !== shown) draw(target);
  shown = key;
  if (target.firm) scrollTo(0, 0);
  else if (target.at) scrollToSection(target.at);
}

function draw(target) {
  stopCharts();
  document.documentElement.lang = lang() === "zh" ? "zh-CN" : "en";
  document.title = `Techflow ${day(book.run.as_of)}`;
  const body = target.firm
    ? h("div", { class: "body" }, firmPage(target.firm))
    : h(
        "div",
        { class: "body" },
        SECTIONS.map(([, section]) => section()),
      );
  page.replaceChildren(
    top(),
    book.synthetic ? h("p", { class: "synthetic", role: "note" }, t("synthetic")) : "",
    h("div", { class: "frame" }, rail(), body),
    h("footer", {}, t("footer", book.run.techflow ?? "")),
  );
  startCharts(page);
}

addEventListener("hashchange", () => {
  useLanguage();
  render();
});

openBook(document.getElementById("book").textContent).then(
  () => {
    useLanguage();
    render();
  },
  // Browsers before 2023 cannot unpack the figures.
  (error) =>
    page.replaceChildren(
      h("p", {}, "浏览器太旧，无法显示本页；请用新版浏览器打开，数字见同一文件夹的 assessment.xlsx。"),
      h(
        "p",
        {},
        "This browser is too old for the page; open it in a newer one, or see assessment.xlsx in the same folder.",
      ),
      h("p", {}, String(error)),
    ),
);
