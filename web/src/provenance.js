// Where a number comes from: opened by a click or the keyboard on the number itself.
import { book, column } from "./book.js";
import { dataTable, h, own } from "./dom.js";
import { day, money, rate, share } from "./format.js";
import { lang, pick, t } from "./words.js";

const NEED = ["need_sales_share", "growth_min_ratio", "growth_max_ratio"];
const WEIGHTS = ["corporate_weight_ratio", "sme_weight_ratio", "small_weight_ratio"];
const TERMS = {
  need_lcy: NEED,
  limit_lcy: [...NEED, "pd_limit_bands", "expert_share"],
  el_rate_pa: ["lgd"],
  funding_rate_pa: ["funding_rate_pa"],
  cost_rate_pa: ["cost_rate_pa"],
  capital_rate_pa: ["hurdle_rate_pa", "capital_ratio", ...WEIGHTS],
  risk_weight_ratio: WEIGHTS,
  rate_pa: ["lgd", "funding_rate_pa", "cost_rate_pa", "hurdle_rate_pa", "capital_ratio", ...WEIGHTS],
};
const FROM_CARD = ["pd", "grade", "score", "pd_basis", "reason_1_part"];

export const terms = () => book.run.terms ?? [];
export const cards = () => book.run.cards ?? [];
export function cardName(id) {
  const expert = book.run.expert?.card_id === id ? book.run.expert.label : null;
  return pick(cards().find((one) => one.card_id === id)?.recipe?.label ?? expert) ?? id ?? "—";
}

export function termValue(term) {
  const show = (value, unit) =>
    unit === "share" || unit === "pd" || unit === "ratio"
      ? share(value)
      : unit === "cny"
        ? money(value, "CNY")
      : unit === "rate_pa"
        ? rate(value)
        : typeof value === "number"
          ? value.toLocaleString("en-US")
          : String(value);
  const units = (term.unit ?? "").split(", ");
  if (!Array.isArray(term.value)) return show(term.value, units[0]);
  return term.value
    .map((row) => [row].flat().map((value, place) => show(value, units[place])).join(" → "))
    .join(lang() === "zh" ? "；" : "; ");
}

export function mark(status) {
  return h("span", { class: `mark ${status}` }, t(`status_${status}`));
}

// A number that opens its source. `more` are extra [label, value] lines, most specific first.
export function openSource(text, pairs) {
  const button = h("button", { class: "num", type: "button", title: t("open_source", text) }, text);
  button.addEventListener("click", () => show(button, text, pairs));
  return button;
}

export function sourced(text, name, { firm, table = "assessment", more = [] } = {}) {
  const label = pick(column(table, name));
  const button = h(
    "button",
    { class: "num", type: "button", title: t("open_source", label) },
    text,
  );
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    show(button, label, [...more, ...lines(name, table, firm)], TERMS[name]);
  });
  return button;
}

function lines(name, table, firm) {
  const found = [];
  if (table === "assessment" && FROM_CARD.includes(name) && firm?.card_id) {
    found.push([t("card"), `${cardName(firm.card_id)} (${firm.card_id})`]);
    found.push([t("hash"), firm.card_hash]);
    if (firm.pd_basis) found.push([t("pd_kind"), pick(column("assessment", "pd_basis").codes[firm.pd_basis])]);
  }
  if (firm?.evidence_on) found.push([t("latest_evidence"), day(firm.evidence_on)]);
  found.push([t("column"), `${table}.${name}`]);
  found.push([t("as_of"), day(book.run.as_of)]);
  found.push([t("version"), `techflow ${book.run.techflow ?? "—"}`]);
  return found;
}

let panel;
function show(anchor, label, pairs, names = []) {
  panel?.remove();
  const used = terms().filter((term) => names.includes(term.name));
  panel = h(
    "div",
    { class: "source-panel", popover: "auto", role: "dialog", "aria-label": label },
    h("h3", {}, label),
    h("dl", {}, pairs.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value ?? "—")])),
    used.length ? termTable(used) : null,
  );
  document.body.append(panel);
  panel.showPopover();
  place(anchor);
  panel.addEventListener("toggle", (event) => event.newState === "closed" && anchor.focus());
}

function place(anchor) {
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left), innerWidth - size.width - 8);
  const below = at.bottom + 4 + size.height < innerHeight;
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - size.height - 4)}px`;
}

export function termTable(rows, options) {
  return dataTable(
    [
      { label: t("parameter"), cell: (term) => pick(term) ?? term.name },
      { label: t("value"), right: true, className: "term-value", cell: termValue },
      { label: t("status"), cell: (term) => mark(term.status) },
      { label: t("reference"), cell: (term) => own(term.reference) },
      { label: t("in_force_since"), className: "day", cell: (term) => day(term.since) },
    ],
    rows,
    options,
  );
}
