// Bundles the page into one script and one style sheet; techflow_service.report puts both
// into the page together with the figures.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const LICENCES = {
  "Apache ECharts": ["echarts/LICENSE", "echarts/NOTICE"],
  ZRender: ["zrender/LICENSE"],
  tslib: ["tslib/LICENSE.txt"],
};

function text(path) {
  return readFileSync(new URL(`node_modules/${path}`, import.meta.url), "utf8").trim();
}

const thirdParty = {
  name: "third-party",
  generateBundle() {
    const parts = Object.entries(LICENCES).map(
      ([name, paths]) => `==== ${name} ====\n\n${paths.map(text).join("\n\n")}\n`,
    );
    this.emitFile({ type: "asset", fileName: "THIRD_PARTY.txt", source: parts.join("\n") });
  },
};

export default defineConfig({
  plugins: [thirdParty],
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../src/techflow_service/report/assets",
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: "src/main.js",
      formats: ["iife"],
      name: "techflowReport",
      fileName: () => "report.js",
      cssFileName: "report",
    },
  },
});
