// Puts the licences of what is bundled beside the bundle.
import { readFileSync } from "node:fs";

function text(path) {
  return readFileSync(new URL(`node_modules/${path}`, import.meta.url), "utf8").trim();
}

export function thirdParty(licences) {
  return {
    name: "third-party",
    generateBundle() {
      const parts = Object.entries(licences).map(
        ([name, paths]) => `==== ${name} ====\n\n${paths.map(text).join("\n\n")}\n`,
      );
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY.txt", source: parts.join("\n") });
    },
  };
}
