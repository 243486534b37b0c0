// The address after # says what is open: a firm, a section, the language.
import { lang, setLang } from "./words.js";

export function read() {
  const asked = new URLSearchParams(location.hash.slice(1));
  return { firm: asked.get("firm"), at: asked.get("at"), lang: asked.get("lang") };
}

export function address(target) {
  const asked = new URLSearchParams();
  for (const name of ["firm", "at"]) if (target[name]) asked.set(name, target[name]);
  asked.set("lang", target.lang ?? lang());
  return `#${asked}`;
}

export function go(target) {
  location.hash = address(target);
}

export function useLanguage() {
  const before = lang();
  setLang(read().lang ?? before);
  return before !== lang();
}
