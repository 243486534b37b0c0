// Charts: the server writes the option of a chart as JSON beside its table; here it is drawn.
// Colours named "accent", "ink", ... in an option are the page's own, light or dark.
import { BarChart, CustomChart, GraphChart, LineChart, RadarChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, RadarComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  ...[BarChart, CustomChart, GraphChart, LineChart, RadarChart, ScatterChart],
  ...[AriaComponent, GridComponent, LegendComponent, MarkLineComponent, RadarComponent, TooltipComponent],
  SVGRenderer,
]);

const TOKEN = /^--?([a-z0-9-]+)$/;
const drawn = new Map();

function coloured(value, style) {
  if (Array.isArray(value)) return value.map((one) => coloured(one, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, style)]));
  }
  if (typeof value === "string" && TOKEN.test(value) && value.startsWith("--")) {
    return style.getPropertyValue(value).trim() || value;
  }
  return value;
}

function draw(element) {
  const style = getComputedStyle(document.documentElement);
  const option = JSON.parse(element.querySelector("script[type='application/json']").textContent);
  const place = element.querySelector(".canvas");
  const chart = drawn.get(place) ?? init(place, null, { renderer: "svg" });
  drawn.set(place, chart);
  const text = { color: coloured("--ink", style), fontFamily: getComputedStyle(document.body).fontFamily };
  chart.setOption(coloured({ animation: false, textStyle: text, ...option }, style), true);
}

export function drawCharts(root) {
  for (const element of root.querySelectorAll("figure.chart")) draw(element);
}

addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCharts(document));
