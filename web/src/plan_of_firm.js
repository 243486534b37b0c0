// The cheapest plan for what a firm needs money for, or what to ask it for.
import { column, detailRows } from "./book.js";
import { h } from "./dom.js";
import { inUnit, rate } from "./format.js";
import { sourced } from "./provenance.js";
import { lang, t } from "./words.js";

// Lines of a heading are indented below it.
function blocks(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const item = line.trimStart();
    if (item.length === line.length || !found.length) found.push({ head: item, items: [] });
    else found.at(-1).items.push([item, line.length - item.length > 2]);
  }
  return found.map(({ head, items }) =>
    items.length
      ? [h("h4", {}, head), h("ul", { class: "wanted" }, items.map(([item, below]) => h("li", below ? { style: { marginLeft: "1.2em" } } : {}, item)))]
      : h("p", { class: "note" }, head),
  );
}

export function planPanel(firm) {
  const [row] = detailRows("plan", firm.firm_id);
  if (!row) return null;
  const number = (name, text) => sourced(text, name, { firm, table: "plan" });
  const title =
    row.plan_status_code === "planned"
      ? [t("plan_finding"), number("plan_rate_pa", rate(row.plan_rate_pa))]
      : t("plan_none", inUnit(row.plan_status_code, column("plan", "plan_status_code")));
  return h(
    "section",
    { class: "panel wide plan" },
    h("h3", {}, title),
    blocks(row[`plan_${lang()}`]),
    row.plan_status_code === "planned" ? h("p", { class: "note" }, t("plan_note")) : null,
  );
}
