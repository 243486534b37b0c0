// First screen: the verdict of the book, in figures that count every firm.
import { book, rowsOf } from "./book.js";
import { bar, dataTable, h } from "./dom.js";
import { money, plain, rate, share } from "./format.js";
import { openFirms } from "./firms.js";
import { VERDICTS, gradesFigure, verdictWord } from "./grades.js";
import { pdFigure } from "./default_figure.js";
import { qualificationsOfBook } from "./qualifications.js";
import { technologyOfBook } from "./technology.js";
import { sourced } from "./provenance.js";
import { lang, pick, t } from "./words.js";

function verdictCounts() {
  const counts = Object.fromEntries(VERDICTS.map((name) => [name, 0]));
  rowsOf(book.figures.verdicts).forEach((row) => (counts[row.verdict] = row.firms_n));
  return counts;
}

export function overview() {
  const counts = verdictCounts();
  return h(
    "section",
    { id: "overview" },
    h("h1", {}, t("book_title", plain(book.firms_n))),
    h(
      "p",
      { class: "lead" },
      t("book_lead", plain(counts.graded), plain(counts.expert), plain(counts.insufficient)),
    ),
    verdictBar(counts),
    tiles(counts),
    h("div", { class: "panels" }, gradesFigure(), pdFigure()),
    technologyOfBook(),
    qualificationsOfBook(),
    counts.insufficient || book.figures.missing.missing.length ? missingPanel(counts) : null,
  );
}

const VERDICT_COLOURS = { graded: "var(--accent)", expert: "var(--hatch)", insufficient: "var(--rest)" };
function verdictBar(counts) {
  const named = (name) => `${pick(verdictWord(name))} ${plain(counts[name])}`;
  const part = (name) => counts[name] / (book.firms_n || 1);
  return [
    h(
      "div",
      { class: "stack", role: "img", "aria-label": VERDICTS.map(named).join(", ") },
      VERDICTS.map((name) =>
        h("span", { style: { width: `${part(name) * 100}%`, background: VERDICT_COLOURS[name] } }),
      ),
    ),
    h(
      "p",
      { class: "keys" },
      VERDICTS.map((name) =>
        h(
          "span",
          {},
          h("i", { class: "swatch", style: { background: VERDICT_COLOURS[name] } }),
          h(
            "button",
            { type: "button", class: "link", onclick: () => openFirms({ verdict: name }) },
            named(name),
          ),
          ` (${share(part(name))})`,
        ),
      ),
    ),
  ];
}

function tile(label, value, note) {
  return h(
    "div",
    { class: "tile" },
    h("div", { class: "tile-label" }, label),
    h("div", { class: "tile-value" }, value),
    h("div", { class: "tile-note" }, note),
  );
}

function tiles(counts) {
  const sums = rowsOf(book.figures.currencies).filter((row) => row.currency);
  const tilesOfMoney = sums.map((row) => [
    tile(
      sums.length > 1 ? t("total_limit_in", row.currency) : t("total_limit"),
      sourced(money(row.limit_lcy, row.currency), "limit_lcy", { more: counted(row.with_limit_n) }),
      t("firms_with_limit", plain(row.with_limit_n), plain(row.firms_n)),
    ),
    row.limit_lcy > 0
      ? tile(
          sums.length > 1 ? t("weighted_pd_in", row.currency) : t("weighted_pd"),
          sourced(share(row.pd), "pd", { more: counted(row.with_limit_n) }),
          t("expected_loss", money(row.el_lcy, row.currency)),
        )
      : null,
    row.rate_median_pa != null
      ? tile(
          sums.length > 1 ? t("median_rate_in", row.currency) : t("median_rate"),
          sourced(rate(row.rate_median_pa), "rate_pa", { more: counted(row.priced_n) }),
          t("weighted_rate", rate(row.rate_pa)),
        )
      : null,
  ]);
  return h("div", { class: "tiles" }, tilesOfMoney);
}

const counted = (n) => [[t("counted"), t("n_firms", plain(n))]];
const capital = (text) => text && text[0].toUpperCase() + text.slice(1);

function missingPanel(counts) {
  const asked = counts.insufficient > 0;
  const rows = rowsOf(book.figures.missing)
    .sort((a, b) => (asked ? 0 : b.firms_n - a.firms_n))
    .slice(0, 8);
  const [first] = rows;
  const part = (row) => {
    const portion = asked ? row.insufficient_n / counts.insufficient : row.firms_n / book.firms_n;
    return bar(portion, { tone: "warn", label: share(portion) });
  };
  const text = (row) => capital(lang() === "zh" ? row.missing_zh : row.missing_en);
  return h(
    "figure",
    { class: "wide" },
    h(
      "figcaption",
      {},
      h(
        "h3",
        {},
        first && !asked
          ? t("missing_none", text(first), plain(first.firms_n))
          : first
            ? t("missing_finding", plain(counts.insufficient), text(first), plain(first.insufficient_n))
            : t("missing_unknown", plain(counts.insufficient)),
      ),
      h("p", { class: "subtitle" }, t(asked ? "missing_subtitle" : "missing_subtitle_none")),
    ),
    dataTable(
      [
        { label: t("document"), cell: text },
        { label: t("firms_insufficient"), right: true, cell: (row) => plain(row.insufficient_n) },
        { label: t("firms_all"), right: true, cell: (row) => plain(row.firms_n) },
        { label: t("of_all"), className: "bar-cell", cell: part },
      ],
      rows,
    ),
  );
}
