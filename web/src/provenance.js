// Where a number comes from: opened by a click or the keyboard on the number itself.
import { book, column } from "./book.js";
import { dataTable, h, halfOf, own } from "./dom.js";
import { day, money, rate, share } from "./format.js";
import { lang, pick, t } from "./words.js";

const NEED = ["need_sales_share", "growth_min_ratio", "growth_max_ratio"];
const WEIGHTS = ["corporate_weight_ratio", "sme_weight_ratio", "small_weight_ratio"];
const INCOME = ["tax_rate", "discount_rate_pa", "revenue_sigma", "growth_sigma", "scale_years", "royalty_ranges"];
const PLEDGE = ["pledge.correlation", "pledge.confidence", "pledge.sale_cost_share"];
const TERMS = {
  royalty_share: ["royalty_ranges"],
  patent_value_low_cny: INCOME,
  patent_value_median_cny: INCOME,
  patent_value_high_cny: INCOME,
  pledge_cap_share: ["pledge.cap_share"],
  haircut_share: PLEDGE,
  loan_to_value_share: [...PLEDGE, "pledge.rate_pa", "pledge.cap_share"],
  pledge_value_cny: [...PLEDGE, "pledge.rate_pa", "pledge.cap_share"],
  need_lcy: NEED,
  limit_lcy: [...NEED, "pd_limit_bands", "expert_share"],
  el_rate_pa: ["lgd"],
  funding_rate_pa: ["funding_rate_pa"],
  cost_rate_pa: ["cost_rate_pa"],
  capital_rate_pa: ["hurdle_rate_pa", "capital_ratio", ...WEIGHTS],
  risk_weight_ratio: WEIGHTS,
  rate_pa: ["lgd", "funding_rate_pa", "cost_rate_pa", "hurdle_rate_pa", "capital_ratio", ...WEIGHTS],
};
// Of one firm only the terms that its own number rests on.
function termNames(name, firm) {
  return (TERMS[name] ?? []).filter(
    (term) =>
      !(firm && firm.verdict !== "expert" && term === "expert_share") &&
      !(firm?.need_basis === "turnover" && term === "need_sales_share") &&
      !(firm?.need_basis === "sales_share" && term.startsWith("growth_")),
  );
}
const FROM_CARD = ["pd", "grade", "score", "pd_basis", "reason_1_part"];

export const terms = () => [...(book.run.terms ?? []), ...(book.run.technology ?? [])];
export const cards = () => book.run.cards ?? [];
export function cardName(id) {
  const expert = book.run.expert?.card_id === id ? book.run.expert.label : null;
  return pick(cards().find((one) => one.card_id === id)?.recipe?.label ?? expert) ?? id ?? "—";
}

const KINDS = { utility_model: ["实用新型", "Utility model"], trademark: ["商标", "Trademark"] };
const kindWord = (name) =>
  pick(KINDS[name] ?? column("patent_value", "patent_kind").codes?.[name] ?? [name, name]);

function termValue(term) {
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
  const parts = (words) => words.join(lang() === "zh" ? "；" : "; ");
  if (term.name === "royalty_ranges")
    return parts(term.value.map(([zh, en, low, high]) => `${pick([zh, en])} ${share(low)}–${share(high)}`));
  if (term.value && typeof term.value === "object" && !Array.isArray(term.value))
    return parts(Object.entries(term.value).map(([name, value]) => `${kindWord(name)} ${show(value, units[0])}`));
  if (!Array.isArray(term.value)) return show(term.value, units[0]);
  return term.value
    .map((row) =>
      [row]
        .flat()
        .map((value, place) => show(value, units[place]))
        .join(" → "),
    )
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
  const button = h("button", { class: "num", type: "button", title: t("open_source", label) }, text);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    show(button, label, [...more, ...lines(name, table, firm)], termNames(name, firm));
  });
  return button;
}

function lines(name, table, firm) {
  const found = [];
  if (table === "assessment" && FROM_CARD.includes(name) && firm?.card_id) {
    found.push([t("card"), [cardName(firm.card_id), " ", h("code", {}, firm.card_id)]]);
    found.push([t("hash"), h("code", {}, firm.card_hash)]);
    if (firm.pd_basis)
      found.push([t("pd_kind"), pick(column("assessment", "pd_basis").codes[firm.pd_basis])]);
  }
  if (firm?.evidence_on) found.push([t("latest_evidence"), day(firm.evidence_on)]);
  found.push([t("column"), h("code", {}, `${table}.${name}`)]);
  found.push([t("as_of"), day(book.run.as_of)]);
  if (book.run.store)
    found.push([t("store"), [own(book.run.store.name), ` · ${t("version")} ${book.run.store.version}`]]);
  found.push([t("program"), `techflow ${book.run.techflow ?? "—"}`]);
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
    h(
      "dl",
      {},
      pairs.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value ?? "—")]),
    ),
    used.length ? h("ul", {}, used.map(termLine)) : null,
  );
  document.body.append(panel);
  panel.showPopover();
  place(anchor);
  panel.addEventListener("toggle", (event) => event.newState === "closed" && anchor.focus());
}

function termLine(term) {
  return h(
    "li",
    {},
    h("strong", {}, `${pick(term) ?? term.name} ${termValue(term)} `),
    mark(term.status),
    h("div", { class: "muted" }, own(halfOf(term.reference)), term.since ? ` · ${t("in_force_since")} ${day(term.since)}` : ""),
  );
}

// Below the number or above it, wherever there is more room; never over it.
const GAP = 8;
function place(anchor) {
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const [above, below] = [at.top - 2 * GAP, innerHeight - at.bottom - 2 * GAP];
  const under = below >= Math.min(size.height, above);
  const room = Math.max(120, under ? below : above);
  panel.style.maxHeight = `${room}px`;
  panel.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - size.width - GAP))}px`;
  panel.style.top = `${under ? at.bottom + GAP : Math.max(GAP, at.top - GAP - Math.min(size.height, room))}px`;
}

export function termTable(rows, options) {
  return dataTable(
    [
      { label: t("parameter"), cell: (term) => pick(term) ?? term.name },
      { label: t("value"), right: true, className: "term-value", cell: termValue },
      { label: t("status"), cell: (term) => mark(term.status) },
      { label: t("reference"), cell: (term) => own(halfOf(term.reference)) },
      { label: t("in_force_since"), className: "day", cell: (term) => day(term.since) },
    ],
    rows,
    options,
  );
}
