// Elements from data. Text goes in as text nodes only: no name or value from a file is ever
// read as markup.

import { lang } from "./words.js";

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return fill(element, children);
}

function fill(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child == null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(child));
  }
  return element;
}

// A table from column records {key, label, right, cell(row), value(row)}; on a narrow screen
// each row becomes a card whose lines carry the column's label.
export function dataTable(columns, rows, { caption, onrow, className } = {}) {
  const head = columns.map((column) =>
    h("th", { scope: "col", class: column.right ? "right" : null }, column.head ?? column.label),
  );
  const body = rows.map((row) => {
    const cells = columns.map((column) => {
      const value = column.cell(row);
      const empty = value == null || value === "" || value === "—";
      return h(
        "td",
        {
          class: [column.right && "right", empty && "empty", column.className].filter(Boolean).join(" "),
          "data-label": column.label,
        },
        empty ? "—" : value,
      );
    });
    return h("tr", onrow ? onrow(row) : {}, cells);
  });
  return h(
    "table",
    { class: ["rows", className].filter(Boolean).join(" ") },
    caption ? h("caption", {}, caption) : null,
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, body),
  );
}

// Of a pair such as "软件 / Software" the half in the page's language; anything else as it is.
const CJK = /[\u3400-\u9fff]/;
export function halfOf(text) {
  const [zh, en, more] = String(text ?? "").split(" / ");
  if (en == null || more != null || !CJK.test(zh) || CJK.test(en)) return text;
  return lang() === "zh" ? zh : en;
}
// A word of the data itself, the same in every language of the page.
export const own = (text) => h("span", { translate: "no" }, text);

// A horizontal bar inside a table cell: the table is the chart.
export function bar(share, { tone = "accent", label } = {}) {
  const width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
  return h(
    "span",
    { class: "bar", role: "img", "aria-label": label ?? width },
    h("span", { class: `bar-fill ${tone}`, style: { width } }),
  );
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
