// One firm, read like a credit memo: verdict, why, limit and price, evidence, what is missing.
import { book, column, detailRows, firmById, hasDetails } from "./book.js";
import { bar, dataTable, h, halfOf, own } from "./dom.js";
import { monthsFigure, patentsPanel, statementsPanel } from "./evidence_of_firm.js";
import { features } from "./firm_features.js";
import { valueWord } from "./firm_fields.js";
import { neighbours } from "./firms.js";
import { day, daysBetween, inUnit, money, plain, rate, share } from "./format.js";
import { gradeBadge, gradeMeaning, verdictWord } from "./grades.js";
import { cardName, sourced } from "./provenance.js";
import { planPanel } from "./plan_of_firm.js";
import { qualificationsPanel } from "./qualifications.js";
import { technologyPanels } from "./technology_of_firm.js";
import { address } from "./route.js";
import { lang, pick, t } from "./words.js";

const STALE_DAYS = 365;
const PARTS = [
  ["el_rate_pa", "series-1"],
  ["funding_rate_pa", "series-2"],
  ["cost_rate_pa", "series-3"],
  ["capital_rate_pa", "series-4"],
];
const label = (name, table = "assessment") => pick(column(table, name));

export function firmPage(id) {
  const firm = firmById(id);
  if (!firm)
    return h("section", {}, back(), h("h1", {}, t("firm_unknown")), h("p", {}, t("firm_unknown_what", id)));
  const profile = detailRows("profile", id)[0] ?? {};
  return h(
    "article",
    { class: "memo" },
    walk(id),
    heading(firm, profile),
    verdict(firm),
    h(
      "div",
      { class: "panels" },
      h("div", { class: "stacked" }, reasons(firm), missing(firm)),
      h("div", { class: "stacked" }, price(firm), limit(firm)),
    ),
    hasDetails(id)
      ? [planPanel(firm), technologyPanels(firm), qualificationsPanel(firm), monthsFigure(firm, profile), statementsPanel(firm), patentsPanel(firm), features(firm, profile)]
      : h("p", { class: "note warn-note" }, t("no_details", `techflow assess`)),
    dates(firm),
  );
}

const back = () => h("a", { href: address({ at: "firms" }) }, `← ${t("all_firms")}`);

function walk(id) {
  const { before, after, place, n } = neighbours(id);
  const link = (to, word) =>
    to ? h("a", { href: address({ firm: to }) }, word) : h("span", { class: "muted" }, word);
  return h(
    "nav",
    { class: "walk", "aria-label": t("all_firms") },
    back(),
    h("span", { class: "grow" }),
    place
      ? [
          link(before, `↑ ${t("firm_before")}`),
          h("span", { class: "muted" }, `${plain(place)} / ${plain(n)}`),
          link(after, `↓ ${t("firm_after")}`),
        ]
      : null,
  );
}

function heading(firm, profile) {
  const known = ["country", "region_code", "city", "sector", "industry_code", "life_stage"]
    .filter((name) => firm[name] != null)
    .map((name) =>
      ["city", "sector"].includes(name) ? own(halfOf(firm[name])) : valueWord(name, firm[name]),
    );
  if (profile.founded_on) known.push(t("founded", day(profile.founded_on)));
  return [
    h("h1", { translate: "no" }, firm.name ?? firm.firm_id),
    h(
      "p",
      { class: "subtitle" },
      own(firm.firm_id),
      known.map((one) => [" · ", one]),
    ),
  ];
}

function verdict(firm) {
  const number = (name, text, note) =>
    h(
      "div",
      { class: "tile" },
      h("div", { class: "tile-label" }, label(name)),
      h("div", { class: "tile-value" }, firm[name] == null ? "—" : sourced(text, name, { firm })),
      h("div", { class: "tile-note" }, note),
    );
  const basis =
    firm.pd_basis &&
    pick(column("assessment", "pd_basis").codes?.[firm.pd_basis] ?? [firm.pd_basis, firm.pd_basis]);
  const remark =
    firm.limit_reason_code && inUnit(firm.limit_reason_code, column("assessment", "limit_reason_code"));
  return h(
    "section",
    { class: `verdict-box ${firm.verdict}` },
    h("p", { class: "lead" }, verdictSentence(firm, basis)),
    h(
      "div",
      { class: "tiles" },
      h(
        "div",
        { class: "tile" },
        h("div", { class: "tile-label" }, label("grade")),
        h("div", { class: "tile-value" }, gradeBadge(firm.grade) ?? "—"),
        h(
          "div",
          { class: "tile-note" },
          firm.grade ? gradeMeaning(firm.grade) : pick(verdictWord(firm.verdict)),
        ),
      ),
      number("pd", share(firm.pd), basis),
      number("limit_lcy", money(firm.limit_lcy, firm.currency), remark),
      number("rate_pa", rate(firm.rate_pa), firm.rate_pa == null ? null : t("rate_note")),
    ),
  );
}

function verdictSentence(firm, basis) {
  if (firm.verdict === "insufficient") {
    const wanted = firm[`missing_${lang()}`];
    return wanted ? t("verdict_insufficient", wanted) : t("verdict_insufficient_bare");
  }
  return firm.verdict === "expert"
    ? t("verdict_expert", firm.grade ?? "—", share(firm.pd))
    : t("verdict_graded", cardName(firm.card_id), share(firm.pd), basis ?? "—", firm.grade ?? "—");
}

function panel(title, ...content) {
  return h("section", { class: "panel" }, h("h3", {}, title), content);
}

function reasons(firm) {
  const found = [1, 2, 3]
    .map((place) => ({
      feature: firm[`reason_${place}_feature`],
      part: firm[`reason_${place}_part`],
      text: firm[`reason_${place}_${lang()}`],
    }))
    .filter((reason) => reason.text);
  if (!found.length) return panel(t("reasons"), h("p", { class: "note" }, t("reasons_none")));
  const most = Math.max(...found.map((reason) => Math.abs(reason.part ?? 0))) || 1;
  return panel(
    t("reasons"),
    h(
      "ol",
      { class: "reasons" },
      found.map((reason) =>
        h(
          "li",
          {},
          h("p", {}, reason.text),
          reason.part == null
            ? null
            : h(
                "div",
                { class: "part" },
                bar(Math.abs(reason.part) / most, {
                  tone: reason.part > 0 ? "warn" : "accent",
                  label: partWord(reason.part),
                }),
                sourced(partWord(reason.part), "reason_1_part", {
                  firm,
                  more: [[t("feature"), label(reason.feature, "profile")]],
                }),
              ),
        ),
      ),
    ),
  );
}

const partWord = (part) => t(part > 0 ? "raises_by" : "lowers_by", Math.abs(part).toFixed(2));

function price(firm) {
  if (firm.rate_pa == null) return panel(t("price"), h("p", { class: "note" }, t("price_none")));
  const all = PARTS.reduce((sum, [name]) => sum + Math.max(0, firm[name] ?? 0), 0) || 1;
  const sentence = PARTS.map(([name]) => `${label(name)} ${rate(firm[name])}`).join(
    lang() === "zh" ? "，" : ", ",
  );
  return panel(
    t("price_finding", rate(firm.rate_pa)),
    h(
      "div",
      { class: "stack", role: "img", "aria-label": sentence },
      PARTS.map(([name, colour]) =>
        h("span", {
          style: { width: `${(Math.max(0, firm[name] ?? 0) / all) * 100}%`, background: `var(--${colour})` },
        }),
      ),
    ),
    offer(firm),
    dataTable(
      [
        {
          label: t("part"),
          cell: ([name, colour]) => [
            h("i", { class: "swatch", style: { background: `var(--${colour})` } }),
            label(name),
          ],
        },
        { label: t("rate_pa"), right: true, cell: ([name]) => sourced(rate(firm[name]), name, { firm }) },
      ],
      PARTS,
      { className: "plain" },
    ),
  );
}

// What the public guarantee plan would do to the firm's cost, and what it costs the public.
function offer(firm) {
  const [row] = detailRows("offer", firm.firm_id);
  if (row?.guaranteed_rate_pa == null) return null;
  const number = (name) => sourced(rate(row[name]), name, { firm, table: "offer" });
  const answer = inUnit(row.guarantee_answer ?? "unknown", column("offer", "guarantee_answer"));
  return h(
    "p",
    { class: "note" },
    t("offer_plain"),
    number("market_rate_pa"),
    t("offer_backed"),
    number("guaranteed_rate_pa"),
    t("offer_public"),
    number("public_rate_pa"),
    t("offer_answer", answer),
  );
}

function limit(firm) {
  const rows = ["need_lcy", "debt_outstanding_lcy", "limit_lcy"].map((name) => [name, firm[name]]);
  const how = firm.need_basis && inUnit(firm.need_basis, column("assessment", "need_basis"));
  const remark =
    firm.limit_reason_code && inUnit(firm.limit_reason_code, column("assessment", "limit_reason_code"));
  if (rows.every(([, value]) => value == null))
    return panel(t("limit"), h("p", { class: "note" }, remark ?? t("limit_none")));
  return panel(
    t("limit"),
    dataTable(
      [
        { label: t("step"), cell: ([name]) => label(name) },
        {
          label: t("amount"),
          right: true,
          cell: ([name, value]) =>
            value == null
              ? name === "debt_outstanding_lcy"
                ? t("unknown")
                : null
              : sourced(money(value, firm.currency), name, {
                  firm,
                  more: how && name === "need_lcy" ? [[label("need_basis"), how]] : [],
                }),
        },
      ],
      rows,
      { className: "plain" },
    ),
    h("p", { class: "note" }, t("limit_note")),
  );
}

function missing(firm) {
  const wanted = (firm[`missing_${lang()}`] ?? "").split(/[;；]\s*/).filter(Boolean);
  return panel(
    t("missing"),
    wanted.length
      ? h(
          "ul",
          { class: "wanted" },
          wanted.map((one) => h("li", {}, one)),
        )
      : h("p", { class: "note" }, firm.verdict === "insufficient" ? t("missing_all") : t("missing_nothing")),
    wanted.length ? h("p", { class: "note" }, t("missing_next")) : null,
  );
}

function dates(firm) {
  const age = firm.evidence_on && daysBetween(firm.evidence_on, book.run.as_of);
  const old = age > STALE_DAYS;
  return h(
    "p",
    { class: old ? "note warn-note" : "note" },
    firm.evidence_on
      ? t("evidence_dates", day(firm.evidence_on), age, day(book.run.as_of))
      : t("evidence_none"),
    old ? ` ${t("evidence_stale")}` : "",
  );
}
