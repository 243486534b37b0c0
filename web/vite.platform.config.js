// Bundles the script and the style sheet of the platform's pages; Django serves them.
import { defineConfig } from "vite";
import { thirdParty } from "./vite.licences.js";

export default defineConfig({
  plugins: [
    thirdParty({
      "Apache ECharts": ["echarts/LICENSE", "echarts/NOTICE"],
      ZRender: ["zrender/LICENSE"],
      tslib: ["tslib/LICENSE.txt"],
      htmx: ["htmx.org/LICENSE"],
    }),
  ],
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../src/techflow_service/platform/assets",
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: "src/platform/main.js",
      formats: ["es"],
      fileName: () => "platform.js",
      cssFileName: "platform",
    },
    rollupOptions: { output: { chunkFileNames: "[name].js" } },
  },
});
