// First screen: the verdict of the book, in figures that count every firm.
import { book, column, rowsOf } from "./book.js";
import { axis, figure, gradeColour, gradeInk, ink } from "./charts.js";
import { bar, dataTable, h } from "./dom.js";
import { money, plain, rate, share } from "./format.js";
import { openFirms } from "./firms.js";
import { sourced } from "./provenance.js";
import { lang, pick, t } from "./words.js";

export const VERDICTS = ["graded", "expert", "insufficient"];

// Grades of the models' scale and of the expert scorecard are two scales, best grade first.
export function gradeScales() {
  const rows = rowsOf(book.figures.grades);
  const seen = (verdict) => [...new Set(rows.filter((row) => row.verdict === verdict).map((row) => row.grade))];
  const named = (grades) => grades?.map((grade) => grade.name);
  const models = named(book.run.scale?.grades) ?? seen("graded");
  const expert = named(book.run.expert?.levels) ?? seen("expert");
  return [models, seen("expert").length ? expert.filter((grade) => !models.includes(grade)) : []];
}

export function gradeMeaning(grade) {
  const every = [...(book.run.scale?.grades ?? []), ...(book.run.expert?.levels ?? [])];
  const meaning = pick(every.find((one) => one.name === grade)?.meaning);
  const [place, count] = shade(grade);
  return [meaning, t("grade_place", place + 1, count)].filter(Boolean).join(" · ");
}

export const gradeNames = () => gradeScales().flat();

function shade(grade) {
  const names = gradeScales().find((scale) => scale.includes(grade)) ?? [grade];
  return [names.indexOf(grade), names.length];
}

export function gradeBadge(grade) {
  if (grade == null) return null;
  const at = shade(grade);
  return h("span", { class: "grade", style: { background: gradeColour(...at), color: gradeInk(...at) } }, grade);
}

export function verdictCounts() {
  const counts = Object.fromEntries(VERDICTS.map((name) => [name, 0]));
  rowsOf(book.figures.verdicts).forEach((row) => (counts[row.verdict] = row.firms_n));
  return counts;
}

export function overview() {
  const counts = verdictCounts();
  return h(
    "section",
    { id: "overview" },
    h("h1", {}, t("book_title", plain(book.firms_n))),
    h(
      "p",
      { class: "lead" },
      t("book_lead", plain(counts.graded), plain(counts.expert), plain(counts.insufficient)),
    ),
    verdictBar(counts),
    tiles(counts),
    h("div", { class: "panels" }, gradesFigure(), pdFigure()),
    counts.insufficient || book.figures.missing.missing.length ? missingPanel(counts) : null,
  );
}

const VERDICT_COLOURS = { graded: "var(--accent)", expert: "var(--hatch)", insufficient: "var(--rest)" };
function verdictBar(counts) {
  const named = (name) => `${pick(verdictWord(name))} ${plain(counts[name])}`;
  const part = (name) => counts[name] / (book.firms_n || 1);
  return [
    h(
      "div",
      { class: "stack", role: "img", "aria-label": VERDICTS.map(named).join(", ") },
      VERDICTS.map((name) =>
        h("span", { style: { width: `${part(name) * 100}%`, background: VERDICT_COLOURS[name] } }),
      ),
    ),
    h(
      "p",
      { class: "keys" },
      VERDICTS.map((name) =>
        h(
          "span",
          {},
          h("i", { class: "swatch", style: { background: VERDICT_COLOURS[name] } }),
          h("button", { type: "button", class: "link", onclick: () => openFirms({ verdict: name }) }, named(name)),
          ` (${share(part(name))})`,
        ),
      ),
    ),
  ];
}

function tile(label, value, note) {
  return h(
    "div",
    { class: "tile" },
    h("div", { class: "tile-label" }, label),
    h("div", { class: "tile-value" }, value),
    h("div", { class: "tile-note" }, note),
  );
}

function tiles(counts) {
  const sums = rowsOf(book.figures.currencies).filter((row) => row.currency);
  const tilesOfMoney = sums.map((row) => [
    tile(
      sums.length > 1 ? t("total_limit_in", row.currency) : t("total_limit"),
      sourced(money(row.limit_lcy, row.currency), "limit_lcy", { more: counted(row.with_limit_n) }),
      t("firms_with_limit", plain(row.with_limit_n), plain(row.firms_n)),
    ),
    row.limit_lcy > 0
      ? tile(
          sums.length > 1 ? t("weighted_pd_in", row.currency) : t("weighted_pd"),
          sourced(share(row.pd), "pd", { more: counted(row.with_limit_n) }),
          t("expected_loss", money(row.el_lcy, row.currency)),
        )
      : null,
    row.rate_median_pa != null
      ? tile(
          sums.length > 1 ? t("median_rate_in", row.currency) : t("median_rate"),
          sourced(rate(row.rate_median_pa), "rate_pa", { more: counted(row.priced_n) }),
          t("weighted_rate", rate(row.rate_pa)),
        )
      : null,
  ]);
  return h("div", { class: "tiles" }, tilesOfMoney);
}

const counted = (n) => [[t("counted"), t("n_firms", plain(n))]];
export const verdictWord = (name) => column("assessment", "verdict").codes?.[name] ?? [name, name];

function gradeTotals() {
  const names = gradeNames();
  return names.map((grade) => {
    const rows = rowsOf(book.figures.grades).filter((row) => row.grade === grade);
    const sum = (verdict) =>
      rows.filter((row) => row.verdict === verdict).reduce((all, row) => all + row.firms_n, 0);
    return { grade, graded: sum("graded"), expert: sum("expert") };
  });
}

function gradesFigure() {
  const rows = gradeTotals();
  const names = gradeNames();
  const all = rows.reduce((sum, row) => sum + row.graded + row.expert, 0);
  if (!all) return emptyPanel(t("grades_none"), t("grades_none_what"));
  const largest = rows.reduce((a, b) => (b.graded + b.expert > a.graded + a.expert ? b : a));
  const series = (verdict) => ({
    type: "bar",
    stack: "firms",
    barCategoryGap: "24%",
    data: rows.map((row) => ({
      value: row[verdict],
      lines: [
        `${t("grade")} ${row.grade} · ${pick(verdictWord(verdict))}`,
        gradeMeaning(row.grade),
        t("n_firms", plain(row[verdict])),
      ],
      itemStyle: {
        color: gradeColour(...shade(row.grade)),
        borderColor: ink("muted"),
        borderWidth: 0.5,
        decal:
          verdict === "expert"
            ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0.8, color: "#7f8790" }
            : null,
      },
    })),
  });
  const total = {
    type: "bar",
    stack: "firms",
    data: rows.map((row) => ({ value: 0, total: row.graded + row.expert })),
    label: {
      show: true,
      position: "top",
      color: ink("ink"),
      formatter: (item) => (item.data.total ? plain(item.data.total) : ""),
    },
  };
  return figure({
    title: t(
      "grades_finding",
      largest.grade,
      plain(largest.graded + largest.expert),
      share((largest.graded + largest.expert) / all),
    ),
    subtitle: t("grades_subtitle"),
    height: 208,
    option: {
      grid: { left: 8, right: 8, top: 24, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: names, ...axis(), axisLabel: { color: ink("ink"), fontWeight: 600, interval: 0, rotate: innerWidth < 600 ? 60 : 0 } },
      yAxis: { type: "value", ...axis(), minInterval: 1 },
      series: [series("graded"), series("expert"), total],
    },
    note: rows.some((row) => row.expert) ? t("hatched_expert") : null,
    table: dataTable(
      [
        { label: t("grade"), cell: (row) => gradeBadge(row.grade) },
        { label: pick(verdictWord("graded")), right: true, cell: (row) => plain(row.graded) },
        { label: pick(verdictWord("expert")), right: true, cell: (row) => plain(row.expert) },
      ],
      rows,
    ),
  });
}

function emptyPanel(title, what) {
  return h("figure", {}, h("h3", {}, title), h("p", { class: "note" }, what));
}

// Quantile dots: each dot is an equal part of the firms, piled up along a log axis.
function dots(values, low, high, columns) {
  const step = (Math.log(high) - Math.log(low)) / columns;
  const piles = new Map();
  return values.map((value) => {
    const pile = Math.round((Math.log(value) - Math.log(low)) / step);
    const height = piles.get(pile) ?? 0;
    piles.set(pile, height + 1);
    return [Math.exp(Math.log(low) + pile * step), height + 0.5, value];
  });
}

const word = (basis) => pick(column("assessment", "pd_basis").codes?.[basis] ?? [basis, basis]);

function pdFigure() {
  const everyBasis = Object.entries(book.figures.pd_quantiles).sort((a, b) => b[1].firms_n - a[1].firms_n);
  const spread = ([, group]) => group.values[0] < group.values[group.values.length - 1];
  const groups = everyBasis.filter(spread);
  const flat = everyBasis.filter((one) => !spread(one));
  const same = flat.map(([basis, group]) => t("pd_same", word(basis), plain(group.firms_n), share(group.points[1])));
  if (!everyBasis.length) return emptyPanel(t("pd_none"), t("pd_none_what"));
  if (!groups.length) return emptyPanel(same.join(" "), t("pd_same_what"));
  const every = groups.flatMap(([, group]) => group.values).filter((value) => value > 0);
  const low = Math.min(...every) * 0.8;
  const high = Math.min(1, Math.max(...every) * 1.25);
  const [size, columns] = groups.length > 1 || innerWidth < 600 ? [8, 40] : [13, 30];
  const piles = groups.map(([, group]) => dots(group.values.filter((value) => value > 0), low, high, columns));
  const heights = piles.map((pile) => Math.max(4, ...pile.map((dot) => dot[1] + 0.5)) * size + 34);
  let top = 0;
  const tops = heights.map((height) => (top += height) - height + 22);
  const palette = [ink("accent"), ink("series-2"), ink("series-3")];
  const [, main] = groups[0];
  return figure({
    title: t("pd_finding", word(groups[0][0]), share(main.points[1]), share(main.points[2])),
    subtitle: t("pd_subtitle", main.values.length),
    height: top + 8,
    option: {
      title: groups.map(([basis, group], i) => ({
        text: [groups.length > 1 && word(basis), innerWidth >= 600 && t("n_firms", plain(group.firms_n)), t("half_below", share(group.points[1]))]
          .filter(Boolean)
          .join(" · "),
        left: 8,
        top: tops[i] - 22,
        textStyle: { color: ink("ink"), fontSize: 12, fontWeight: 600 },
      })),
      grid: heights.map((height, i) => ({ left: 12, right: 16, top: tops[i], height: height - 34 })),
      xAxis: groups.map((_, i) => ({
        type: "log",
        logBase: 10,
        min: low,
        max: high,
        gridIndex: i,
        ...axis(),
        splitLine: { show: false },
        axisLabel: {
          ...axis().axisLabel,
          showMinLabel: false,
          showMaxLabel: false,
          show: i === groups.length - 1,
          formatter: (value) => `${+(value * 100).toPrecision(2)}%`,
        },
      })),
      yAxis: groups.map((_, i) => ({
        show: false,
        gridIndex: i,
        min: 0,
        max: (heights[i] - 34) / size,
      })),
      series: groups.map(([basis, group], i) => ({
        type: "scatter",
        xAxisIndex: i,
        yAxisIndex: i,
        symbolSize: size - 1,
        itemStyle: { color: palette[i] },
        data: piles[i].map((dot) => ({ value: dot, lines: [word(basis), share(dot[2])] })),
        markLine: {
          silent: true,
          symbol: "none",
          animation: false,
          lineStyle: { color: ink("muted"), type: "dashed" },
          label: { show: false },
          data: [{ xAxis: group.points[1] }],
        },
      })),
    },
    note: same.length ? same.join(" ") : null,
    table: dataTable(
      [
        { label: t("pd_kind"), cell: ([basis]) => word(basis) },
        { label: t("firms"), right: true, cell: ([, group]) => plain(group.firms_n) },
        ...["tenth", "half", "nine_tenths"].map((name, place) => ({
          label: t(name),
          right: true,
          cell: ([, group]) => share(group.points[place]),
        })),
      ],
      everyBasis,
    ),
  });
}

const capital = (text) => text && text[0].toUpperCase() + text.slice(1);

function missingPanel(counts) {
  const asked = counts.insufficient > 0;
  const rows = rowsOf(book.figures.missing)
    .sort((a, b) => (asked ? 0 : b.firms_n - a.firms_n))
    .slice(0, 8);
  const [first] = rows;
  const part = (row) => {
    const portion = asked ? row.insufficient_n / counts.insufficient : row.firms_n / book.firms_n;
    return bar(portion, { tone: "warn", label: share(portion) });
  };
  const text = (row) => capital(lang() === "zh" ? row.missing_zh : row.missing_en);
  return h(
    "figure",
    { class: "wide" },
    h(
      "figcaption",
      {},
      h(
        "h3",
        {},
        first && !asked
          ? t("missing_none", text(first), plain(first.firms_n))
          : first
          ? t("missing_finding", plain(counts.insufficient), text(first), plain(first.insufficient_n))
          : t("missing_unknown", plain(counts.insufficient)),
      ),
      h("p", { class: "subtitle" }, t(asked ? "missing_subtitle" : "missing_subtitle_none")),
    ),
    dataTable(
      [
        { label: t("document"), cell: text },
        { label: t("firms_insufficient"), right: true, cell: (row) => plain(row.insufficient_n) },
        { label: t("firms_all"), right: true, cell: (row) => plain(row.firms_n) },
        { label: t("of_all"), className: "bar-cell", cell: part },
      ],
      rows,
    ),
  );
}
