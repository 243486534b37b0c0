// What the book is made of: grades, the features that move it, where it is concentrated.
import { book, column, rowsOf } from "./book.js";
import { axis, figure, ink } from "./charts.js";
import { bar, dataTable, h, halfOf, own } from "./dom.js";
import { valueWord } from "./firm_fields.js";
import { openFirms } from "./firms.js";
import { money, plain, rate, share } from "./format.js";
import { gradeBadge, verdictWord } from "./grades.js";
import { cardName } from "./provenance.js";
import { address } from "./route.js";
import { lang, pick, t } from "./words.js";

const assessed = (name) => pick(column("assessment", name));

export function gradesSection() {
  const rows = rowsOf(book.figures.grades);
  return h(
    "section",
    { id: "grades" },
    h("h2", {}, t("grades_title")),
    h("p", { class: "subtitle" }, t("grades_table_subtitle")),
    rows.length
      ? dataTable(
          [
            { label: assessed("grade"), cell: (row) => gradeBadge(row.grade) },
            { label: assessed("verdict"), cell: (row) => pick(verdictWord(row.verdict)) },
            {
              label: t("firms"),
              right: true,
              cell: (row) => filterLink(plain(row.firms_n), { grade: row.grade, verdict: row.verdict }),
            },
            { label: t("pd_mean"), right: true, cell: (row) => share(row.pd) },
            {
              label: t("pd_range"),
              right: true,
              cell: (row) => (row.pd == null ? null : `${share(row.pd_min)} – ${share(row.pd_max)}`),
            },
            { label: assessed("limit_lcy"), right: true, cell: (row) => money(row.limit_lcy, row.currency) },
            { label: t("median_rate"), right: true, cell: (row) => rate(row.rate_pa) },
          ],
          rows,
        )
      : h("p", { class: "empty-state" }, t("grades_none_what")),
    lowDefault(),
  );
}

function lowDefault() {
  const found = book.run.low_default;
  if (!found?.pd) return null;
  return h(
    "p",
    { class: "note" },
    t(
      "low_default_note",
      share(found.pd),
      plain(found.loans_n),
      plain(found.defaults_n),
      share(found.confidence),
    ),
  );
}

function filterLink(text, filters) {
  return h(
    "button",
    { type: "button", class: "link", title: t("show_these"), onclick: () => openFirms(filters) },
    text,
  );
}

const FEATURES_N = 12;
export function reasonsSection() {
  const rows = rowsOf(book.figures.reasons);
  const cards = [...new Set(rows.map((row) => row.card_id))];
  return h(
    "section",
    { id: "reasons" },
    h("h2", {}, t("reasons_title")),
    cards.length
      ? cards.map((card) =>
          reasonsFigure(
            card,
            rows.filter((row) => row.card_id === card),
          ),
        )
      : h("p", { class: "empty-state" }, t("reasons_empty")),
  );
}

function reasonsFigure(card, all) {
  const rows = all.slice(0, FEATURES_N);
  const name = (row) => pick(column("profile", row.feature));
  const upward = (row) => t("raises_for", share(row.raises_n / row.firms_n));
  const series = (key, colour) => ({
    type: "bar",
    stack: "part",
    barWidth: 12,
    itemStyle: { color: ink(colour) },
    data: rows.map((row) => ({
      value: row[key],
      lines: [
        name(row),
        `${t(key)} ${row[key].toFixed(3)}`,
        `${t("part_mean")} ${row.part_mean.toFixed(3)}`,
        upward(row),
      ],
    })),
  });
  const most = Math.max(...rows.flatMap((row) => [row.raises, -row.lowers])) * 1.1;
  const narrow = innerWidth < 600;
  return figure({
    title: t(
      "reasons_finding",
      cardName(card),
      name(rows[0]),
      share(rows[0].part_mean / all.reduce((sum, row) => sum + row.part_mean, 0)),
    ),
    subtitle: t("reasons_subtitle", plain(rows[0].firms_n)),
    height: rows.length * 26 + 56,
    option: {
      grid: { left: narrow ? 132 : 220, right: 12, top: 28, bottom: 24 },
      xAxis: {
        type: "value",
        min: -most,
        max: most,
        ...axis(),
        axisLabel: {
          ...axis().axisLabel,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value) => +value.toFixed(2),
        },
        position: "bottom",
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map(name),
        ...axis(),
        axisLabel: { color: ink("ink"), fontSize: 12, width: narrow ? 124 : 210, overflow: "truncate" },
      },
      title: [
        {
          text: `← ${t("lowers")}`,
          left: narrow ? 132 : 220,
          top: 0,
          textStyle: { fontSize: 12, color: ink("accent"), fontWeight: 600 },
        },
        {
          text: `${t("raises")} →`,
          right: 12,
          top: 0,
          textStyle: { fontSize: 12, color: ink("warn"), fontWeight: 600 },
        },
      ],
      series: [series("lowers", "accent"), series("raises", "warn-fill")],
    },
    table: dataTable(
      [
        { label: t("feature"), cell: name },
        { label: t("part_mean"), right: true, cell: (row) => row.part_mean.toFixed(3) },
        { label: t("raises"), right: true, cell: (row) => row.raises.toFixed(3) },
        { label: t("lowers"), right: true, cell: (row) => row.lowers.toFixed(3) },
        { label: t("firms_raised"), right: true, cell: (row) => share(row.raises_n / row.firms_n) },
      ],
      all,
    ),
  });
}

// A finer or coded twin of a property that is known is not shown again.
const INSTEAD = { city: "region_code", industry_code: "sector" };
export function concentration() {
  const { concentration: split } = book.figures;
  const known = (name) => split[name].value.some((value) => value != null);
  const panels = Object.entries(split)
    .filter(([name]) => !(INSTEAD[name] && known(INSTEAD[name])))
    .filter(([, columns]) => new Set(columns.value.filter((value) => value != null)).size > 1);
  const byLimit = book.figures.currencies.limit_lcy.some((value) => value > 0);
  return h(
    "section",
    { id: "concentration" },
    h("h2", {}, t("concentration_title")),
    h("p", { class: "subtitle" }, byLimit ? t("concentration_subtitle") : t("concentration_subtitle_firms")),
    h(
      "div",
      { class: "columns" },
      panels.map(([name, columns]) => splitPanel(name, rowsOf(columns))),
    ),
    largest(),
  );
}

function total(currency) {
  return rowsOf(book.figures.currencies).find((row) => row.currency === currency);
}

// A sentence in which one word is the data's own.
function around(sentence, word) {
  const [before, ...after] = sentence.split(word);
  return [before, own(word), after.join(word)];
}

function splitPanel(name, rows) {
  const part = (row) => {
    const all = total(row.currency);
    return all?.limit_lcy > 0 ? row.limit_lcy / all.limit_lcy : row.firms_n / all.firms_n;
  };
  const named = (row) => (row.value === "*" ? t("others", plain(row.groups_n)) : valueWord(name, row.value));
  const first = rows
    .filter((row) => row.value !== "*" && row.value != null)
    .sort((a, b) => part(b) - part(a))[0];
  return h(
    "figure",
    {},
    h(
      "figcaption",
      {},
      h(
        "h3",
        {},
        first
          ? around(t("split_finding", assessed(name), named(first), share(part(first))), named(first))
          : t("split_bare", assessed(name)),
      ),
    ),
    dataTable(
      [
        {
          label: assessed(name),
          cell: (row) =>
            row.value === "*"
              ? named(row)
              : filterLink(
                  ["sector", "city"].includes(name) && row.value ? own(halfOf(row.value)) : named(row),
                  { [name]: row.value ?? "?" },
                ),
        },
        { label: t("firms"), right: true, cell: (row) => plain(row.firms_n) },
        { label: assessed("limit_lcy"), right: true, cell: (row) => money(row.limit_lcy, row.currency) },
        { label: t("part_of_limit"), right: true, cell: (row) => share(part(row)) },
        { label: "", className: "bar-cell", cell: (row) => bar(part(row), { label: share(part(row)) }) },
      ],
      rows,
    ),
  );
}

function largest() {
  const rows = rowsOf(book.figures.largest);
  if (!rows.length) return null;
  const [{ currency }] = rows;
  const all = total(currency);
  const top = rows.filter((row) => row.currency === currency).reduce((sum, row) => sum + row.limit_lcy, 0);
  return h(
    "figure",
    { class: "wide" },
    h(
      "figcaption",
      {},
      h(
        "h3",
        {},
        t(
          "largest_finding",
          rows.filter((row) => row.currency === currency).length,
          share(top / all.limit_lcy),
        ),
      ),
    ),
    dataTable(
      [
        {
          label: t("firm"),
          cell: (row) =>
            h("a", { href: address({ firm: row.firm_id, lang: lang() }) }, own(row.name ?? row.firm_id)),
        },
        { label: assessed("grade"), cell: (row) => gradeBadge(row.grade) },
        { label: assessed("pd"), right: true, cell: (row) => share(row.pd) },
        { label: assessed("limit_lcy"), right: true, cell: (row) => money(row.limit_lcy, row.currency) },
        {
          label: t("part_of_limit"),
          right: true,
          cell: (row) => share(row.limit_lcy / total(row.currency).limit_lcy),
        },
        { label: assessed("rate_pa"), right: true, cell: (row) => rate(row.rate_pa) },
      ],
      rows,
    ),
  );
}
