// Who meets which policy: of the book and of one firm, with version, document and mark.
import { book, column, detailRows } from "./book.js";
import { dataTable, h } from "./dom.js";
import { day, plain } from "./format.js";
import { lang, pick, t } from "./words.js";

const ANSWERS = [
  ["yes", "accent"],
  ["no", "hatch"],
  ["unknown", "rest"],
];
const judged = () => book.run.qualifications?.policies ?? [];
const word = (answer) => pick(column("qualification", "answer").codes?.[answer] ?? [answer, answer]);
const title = (policy) => pick([policy.zh, policy.en]);

function mark(policy) {
  const [kind, sure] = policy.mark.split(" ");
  if (kind === "unverified") return Number(sure) < 1 ? t("mark_unverified", sure) : t("mark_unverified_bare");
  return t(kind === "proposal" ? "mark_proposal" : "mark_text");
}

const lawColumns = () => [
  { label: pick(column("qualification", "policy_id")), cell: title },
  { label: pick(column("qualification", "since")), className: "day", cell: (policy) => day(policy.since) },
  { label: pick(column("qualification", "document")), cell: (policy) => policy.document },
  { label: pick(column("qualification", "mark")), cell: mark },
];

// The table is the chart: a stacked bar per policy, its counts beside it.
export function qualificationsOfBook() {
  const policies = judged().filter((policy) => policy.yes_n + policy.no_n + policy.unknown_n);
  if (!policies.length) return null;
  const most = policies.reduce((best, one) => (one.yes_n > best.yes_n ? one : best));
  const [law, ...rest] = lawColumns();
  const split = {
    label: t("qualified_share"),
    className: "bar-cell",
    cell: (policy) => {
      const all = policy.yes_n + policy.no_n + policy.unknown_n;
      const said = ANSWERS.map(([name]) => `${word(name)} ${plain(policy[`${name}_n`])}`).join(" · ");
      const parts = ANSWERS.map(([name, colour]) =>
        h("span", { style: { width: `${(policy[`${name}_n`] / all) * 100}%`, background: `var(--${colour})` } }),
      );
      return h("div", { class: "stack", role: "img", "aria-label": said, title: said }, parts);
    },
  };
  const counts = ANSWERS.map(([name, colour]) => ({
    label: word(name),
    head: [h("i", { class: "swatch", style: { background: `var(--${colour})` } }), word(name)],
    right: true,
    cell: (policy) => plain(policy[`${name}_n`]),
  }));
  return h(
    "section",
    { class: "panel wide" },
    h("h3", {}, t("qualified_finding", title(most), plain(most.yes_n))),
    h("p", { class: "subtitle" }, t("qualified_subtitle", day(book.run.qualifications.on))),
    dataTable([law, split, ...counts, ...rest], policies),
    h("p", { class: "note" }, t("qualified_note")),
  );
}

// The steps to one policy; a step of a way is indented below it.
function lacking(policy, told) {
  const lines = told.get(policy.policy_id).split("\n");
  return h(
    "details",
    { class: "behind lacking" },
    h("summary", {}, t("lacking", title(policy))),
    lines.map((line) => {
      const text = line.trimStart();
      return h("p", { style: { marginLeft: `${(line.length - text.length) * 0.6}em` } }, text);
    }),
  );
}

export function qualificationsPanel(firm) {
  const answers = new Map(detailRows("qualification", firm.firm_id).map((row) => [row.policy_id, row.answer]));
  const rows = judged().filter((policy) => answers.get(policy.policy_id));
  if (!rows.length) return null;
  const n = (answer) => plain(rows.filter((policy) => answers.get(policy.policy_id) === answer).length);
  const open = rows.map((policy) => policy.policy_id).filter((id) => answers.get(id) !== "yes");
  const on = book.run.qualifications.on;
  const told = new Map(detailRows("gaps", firm.firm_id).map((row) => [row.policy_id, row[`gaps_${lang()}`]]));
  const command = `techflow policy gaps ${open.join(" ")} facts.parquet --firm ${firm.firm_id} --on ${on}`;
  const [law, ...rest] = lawColumns();
  const verdict = {
    label: pick(column("qualification", "answer")),
    cell: (policy) => h("strong", {}, word(answers.get(policy.policy_id))),
  };
  return h(
    "section",
    { class: "panel wide" },
    h("h3", {}, t("qualifies_finding", n("yes"), n("no"), n("unknown"))),
    h("p", { class: "subtitle" }, t("qualified_subtitle", day(on))),
    dataTable([law, verdict, ...rest], rows),
    told.size ? rows.filter((policy) => told.has(policy.policy_id)).map((policy) => lacking(policy, told)) : null,
    open.length && !told.size ? [h("p", { class: "note" }, t("qualifies_next")), h("code", {}, command)] : null,
  );
}
