// Every known feature of a firm, by the table it comes from.
import { book, column } from "./book.js";
import { h } from "./dom.js";
import { inUnit } from "./format.js";
import { sourced } from "./provenance.js";
import { lang, pick, t } from "./words.js";

const CURRENCIES = {
  invoice: "trade_currency",
  statement: "statement_currency",
  funding_round: "funding_currency",
  loan: "loan_currency",
};
const featureColumn = (name) =>
  name === "statement_basis" ? column("statement", "basis") : column("profile", name);

export function features(firm, profile) {
  const groups = book.dictionary.features.map(([table, columns]) => {
    const names = columns.filter((name) => !name.endsWith("_currency"));
    const known = names.filter((name) => profile[name] != null);
    return { table, source: pick(book.dictionary.tables[table]), n: names.length, known };
  });
  const count = (of) => groups.reduce((sum, group) => sum + of(group), 0);
  const absent = groups.filter((group) => !group.known.length).map((group) => group.source);
  return h(
    "section",
    { class: "panel wide" },
    h(
      "h3",
      {},
      t(
        "features_finding",
        count((group) => group.known.length),
        count((group) => group.n),
      ),
    ),
    h("p", { class: "subtitle" }, t("features_subtitle")),
    h(
      "div",
      { class: "feature-groups" },
      groups.filter((group) => group.known.length).map((group) => groupList(group, firm, profile)),
    ),
    absent.length
      ? h("p", { class: "note" }, t("features_absent", absent.join(lang() === "zh" ? "、" : ", ")))
      : null,
  );
}

function groupList({ table, source, known }, firm, profile) {
  const currency = profile[CURRENCIES[table]] ?? firm.currency;
  const value = (name) =>
    sourced(inUnit(profile[name], featureColumn(name), currency), name, {
      firm,
      table: "profile",
      more: [[t("from_table"), source]],
    });
  return h(
    "div",
    {},
    h("h4", {}, source),
    h(
      "dl",
      {},
      known.map((name) => h("div", {}, h("dt", {}, pick(column("profile", name))), h("dd", {}, value(name)))),
    ),
  );
}
