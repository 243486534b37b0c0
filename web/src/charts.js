// Charts: one place that knows the chart library, its colours and how they print.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { h } from "./dom.js";
import { t } from "./words.js";

use([
  BarChart,
  LineChart,
  ScatterChart,
  GridComponent,
  TooltipComponent,
  MarkLineComponent,
  TitleComponent,
  AriaComponent,
  SVGRenderer,
]);

const PRINT_WIDTH = 660;
const live = new Set();

export const ink = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// One hue from pale to deep; the letter is always printed next to it.
export function gradeColour(place, count) {
  const part = count > 1 ? place / (count - 1) : 0;
  const [light, dark] = [88 - 62 * part, 22 + 10 * part];
  return `hsl(211 ${Math.round(50 + 15 * part)}% ${Math.round(Math.max(light, dark))}%)`;
}

export const gradeInk = (place, count) => (count > 1 && place / (count - 1) > 0.42 ? "#fff" : "#10243c");

export const axis = () => ({
  axisLine: { lineStyle: { color: ink("line") } },
  axisTick: { show: false },
  axisLabel: { color: ink("muted"), fontSize: 12, hideOverlap: true },
  splitLine: { lineStyle: { color: ink("line"), opacity: 0.6 } },
  nameTextStyle: { color: ink("muted") },
});

// A figure: finding as title, measure and unit below, the chart, and the table behind it.
export function figure({ title, subtitle, option, height = 240, table, note }) {
  const canvas = h("div", {
    class: "chart",
    role: "img",
    "aria-label": `${title} ${subtitle}`,
    style: { height: `${height}px` },
  });
  canvas.start = () => {
    const chart = init(canvas, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: tooltip(),
      ...option,
    });
    live.add(chart);
  };
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h3", {}, title), h("p", { class: "subtitle" }, subtitle)),
    canvas,
    note ? h("p", { class: "note" }, note) : null,
    table ? h("details", { class: "behind" }, h("summary", {}, t("table_behind")), table) : null,
  );
}

function tooltip() {
  return {
    trigger: "item",
    confine: true,
    backgroundColor: ink("panel"),
    borderColor: ink("line"),
    textStyle: { color: ink("ink"), fontSize: 12 },
    formatter: (item) => {
      const lines = [item].flat().flatMap((one) => one.data?.lines ?? []);
      return h("div", {}, lines.map((line) => h("div", {}, line)));
    },
  };
}

// Charts need their width, so they start once they are on the page.
export function startCharts(root) {
  for (const canvas of root.querySelectorAll(".chart")) canvas.start?.();
}

export function stopCharts() {
  for (const chart of live) chart.dispose();
  live.clear();
}

const resize = (size) => live.forEach((chart) => chart.resize(size));
addEventListener("resize", () => resize({ width: "auto" }));
addEventListener("beforeprint", () => resize({ width: PRINT_WIDTH }));
addEventListener("afterprint", () => resize({ width: "auto" }));
