// Technology flow of the book, and what its patents secure.
import { book, column, rowsOf } from "./book.js";
import { axis, emptyFigure, figure, ink } from "./charts.js";
import { dataTable, h, own } from "./dom.js";
import { money, plain, share } from "./format.js";
import { intervalOption } from "./intervals.js";
import { address } from "./route.js";
import { pick, t } from "./words.js";

const label = (name) => pick(column("technology", name));

export function technologyOfBook() {
  const found = book.figures.technology;
  if (!found?.levels) return null;
  const [sums] = rowsOf(found.sums);
  return h("div", { class: "panels" }, levelsFigure(rowsOf(found.levels), sums), valuesFigure(rowsOf(found.largest), sums));
}

function levelsFigure(all, sums) {
  const rows = all.filter((row) => row.flow_level != null);
  if (!rows.length) return emptyFigure(t("technology_none"), t("technology_none_what"));
  const most = rows.reduce((best, row) => (row.firms_n > best.firms_n ? row : best));
  const bare = all.find((row) => row.flow_level == null)?.firms_n ?? 0;
  return figure({
    title: t("technology_finding", plain(sums.scored_n), plain(sums.firms_n), most.flow_level, plain(most.firms_n)),
    subtitle: t("technology_subtitle"),
    height: 250,
    option: {
      grid: { left: 8, right: 12, top: 24, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: rows.map((row) => row.flow_level), ...axis() },
      yAxis: { type: "value", ...axis() },
      series: [
        {
          type: "bar",
          barCategoryGap: "25%",
          itemStyle: { color: ink("accent") },
          label: { show: true, position: "top", color: ink("ink"), formatter: (item) => plain(item.value) },
          data: rows.map((row) => ({ value: row.firms_n, lines: [`${row.flow_level} ${t("n_firms", plain(row.firms_n))}`] })),
        },
      ],
    },
    note: bare ? t("technology_no_level", plain(bare)) : null,
    table: dataTable(
      [
        { label: label("flow_level"), cell: (row) => row.flow_level },
        { label: t("firms"), right: true, cell: (row) => plain(row.firms_n) },
      ],
      rows,
    ),
  });
}

function valuesFigure(rows, sums) {
  if (!rows.length) return emptyFigure(t("values_none"), t("value_ask"));
  const word = (row) => row.name ?? row.firm_id;
  const { option, unit } = intervalOption(rows, word, { narrow: innerWidth < 600 });
  const amount = (name) => ({ label: label(name), right: true, cell: (row) => money(row[name], "CNY") });
  return figure({
    title: t("values_finding", plain(sums.pledged_n), money(sums.pledge_value_cny, "CNY")),
    subtitle: t("values_subtitle", rows.length, unit),
    height: rows.length * 26 + 40,
    option,
    note: t("values_note", plain(sums.valued_n)),
    table: dataTable(
      [
        {
          label: t("firm"),
          cell: (row) => h("a", { href: address({ firm: row.firm_id }) }, own(word(row))),
        },
        { label: label("flow_level"), cell: (row) => row.flow_level },
        amount("patent_value_low_cny"),
        amount("patent_value_median_cny"),
        amount("patent_value_high_cny"),
        amount("pledge_value_cny"),
        { label: label("loan_to_value_share"), right: true, cell: (row) => share(row.loan_to_value_share) },
      ],
      rows,
    ),
  });
}
