// What a firm's record rests on: monthly sales, statements, patents.
import { book, column, detailRows } from "./book.js";
import { axis, figure, ink } from "./charts.js";
import { dataTable, h, own } from "./dom.js";
import { day, inUnit, money, moneyScale, plain, scaled, share } from "./format.js";
import { openSource } from "./provenance.js";
import { pick, t } from "./words.js";

const label = (name, table) => pick(column(table, name));

// Every month from the first on record to the as-of date: a month without an invoice sold nothing.
const MONTHS_MAX = 36;
function everyMonth(rows) {
  const known = new Map(rows.map((row) => [day(row.month_on), row]));
  const [last, months] = [day(book.run.as_of), []];
  const at = new Date(`${day(rows[0].month_on)}T00:00:00Z`);
  for (; at.toISOString().slice(0, 10) <= last; at.setUTCMonth(at.getUTCMonth() + 1)) {
    const month_on = at.toISOString().slice(0, 10);
    months.push(known.get(month_on) ?? { month_on, sales_lcy: 0, purchases_lcy: 0 });
  }
  return months.slice(-MONTHS_MAX);
}

function empty(title, what) {
  return h("section", { class: "panel wide" }, h("h3", {}, title), h("p", { class: "note" }, what));
}

export function monthsFigure(firm, profile) {
  const every = detailRows("series", firm.firm_id);
  if (!every.length) return empty(t("months_none"), t("months_none_what"));
  const { currency = firm.currency } = every.at(-1);
  const rows = everyMonth(every.filter((row) => row.currency === currency));
  const scale = moneyScale(
    rows.flatMap((row) => [row.sales_lcy, row.purchases_lcy]),
    currency,
  );
  const { sales_12m_lcy: sold, sales_growth_ratio: growth } = profile;
  const of = (row, name) => ({
    value: row[name] == null ? null : row[name] / scale.step,
    lines: [day(row.month_on).slice(0, 7), `${label(name, "invoice_month")} ${money(row[name], currency)}`],
  });
  const end = (name) => ({
    show: true,
    formatter: label(name, "invoice_month"),
    color: ink("ink"),
    fontSize: 12,
    distance: 14,
  });
  return h(
    "div",
    { class: "wide" },
    figure({
      title:
        growth == null
          ? t("months_finding", money(sold, currency), Math.min(12, rows.length))
          : t(growth >= 0 ? "months_more" : "months_less", money(sold, currency), share(Math.abs(growth))),
      subtitle: t("months_subtitle", scale.unit, rows.length),
      height: 220,
      option: {
        grid: { left: 8, right: 88, top: 12, bottom: 4, containLabel: true },
        tooltip: undefined,
        xAxis: { type: "category", data: rows.map((row) => day(row.month_on).slice(0, 7)), ...axis() },
        yAxis: { type: "value", ...axis() },
        series: [
          {
            type: "bar",
            name: "sales",
            data: rows.map((row) => of(row, "sales_lcy")),
            itemStyle: { color: ink("accent") },
            barCategoryGap: "20%",
          },
          {
            type: "line",
            data: rows.map((row) => of(row, "purchases_lcy")),
            color: ink("series-2"),
            symbol: "circle",
            symbolSize: 4,
            endLabel: end("purchases_lcy"),
          },
        ],
      },
      table: dataTable(
        ["month_on", "sales_lcy", "purchases_lcy"].map((name) => ({
          label: label(name, "invoice_month"),
          right: name !== "month_on",
          cell: (row) => (name === "month_on" ? day(row.month_on).slice(0, 7) : scaled(row[name], scale)),
        })),
        [...rows].reverse(),
      ),
    }),
  );
}

const ITEMS = [
  "revenue_lcy",
  "cost_lcy",
  "operating_income_lcy",
  "pretax_income_lcy",
  "net_income_lcy",
  "rnd_expense_lcy",
  "operating_cash_flow_lcy",
  "total_assets_lcy",
  "current_assets_lcy",
  "cash_lcy",
  "receivables_lcy",
  "inventory_lcy",
  "total_liabilities_lcy",
  "current_liabilities_lcy",
  "debt_lcy",
  "retained_earnings_lcy",
  "total_equity_lcy",
];

// The years on the basis that the verdict used; a firm may change its currency between years.
export function statementsPanel(firm) {
  const every = detailRows("statements", firm.firm_id);
  if (!every.length) return empty(t("statements_none"), t("statements_none_what"));
  const { statement_basis: basis = every.at(-1).basis } = detailRows("profile", firm.firm_id)[0] ?? {};
  const rows = every.filter((row) => row.basis === basis || basis == null);
  const latest = rows.at(-1);
  const items = ITEMS.filter((name) => rows.some((row) => row[name] != null));
  const one = rows.every((row) => row.currency === latest.currency);
  const values = rows.flatMap((row) => items.map((name) => row[name]));
  const scale = one ? moneyScale(values, latest.currency ?? firm.currency) : null;
  const word = basis ? inUnit(basis, column("statement", "basis")) : "";
  return h(
    "section",
    { class: "panel wide" },
    h("h3", {}, statementsFinding(latest, firm)),
    h("p", { class: "subtitle" }, [t("statements_subtitle"), word, scale?.unit].filter(Boolean).join(" · ")),
    dataTable(
      [
        { label: t("item"), cell: (name) => label(name, "statement") },
        ...rows.map((row) => ({
          label: day(row.period_end_on),
          head: openSource(day(row.period_end_on), statementSource(row)),
          right: true,
          cell: (name) => (scale ? scaled(row[name], scale) : money(row[name], row.currency)),
        })),
      ],
      items,
    ),
  );
}

function statementsFinding(row, firm) {
  const on = day(row.period_end_on);
  if (row.net_income_lcy == null) return t("statements_finding_bare", on);
  const amount = money(Math.abs(row.net_income_lcy), row.currency ?? firm.currency);
  return t(row.net_income_lcy < 0 ? "statements_loss" : "statements_profit", on, amount);
}

function statementSource(row) {
  return ["period_end_on", "basis", "currency", "source_id", "source_row_n", "known_at", "loaded_at"]
    .filter((name) => row[name] != null)
    .map((name) => [label(name, "statement"), inUnit(row[name], column("statement", name))]);
}

const CODES_N = 4;
function patentCell(row, name) {
  if (row[name] == null) return null;
  if (name === "title") return own(row.title);
  if (name !== "ipc" && name !== "cpc") return inUnit(row[name], column("patent", name));
  const codes = row[name].split(/;\s*/);
  return codes.slice(0, CODES_N).join(" ") + (codes.length > CODES_N ? " …" : "");
}

export function patentsPanel(firm) {
  const rows = detailRows("patents", firm.firm_id).reverse();
  if (!rows.length) return empty(t("patents_none"), t("patents_none_what"));
  const all = detailRows("profile", firm.firm_id)[0]?.patents_n ?? rows.length;
  const names = ["patent_id", "patent_kind", "title", "filed_on", "granted_on", "ipc", "cpc", "claims_n"];
  return h(
    "section",
    { class: "panel wide" },
    h("h3", {}, t("patents_finding", plain(all), day(rows[0].filed_on))),
    h(
      "p",
      { class: "subtitle" },
      all > rows.length ? t("patents_subtitle", rows.length) : t("patents_subtitle_all"),
    ),
    dataTable(
      names
        .filter((name) => rows.some((row) => row[name] != null))
        .map((name) => ({
          label: label(name, "patent"),
          right: name === "claims_n",
          className: name.endsWith("_on") ? "day" : null,
          cell: (row) => patentCell(row, name),
        })),
      rows,
    ),
  );
}
