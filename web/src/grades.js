// Verdicts and grades: their words, their colours and how many firms have them.
import { book, column, rowsOf } from "./book.js";
import { axis, emptyFigure, figure, gradeColour, gradeInk, ink } from "./charts.js";
import { dataTable, h } from "./dom.js";
import { plain, share } from "./format.js";
import { pick, t } from "./words.js";

export const VERDICTS = ["graded", "expert", "insufficient"];

// Grades of the models' scale and of the expert scorecard are two scales, best grade first.
function gradeScales() {
  const rows = rowsOf(book.figures.grades);
  const seen = (verdict) => [
    ...new Set(rows.filter((row) => row.verdict === verdict).map((row) => row.grade)),
  ];
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
  return h(
    "span",
    { class: "grade", style: { background: gradeColour(...at), color: gradeInk(...at) } },
    grade,
  );
}

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

export function gradesFigure() {
  const rows = gradeTotals();
  const names = gradeNames();
  const all = rows.reduce((sum, row) => sum + row.graded + row.expert, 0);
  if (!all) return emptyFigure(t("grades_none"), t("grades_none_what"));
  const largest = rows.reduce((a, b) => (b.graded + b.expert > a.graded + a.expert ? b : a));
  const series = (verdict) => ({
    type: "bar",
    stack: "firms",
    barCategoryGap: "24%",
    emphasis: { disabled: true },
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
      xAxis: {
        type: "category",
        data: names,
        ...axis(),
        axisLabel: { color: ink("ink"), fontWeight: 600, interval: 0, rotate: innerWidth < 600 ? 60 : 0 },
      },
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
