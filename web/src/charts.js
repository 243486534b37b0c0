// Charts: one place that knows the chart library, its colours and how they print.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
} from "echarts/components";
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

export const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// One hue from pale to deep; the letter is always printed on it, black or white, whichever
// stands out more.
const rgbOf = (hue, saturation, lightness) =>
  [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    const reach = saturation * Math.min(lightness, 1 - lightness);
    return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  });

function gradeRgb(place, count) {
  const part = count > 1 ? place / (count - 1) : 0;
  return rgbOf(211, 0.5 + 0.15 * part, Math.max(0.88 - 0.62 * part, 0.22 + 0.1 * part));
}

export const gradeColour = (place, count) =>
  `rgb(${gradeRgb(place, count)
    .map((channel) => Math.round(channel * 255))
    .join(",")})`;

const BALANCE = 0.179; // luminance at which black and white stand out equally
export function gradeInk(place, count) {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = gradeRgb(place, count).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > BALANCE ? "#000" : "#fff";
}

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

export function emptyFigure(title, what) {
  return h("figure", {}, h("h3", {}, title), h("p", { class: "note" }, what));
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
      return h(
        "div",
        {},
        lines.map((line) => h("div", {}, line)),
      );
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

let printing = false;
function resize(width) {
  for (const chart of live) {
    chart.resize({ width });
    chart.getZr().flush();
  }
}
addEventListener("resize", () => printing || resize("auto"));
addEventListener("beforeprint", () => {
  printing = true;
  resize(PRINT_WIDTH);
});
addEventListener("afterprint", () => {
  printing = false;
  resize("auto");
});
