// Numbers, money and dates as people of each language write them.
import { lang, t } from "./words.js";

const names = {};

export function displayName(type, code) {
  const key = `${type} ${lang()}`;
  names[key] ??= new Intl.DisplayNames([lang() === "zh" ? "zh-Hans" : "en"], { type });
  try {
    return names[key].of(code);
  } catch {
    return code;
  }
}

export function plain(value, digits = 0) {
  if (value == null) return "—";
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return text.replace(/^-/, "−");
}

// About three significant digits, at most two decimals.
function short(value) {
  const size = Math.abs(value);
  return plain(value, size >= 1000 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}

const STEPS = {
  zh: [
    [1e12, "万亿"],
    [1e8, "亿"],
    [1e4, "万"],
  ],
  en: [
    [1e12, "tn"],
    [1e9, "bn"],
    [1e6, "m"],
    [1e3, "k"],
  ],
};

function currencyWord(currency) {
  if (!currency) return t("currency_unknown");
  return currency === "CNY" ? "元" : displayName("currency", currency);
}

// The step a whole column is shown in, chosen by its middle value, so that figures compare.
export function moneyScale(values, currency) {
  const sizes = values.filter((value) => value).map(Math.abs);
  sizes.sort((a, b) => a - b);
  const middle = sizes[sizes.length >> 1] ?? 0;
  const steps = STEPS[lang()];
  const [step, word] = steps.find(([size]) => middle >= size) ?? steps[steps.length - 1];
  const unit = lang() === "zh" ? `${word}${currencyWord(currency)}` : `${currency ?? "?"} ${word}`;
  return { step, unit };
}

export function scaled(value, scale) {
  return value == null ? "—" : short(value / scale.step);
}

export function money(value, currency) {
  if (value == null) return "—";
  const size = Math.abs(value);
  const steps = STEPS[lang()];
  const [step, word] = steps.find(([least]) => size >= least) ?? [1, ""];
  if (lang() === "zh") return `${short(value / step)} ${word}${currencyWord(currency)}`;
  return [currency, short(value / step), word].filter(Boolean).join(" ");
}

export function share(value) {
  if (value == null) return "—";
  if (value > 0 && value < 0.0005) return "<0.1%";
  return `${plain(value * 100, 1)}%`;
}

export function rate(value) {
  return value == null ? "—" : `${plain(value * 100, 2)}%`;
}

export function day(value) {
  return value == null ? "—" : String(value).slice(0, 10);
}

export function daysBetween(from, to) {
  return Math.round((Date.parse(day(to)) - Date.parse(day(from))) / 864e5);
}

// Ratios read as a multiple; all others read as a percentage.
const TIMES = /^(current|cash|asset_turnover|sales_volatility|.*_hhi|risk_weight)_ratio$/;

// A value in the unit the dictionary gives its column.
export function inUnit(value, column, currency) {
  if (value == null) return "—";
  if (column.codes) return (column.codes[value] ?? [value, value])[lang() === "zh" ? 0 : 1];
  if (column.kind === "bool") return value ? t("yes") : t("no");
  if (column.kind === "date") return day(value);
  if (column.kind === "timestamp") return `${String(value).slice(0, 16).replace("T", " ")} UTC`;
  switch (column.unit) {
    case "lcy":
      return money(value, currency);
    case "cny":
      return money(value, "CNY");
    case "share":
      return share(value);
    case "rate_pa":
      return rate(value);
    case "ratio":
      return TIMES.test(column.name) ? plain(value, 2) : share(value);
    case "month":
      return t("months", plain(value, Number.isInteger(value) ? 0 : 1));
    case "day":
      return t("days", plain(value));
    case "year":
      return t("years", plain(value, 1));
    default:
      return typeof value === "number" ? plain(value, Number.isInteger(value) ? 0 : 1) : value;
  }
}

export function csvCell(value) {
  if (value == null) return "";
  // A spreadsheet runs text that starts like a formula.
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
