// Values with their 90 % interval: a line from low to high, a dot at the median, a mark for the
// pledge; one row each, on a log scale.
import { axis, ink } from "./charts.js";
import { money, moneyScale, share } from "./format.js";
import { pick } from "./words.js";
import { column } from "./book.js";

const NAMES = ["patent_value_low_cny", "patent_value_median_cny", "patent_value_high_cny"];
const label = (name) => pick(column("technology", name));

const lines = (row, word) => [
  word,
  ...[...NAMES, "pledge_value_cny"].map((name) => `${label(name)} ${money(row[name], "CNY")}`),
  `${label("loan_to_value_share")} ${share(row.loan_to_value_share)}`,
];

export function intervalOption(rows, word, { narrow }) {
  const every = rows.flatMap((row) => [...NAMES, "pledge_value_cny"].map((name) => row[name]));
  const scale = moneyScale(every, "CNY");
  const shown = (value) => value / scale.step;
  const positive = every.filter((value) => value > 0);
  const data = (name) =>
    rows.map((row, i) => ({ value: [shown(row[name]), i], lines: lines(row, word(row)) })).filter(
      (item) => item.value[0] > 0,
    );
  const option = {
    grid: { left: 8, right: 20, top: 8, bottom: 4, containLabel: true },
    xAxis: {
      type: "log",
      logBase: 10,
      min: shown(Math.min(...positive) * 0.7),
      max: shown(Math.max(...positive) * 1.4),
      ...axis(),
      axisLabel: {
        ...axis().axisLabel,
        showMinLabel: false,
        showMaxLabel: false,
        formatter: (value) => String(+value.toPrecision(2)),
      },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(word),
      ...axis(),
      splitLine: { show: false },
      axisLabel: { ...axis().axisLabel, color: ink("ink"), width: narrow ? 90 : 220, overflow: "truncate" },
    },
    series: [
      ...rows.map((row, i) => ({
        type: "line",
        data: [
          [shown(row.patent_value_low_cny), i],
          [shown(row.patent_value_high_cny), i],
        ].filter(([x]) => x > 0),
        symbol: "none",
        lineStyle: { color: ink("accent"), width: 3, opacity: 0.55 },
        silent: true,
      })),
      {
        type: "scatter",
        data: data("patent_value_median_cny"),
        symbolSize: 11,
        itemStyle: { color: ink("accent") },
      },
      {
        type: "scatter",
        data: data("pledge_value_cny"),
        symbol: "rect",
        symbolSize: [4, 16],
        itemStyle: { color: ink("series-2") },
      },
    ],
  };
  return { option, unit: scale.unit };
}
