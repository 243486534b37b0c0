// The table of firms: search, filters, sorting, pages, choice of columns, export.
import { book, column } from "./book.js";
import { download, h, own } from "./dom.js";
import { FIELDS, OWN, RIGHT, cell, label, present, reasonOf, setScales, valueWord } from "./firm_fields.js";
import { csvCell, day, plain } from "./format.js";
import { VERDICTS, gradeNames } from "./grades.js";
import { go } from "./route.js";
import { lang, pick, t } from "./words.js";

const PRINT_ROWS = 200;
let pageRows = innerWidth < 860 ? 20 : 50;
const TEXT = new Intl.Collator("zh-Hans-CN", { numeric: true });
const state = {
  words: "",
  filters: {},
  sort: ["limit_lcy", -1],
  page: 0,
  hidden: new Set([
    "industry_code",
    "country",
    "region_code",
    "city",
    "score",
    "need_lcy",
    "debt_outstanding_lcy",
  ]),
};
let order = [];

const FILTERS = ["verdict", "grade", "card_id", "country", "region_code", "sector", "life_stage", "currency"];
// Rows that pass search and filters, in the order asked for.
function arrange() {
  const { firms } = book;
  const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
  const active = Object.entries(state.filters).filter(([, value]) => value !== "");
  const rows = [];
  for (let row = 0; row < book.n; row += 1) {
    if (active.some(([name, value]) => (firms[name][row] ?? "?") !== value)) continue;
    if (words.length) {
      const text =
        `${firms.firm_id[row]} ${firms.name?.[row] ?? ""} ${firms.sector?.[row] ?? ""} ${firms.card_id?.[row] ?? ""}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
    }
    rows.push(row);
  }
  const [name, sign] = state.sort;
  const key = name === "reason" ? (row) => reasonOf(row) : (row) => firms[name][row];
  const grades = new Map(gradeNames().map((grade, place) => [grade, place]));
  const of = name === "grade" ? (row) => grades.get(key(row)) : key;
  rows.sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x == null || y == null) return (x == null) - (y == null) || a - b;
    return (typeof x === "number" ? x - y : TEXT.compare(x, y)) * sign || a - b;
  });
  return rows;
}

export function openFirms(filters) {
  state.filters = { ...filters };
  state.words = "";
  state.page = 0;
  document.querySelectorAll("select[data-filter]").forEach((select) => {
    select.value = state.filters[select.dataset.filter] ?? "";
  });
  redraw();
  go({ at: "firms" });
  document.getElementById("firms")?.scrollIntoView();
}

export const searchWords = () => state.words;
let redraw = () => {};
export function search(words) {
  state.words = words;
  state.page = 0;
  redraw();
}

export function neighbours(id) {
  if (!order.length) order = arrange();
  const place = order.findIndex((row) => book.firms.firm_id[row] === id);
  const at = (step) => (place < 0 ? null : (book.firms.firm_id[order[place + step]] ?? null));
  return { before: at(-1), after: at(1), place: place + 1, n: order.length };
}

export function firmsSection() {
  setScales();
  const body = h("div", { class: "firm-rows" });
  redraw = () => draw(body);
  draw(body);
  return h(
    "section",
    { id: "firms" },
    h("h2", {}, t("firms_title")),
    book.n < book.firms_n
      ? h("p", { class: "note warn-note" }, t("rows_cut", plain(book.n), plain(book.firms_n)))
      : null,
    book.details.firms_n < book.firms_n
      ? h("p", { class: "note" }, t("details_cut", plain(book.details.firms_n), plain(book.firms_n)))
      : null,
    filterBar(),
    body,
  );
}

function filterBar() {
  const selects = FILTERS.filter((name) => distinct(name).filter((value) => value !== "?").length > 1).map(
    (name) => {
      const options = distinct(name).map((value) =>
        h(
          "option",
          { value, selected: state.filters[name] === value, translate: OWN.has(name) ? "no" : null },
          value === "?" ? t("unknown") : valueWord(name, value),
        ),
      );
      return h(
        "label",
        {},
        h("span", {}, pick(column("assessment", name))),
        h(
          "select",
          {
            "data-filter": name,
            onchange: (event) => {
              state.filters[name] = event.target.value;
              state.page = 0;
              redraw();
            },
          },
          h("option", { value: "" }, t("all")),
          options,
        ),
      );
    },
  );
  return h("div", { class: "filters" }, selects);
}

const kept = {};
function distinct(name) {
  const order = { verdict: VERDICTS, grade: gradeNames() }[name];
  kept[name] ??= [...new Set(book.firms[name].map((value) => value ?? "?"))];
  return kept[name].sort((a, b) => (order ? order.indexOf(a) - order.indexOf(b) : TEXT.compare(a, b)));
}

function draw(body) {
  order = arrange();
  const pages = Math.max(1, Math.ceil(order.length / pageRows));
  state.page = Math.min(state.page, pages - 1);
  const shown = FIELDS.filter((name) => present(name) && !state.hidden.has(name));
  body.replaceChildren(
    toolbar(pages),
    order.length ? table(shown) : h("p", { class: "empty-state" }, t("no_firm_fits"), " ", clearButton()),
    order.length > PRINT_ROWS
      ? h("p", { class: "note print-only" }, t("print_cut", PRINT_ROWS, plain(order.length)))
      : "",
  );
}

function clearButton() {
  const clear = () => {
    state.filters = {};
    state.words = "";
    document.querySelectorAll("select[data-filter]").forEach((select) => (select.value = ""));
    const input = document.querySelector("#search");
    if (input) input.value = "";
    redraw();
  };
  return h("button", { type: "button", class: "link", onclick: clear }, t("clear_filters"));
}

function toolbar(pages) {
  const turn = (step) => () => {
    state.page += step;
    redraw();
  };
  const filtered = order.length < book.n;
  return h(
    "div",
    { class: "toolbar" },
    h(
      "strong",
      { "aria-live": "polite", id: "firm-count" },
      t("n_of_firms", plain(order.length), plain(book.n)),
    ),
    filtered ? clearButton() : null,
    h("span", { class: "grow" }),
    h("button", { type: "button", disabled: state.page === 0, onclick: turn(-1) }, t("page_before")),
    h("span", { class: "page-count" }, t("page_of", state.page + 1, pages)),
    h("button", { type: "button", disabled: state.page >= pages - 1, onclick: turn(1) }, t("page_after")),
    columnChoice(),
    h("button", { type: "button", id: "export", onclick: exportRows }, t("export_csv", plain(order.length))),
  );
}

function columnChoice() {
  const boxes = FIELDS.filter(present).map((name) =>
    h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        checked: !state.hidden.has(name),
        onchange: (event) => {
          state.hidden[event.target.checked ? "delete" : "add"](name);
          redraw();
          document.querySelector(".column-choice").open = true;
        },
      }),
      label(name),
    ),
  );
  return h("details", { class: "column-choice" }, h("summary", {}, t("columns")), h("div", {}, boxes));
}

function sortHead(name) {
  const [current, sign] = state.sort;
  const sorted = current === name;
  const turn = () => {
    state.sort = [name, sorted ? -sign : RIGHT.has(name) ? -1 : 1];
    redraw();
    document.querySelector(`button[data-sort="${name}"]`)?.focus();
  };
  return h(
    "th",
    {
      scope: "col",
      class: `${RIGHT.has(name) ? "right" : ""} f-${name}`,
      "aria-sort": sorted ? (sign > 0 ? "ascending" : "descending") : null,
    },
    before
      ? label(name)
      : h(
          "button",
          { type: "button", class: "sort", "data-sort": name, onclick: turn },
          label(name),
          h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (sign > 0 ? " ↑" : " ↓") : ""),
        ),
  );
}

function table(shown) {
  const rows = order.slice(state.page * pageRows, (state.page + 1) * pageRows);
  return h(
    "table",
    { class: "rows firm-table" },
    h("thead", {}, h("tr", {}, sortHead("name"), shown.map(sortHead))),
    h(
      "tbody",
      {},
      rows.map((row) => firmRow(row, shown)),
    ),
  );
}

function firmRow(row, shown) {
  const id = book.firms.firm_id[row];
  const cells = shown.map((name) =>
    h(
      "td",
      { class: `${RIGHT.has(name) ? "right" : ""} f-${name}`, "data-label": label(name) },
      cell(name, row),
    ),
  );
  return h(
    "tr",
    { onclick: (event) => event.target.closest("a,button") || go({ firm: id }) },
    h(
      "td",
      { class: "firm-name" },
      h("a", { href: `#firm=${encodeURIComponent(id)}&lang=${lang()}` }, own(book.firms.name?.[row] ?? id)),
      book.firms.name?.[row] ? h("span", { class: "id", translate: "no" }, id) : null,
    ),
    cells,
  );
}

function exportRows() {
  const names = Object.keys(book.firms);
  const lines = [names, ...order.map((row) => names.map((name) => book.firms[name][row]))];
  const text = lines.map((line) => line.map(csvCell).join(",")).join("\r\n");
  download(`techflow-firms-${day(book.run.as_of)}.csv`, `\ufeff${text}\r\n`);
}

// On paper there is no next page to click, and a repeated table head shows no buttons.
let before;
addEventListener("beforeprint", () => {
  before = [pageRows, state.page];
  [pageRows, state.page] = [PRINT_ROWS, 0];
  redraw();
});
addEventListener("afterprint", () => {
  [pageRows, state.page] = before;
  before = null;
  redraw();
});
