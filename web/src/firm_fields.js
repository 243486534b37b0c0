// Fields of the table of firms: which there are, what they are called, how a cell reads.
import { book, column } from "./book.js";
import { h, halfOf, own } from "./dom.js";
import { day, displayName, inUnit, money, moneyScale, plain, rate, scaled, share } from "./format.js";
import { gradeBadge, verdictWord } from "./grades.js";
import { regionName } from "./places.js";
import { cardName } from "./provenance.js";
import { lang, pick, t } from "./words.js";

export const valueWord = (name, value) => {
  if (value == null) return t("unknown");
  if (name === "country") return displayName("region", value);
  if (name === "region_code") return regionName(value);
  if (name === "sector") return halfOf(value);
  if (name === "card_id") return cardName(value);
  return inUnit(value, column("assessment", name));
};

export const FIELDS = [
  "verdict",
  "grade",
  "pd",
  "limit_lcy",
  "rate_pa",
  "country",
  "region_code",
  "city",
  "sector",
  "industry_code",
  "life_stage",
  "score",
  "need_lcy",
  "debt_outstanding_lcy",
  "evidence_on",
  "reason",
];
export const RIGHT = new Set([
  "pd",
  "limit_lcy",
  "rate_pa",
  "score",
  "need_lcy",
  "debt_outstanding_lcy",
  "evidence_on",
]);
export const OWN = new Set(["sector", "city"]);
const isMoney = (name) => name.endsWith("_lcy");
export const present = (name) => name === "reason" || book.firms[name]?.some((value) => value != null);

// The sentence where the page has the firm's details, else the feature and its direction.
export function reasonOf(row) {
  const { assessment } = book.details;
  const text = assessment[`reason_1_${lang()}`]?.[row] ?? assessment[`missing_${lang()}`]?.[row];
  const feature = book.firms.reason_1_feature[row];
  if (text != null || feature == null) return text;
  return t(
    book.firms.reason_1_part[row] > 0 ? "feature_raises" : "feature_lowers",
    pick(column("profile", feature)),
  );
}

let scales = {};
export function setScales() {
  scales = {};
  const [only, more] = book.currencies;
  if (!only || more) return;
  for (const name of FIELDS.filter(isMoney))
    if (present(name)) scales[name] = moneyScale(book.firms[name], only);
}

export function label(name) {
  if (name === "reason") return t("main_reason");
  const word = pick(column("assessment", name));
  return scales[name] ? t("label_unit", word, scales[name].unit) : word;
}

export function cell(name, row) {
  const value = name === "reason" ? reasonOf(row) : book.firms[name][row];
  if (value == null) return "—";
  if (name === "grade") return gradeBadge(value);
  if (OWN.has(name)) return own(halfOf(value));
  if (name === "verdict") return h("span", { class: `verdict ${value}` }, pick(verdictWord(value)));
  if (name === "pd") return h("span", { title: `${+(value * 100).toPrecision(4)}%` }, share(value));
  if (name === "rate_pa") return rate(value);
  if (isMoney(name))
    return scales[name] ? scaled(value, scales[name]) : money(value, book.firms.currency[row]);
  if (name === "evidence_on") return day(value);
  if (name === "score") return plain(value, 1);
  if (name === "reason") return h("span", { class: "clamp", title: value }, value);
  return valueWord(name, value);
}
