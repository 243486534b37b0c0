// Bundles the page into one script and one style sheet; techflow_service.report puts both
// into the page together with the figures.
import { defineConfig } from "vite";
import { thirdParty } from "./vite.licences.js";

export default defineConfig({
  plugins: [
    thirdParty({
      "Apache ECharts": ["echarts/LICENSE", "echarts/NOTICE"],
      ZRender: ["zrender/LICENSE"],
      tslib: ["tslib/LICENSE.txt"],
    }),
  ],
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
