// Every word of the page that is not data, in both languages, and the language in use.

let current = "zh";
export const lang = () => current;
export const setLang = (value) => {
  current = value === "en" ? "en" : "zh";
};
// The member of a [zh, en] pair or {zh, en} record in the language in use.
export const pick = (pair) => (Array.isArray(pair) ? pair[current === "zh" ? 0 : 1] : pair?.[current]);

// "1 firms" reads "1 firm".
const ONE = /(?<![\d.,])1 (firm|month|day|year|row|patent|loan|default|source|parameter)s\b/g;

import { WORDS } from "./texts.js";
export function t(key, ...values) {
  const pair = WORDS[key];
  if (!pair) return key.replace(/^[a-z]+_/, "");
  const text = pick(pair).replace(/\{(\d)\}/g, (_, place) => values[place]);
  return current === "zh" ? text : text.replace(ONE, "1 $1");
}
