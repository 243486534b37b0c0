// How default probabilities are spread, one row of dots for each kind.
import { book, column } from "./book.js";
import { axis, emptyFigure, figure, ink } from "./charts.js";
import { dataTable } from "./dom.js";
import { plain, share } from "./format.js";
import { pick, t } from "./words.js";

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

export function pdFigure() {
  const everyBasis = Object.entries(book.figures.pd_quantiles).sort((a, b) => b[1].firms_n - a[1].firms_n);
  const spread = ([, group]) => group.values[0] < group.values[group.values.length - 1];
  const groups = everyBasis.filter(spread);
  const flat = everyBasis.filter((one) => !spread(one));
  const same = flat.map(([basis, group]) =>
    t("pd_same", word(basis), plain(group.firms_n), share(group.points[1])),
  );
  if (!everyBasis.length) return emptyFigure(t("pd_none"), t("pd_none_what"));
  if (!groups.length) return emptyFigure(same.join(" "), t("pd_same_what"));
  const every = groups.flatMap(([, group]) => group.values).filter((value) => value > 0);
  const low = Math.min(...every) * 0.8;
  const high = Math.min(1, Math.max(...every) * 1.25);
  const [size, columns] = groups.length > 1 || innerWidth < 600 ? [8, 40] : [13, 30];
  const piles = groups.map(([, group]) =>
    dots(
      group.values.filter((value) => value > 0),
      low,
      high,
      columns,
    ),
  );
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
        text: [
          groups.length > 1 && word(basis),
          innerWidth >= 600 && t("n_firms", plain(group.firms_n)),
          t("half_below", share(group.points[1])),
        ]
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
