// What a firm's record rests on: monthly sales, statements, patents.
import { column, detailRows } from "./book.js";
import { axis, figure, ink } from "./charts.js";
import { dataTable, h, own } from "./dom.js";
import { day, inUnit, money, moneyScale, plain, scaled, share } from "./format.js";
import { openSource } from "./provenance.js";
import { pick, t } from "./words.js";

const label = (name, table) => pick(column(table, name));
const sum = (rows, name) => rows.reduce((all, row) => all + (row[name] ?? 0), 0);

function empty(title, what) {
  return h("section", { class: "panel wide" }, h("h3", {}, title), h("p", { class: "note" }, what));
}

export function monthsFigure(firm) {
  const rows = detailRows("series", firm.firm_id);
  if (!rows.length) return empty(t("months_none"), t("months_none_what"));
  const currency = rows[0].currency ?? firm.currency;
  const scale = moneyScale(
    rows.flatMap((row) => [row.sales_lcy, row.purchases_lcy]),
    currency,
  );
  const last = sum(rows.slice(-12), "sales_lcy");
  const before = rows.length >= 24 ? sum(rows.slice(-24, -12), "sales_lcy") : null;
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
      title: before
        ? t(
            last >= before ? "months_more" : "months_less",
            money(last, currency),
            share(Math.abs(last / before - 1)),
          )
        : t("months_finding", money(last, currency), Math.min(12, rows.length)),
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

export function statementsPanel(firm) {
  const rows = detailRows("statements", firm.firm_id);
  if (!rows.length) return empty(t("statements_none"), t("statements_none_what"));
  const items = ITEMS.filter((name) => rows.some((row) => row[name] != null));
  const currency = rows[rows.length - 1].currency ?? firm.currency;
  const scale = moneyScale(
    rows.flatMap((row) => items.map((name) => row[name])),
    currency,
  );
  const latest = rows[rows.length - 1];
  const loss = latest.net_income_lcy < 0;
  return h(
    "section",
    { class: "panel wide" },
    h(
      "h3",
      {},
      latest.net_income_lcy == null
        ? t("statements_finding_bare", day(latest.period_end_on))
        : t(
            loss ? "statements_loss" : "statements_profit",
            day(latest.period_end_on),
            money(Math.abs(latest.net_income_lcy), currency),
          ),
    ),
    h("p", { class: "subtitle" }, t("statements_subtitle", scale.unit)),
    dataTable(
      [
        { label: t("item"), cell: (name) => label(name, "statement") },
        ...rows.map((row) => ({
          label: day(row.period_end_on),
          head: openSource(
            `${day(row.period_end_on)} ${row.basis ? inUnit(row.basis, column("statement", "basis")) : ""}`,
            ["period_end_on", "basis", "source_id", "source_row_n", "known_at", "loaded_at"]
              .filter((name) => row[name] != null)
              .map((name) => [label(name, "statement"), inUnit(row[name], column("statement", name))]),
          ),
          right: true,
          cell: (name) => scaled(row[name], scale),
        })),
      ],
      items,
    ),
  );
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
          cell: (row) =>
            row[name] == null
              ? null
              : name === "title"
                ? own(row[name])
                : inUnit(row[name], column("patent", name)),
        })),
      rows,
    ),
  );
}
