// Technology flow of one firm, what its patents are worth and what a bank may lend on them.
import { column, detailRows } from "./book.js";
import { axis, figure, ink } from "./charts.js";
import { dataTable, h } from "./dom.js";
import { inUnit, money, plain, share } from "./format.js";
import { intervalOption } from "./intervals.js";
import { sourced } from "./provenance.js";
import { lang, pick, t } from "./words.js";

const label = (name) => pick(column("technology", name));
const DIMENSIONS = ["input", "output", "breadth", "team", "recognition", "conversion", "control"];
const REASON_TERMS = ["haircut_share", "loan_to_value_share", "pledge_cap_share"];

export function technologyPanels(firm) {
  const [row] = detailRows("technology", firm.firm_id);
  if (!row) return null;
  return h("div", { class: "panels" }, flowPanel(row, firm), valuePanel(row, firm));
}

const items = (row, kind) => (row[`flow_${kind}_${lang()}`] ?? "").split(/[;；]\s*/).filter(Boolean);

function flowPanel(row, firm) {
  const parts = DIMENSIONS.map((name) => ({ name, points: row[`flow_${name}_points`] }));
  const listed = [
    ["strengths", items(row, "strong")],
    ["weaknesses", items(row, "weak")],
    ["not_known", items(row, "missing")],
  ].filter(([, found]) => found.length);
  const words = h(
    "dl",
    { class: "found" },
    listed.map(([kind, found]) => h("div", {}, h("dt", {}, t(kind)), h("dd", {}, found.join(lang() === "zh" ? "、" : ", ")))),
  );
  if (row.flow_score == null)
    return h(
      "section",
      { class: "panel" },
      h("h3", {}, t("flow_title_none", share(row.flow_known_share))),
      words,
    );
  return h(
    "section",
    { class: "panel" },
    figure({
      title: t("flow_title", row.flow_level, plain(row.flow_score, 1), share(row.flow_known_share)),
      subtitle: t("flow_subtitle", plain(row.flow_score_min, 0), plain(row.flow_score_max, 0)),
      height: 230,
      option: dimensionsOption(parts),
      note: row.flow_peer_rank_share == null ? null : t("flow_peers", share(row.flow_peer_rank_share), plain(row.flow_peers_n - 1)),
      table: dataTable(
        [
          { label: t("dimension"), cell: (part) => label(`flow_${part.name}_points`) },
          {
            label: t("points"),
            right: true,
            cell: (part) =>
              part.points == null
                ? t("unknown")
                : sourced(plain(part.points, 1), `flow_${part.name}_points`, { firm, table: "technology" }),
          },
        ],
        parts,
      ),
    }),
    words,
  );
}

function dimensionsOption(parts) {
  const known = (part) => part.points != null;
  return {
    grid: { left: 8, right: 40, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", ...axis(), axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: {
      type: "category",
      inverse: true,
      data: parts.map((part) => label(`flow_${part.name}_points`)),
      ...axis(),
      axisLabel: { ...axis().axisLabel, color: ink("ink") },
    },
    series: [
      {
        type: "bar",
        barWidth: 14,
        itemStyle: { color: ink("accent") },
        label: {
          show: true,
          position: "right",
          color: ink("ink"),
          formatter: (item) => (known(parts[item.dataIndex]) ? plain(parts[item.dataIndex].points, 1) : t("unknown")),
        },
        data: parts.map((part) => ({
          value: part.points ?? 0,
          lines: [`${label(`flow_${part.name}_points`)} ${known(part) ? plain(part.points, 1) : t("unknown")}`],
        })),
      },
    ],
  };
}

function valuePanel(row, firm) {
  const number = (name) => sourced(inUnit(row[name], column("technology", name)), name, { firm, table: "technology" });
  const table = dataTable(
    [
      { label: t("item"), cell: (name) => label(name) },
      { label: t("value"), right: true, cell: (name) => (row[name] == null ? null : number(name)) },
    ],
    valueRows(row),
    { className: "plain" },
  );
  const why = row.pledge_reason_code && inUnit(row.pledge_reason_code, column("technology", "pledge_reason_code"));
  if (row.patent_value_median_cny == null) {
    const reason = inUnit(row.patent_value_reason_code, column("technology", "patent_value_reason_code"));
    return h(
      "section",
      { class: "panel" },
      h("h3", {}, t("value_title_none", reason)),
      row.patents_in_force_n ? h("p", { class: "note" }, t("value_ask")) : null,
      table,
    );
  }
  const median = money(row.patent_value_median_cny, "CNY");
  const lent = row.pledge_value_cny > 0;
  const { option, unit } = intervalOption([row], () => t("value_of_patents"), { narrow: innerWidth < 600 });
  return h(
    "section",
    { class: "panel" },
    figure({
      title: lent ? t("value_title", median, money(row.pledge_value_cny, "CNY")) : t("value_title_bare", median),
      subtitle: t(
        "value_subtitle",
        money(row.patent_value_low_cny, "CNY"),
        money(row.patent_value_high_cny, "CNY"),
        plain(row.patents_in_force_n),
        unit,
      ),
      height: 90,
      option,
      note: why,
    }),
    table,
  );
}

const valueRows = (row) =>
  [
    ...["technology_revenue_cny", "royalty_share", "royalty_basis", "patents_in_force_n"],
    ...["patent_value_low_cny", "patent_value_median_cny", "patent_value_high_cny"],
    ...["largest_patent_share", ...REASON_TERMS, "pledge_value_cny"],
  ].filter((name) => row[name] != null);
