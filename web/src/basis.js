// What the figures stand on: model cards, parameters, versions and hashes.
import { book, column } from "./book.js";
import { dataTable, h, halfOf, own } from "./dom.js";
import { day, plain, share } from "./format.js";
import { cards, mark, termTable, terms } from "./provenance.js";
import { pick, t } from "./words.js";

const TEXTS = ["population", "target", "use", "limits", "evidence"];

export function cardsSection() {
  return h(
    "section",
    { id: "cards" },
    h("h2", {}, t("cards_title")),
    cards().length
      ? [cards().map(cardPanel), expertPanel()]
      : h("p", { class: "empty-state" }, t("cards_none")),
  );
}

function cardPanel(card) {
  const { recipe = {}, fitted = {}, register } = card;
  const predicts = recipe.predicts !== false;
  return h(
    "article",
    { class: "panel wide card" },
    h(
      "h3",
      {},
      pick(recipe.label) ?? card.card_id,
      " ",
      h(
        "span",
        { class: `mark ${predicts ? "text" : "unverified"}` },
        t(predicts ? "predicts" : "classifies"),
      ),
      " ",
      register ? h("span", { class: `mark ${register.status === "approved" ? "text" : "unverified"}` }, pick([register.status_zh, register.status_en])) : null,
    ),
    h(
      "p",
      { class: "subtitle" },
      h("code", {}, card.card_id),
      ` · ${t("hash")} `,
      h("code", {}, card.hash),
      ` · ${t("graded_here", plain(graded(card.card_id)))}`,
    ),
    h(
      "dl",
      { class: "pairs" },
      TEXTS.filter((name) => recipe[name]).map((name) => [
        h("dt", {}, t(`card_${name}`)),
        h("dd", {}, pick(recipe[name])),
      ]),
      recipe.horizon_days
        ? [h("dt", {}, t("horizon")), h("dd", {}, t("days", plain(recipe.horizon_days)))]
        : null,
    ),
    register ? h("p", { class: "note" }, t("registered", pick(register.owner), day(register.review_by)), " ", pick(register.remark)) : null,
    metrics(fitted),
    features(recipe, fitted),
    h(
      "details",
      { class: "behind" },
      h("summary", {}, t("fitted_record")),
      h("div", { class: "tree" }, tree(fitted)),
    ),
  );
}

function expertPanel() {
  const { expert } = book.run;
  if (!expert) return null;
  return h(
    "article",
    { class: "panel wide card" },
    h("h3", {}, pick(expert.label), " ", mark(expert.mark)),
    h(
      "p",
      { class: "subtitle" },
      h("code", {}, expert.card_id),
      ` · ${t("hash")} `,
      h("code", {}, expert.hash),
      ` · ${t("graded_here", plain(graded(expert.card_id)))}`,
    ),
    h("dl", { class: "pairs" }, h("dt", {}, t("card_limits")), h("dd", {}, pick(expert.limits))),
  );
}

const graded = (id) => book.firms.card_id.filter((one) => one === id).length;

function metrics({ metrics: rows, sample }) {
  if (!rows?.length) return null;
  const three = (value) => (value == null ? null : plain(value, 3));
  return [
    dataTable(
      [
        { label: t("metric"), cell: (row) => t(`metric_${row.name}`) },
        { label: t("value"), right: true, cell: (row) => three(row.value) },
        {
          label: t("interval"),
          right: true,
          cell: (row) => (row.low == null ? null : `${three(row.low)} – ${three(row.high)}`),
        },
        {
          label: t("events_of"),
          right: true,
          cell: (row) => row.rows_n && `${plain(row.events_n)} / ${plain(row.rows_n)}`,
        },
        { label: t("how_measured"), cell: (row) => own(halfOf(row.how)) },
      ],
      rows,
    ),
    sample
      ? h(
          "p",
          { class: "note" },
          t(
            "sample_note",
            plain(sample.rows_n),
            plain(sample.firms_n),
            plain(sample.events_n),
            share(sample.long_run_rate),
          ),
          " ",
          h("code", {}, sample.fingerprint),
        )
      : null,
  ];
}

function features(recipe, fitted) {
  const rows = recipe.feature ?? [];
  if (!rows.length) return null;
  return h(
    "details",
    { class: "behind" },
    h("summary", {}, t("card_features", rows.length)),
    dataTable(
      [
        { label: t("feature"), cell: (row) => pick(column("profile", row.name)) },
        { label: t("direction"), cell: (row) => t(row.sign > 0 ? "more_raises" : "more_lowers") },
        { label: t("why"), cell: (row) => pick(row.why) },
        {
          label: t("typical"),
          right: true,
          cell: (row) => typical(row, fitted.features?.[row.name]?.typical),
        },
      ],
      rows,
    ),
  );
}

function typical(row, value) {
  if (value == null) return null;
  return row.show === "percent"
    ? share(value)
    : value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

// Any record as nested lines: names and values as they are in the file.
function tree(node) {
  if (node == null || typeof node !== "object") return h("code", {}, String(node ?? "—"));
  if (Array.isArray(node) && node.every((value) => typeof value !== "object"))
    return h("code", {}, node.slice(0, 40).join(", "), node.length > 40 ? " …" : "");
  return h(
    "dl",
    { class: "pairs" },
    Object.entries(node).map(([name, value]) => [h("dt", {}, h("code", {}, name)), h("dd", {}, tree(value))]),
  );
}

export function termsSection() {
  const rows = terms();
  const open = rows.filter((row) => row.status !== "text").length;
  return h(
    "section",
    { id: "terms" },
    h("h2", {}, t("terms_title")),
    rows.length
      ? [
          h("h3", {}, t("terms_finding", rows.length, open)),
          h("p", { class: "subtitle" }, t("terms_subtitle")),
          termTable(rows),
        ]
      : h("p", { class: "empty-state" }, t("terms_none")),
  );
}

export function versionsSection() {
  const { run } = book;
  const pairs = [
    [t("program"), `techflow ${run.techflow ?? "—"}`],
    [t("as_of"), day(run.as_of)],
    [t("loaded_by"), run.loaded_by ?? "—"],
    [t("store"), run.store ? [own(run.store.name), ` · ${t("version")} ${run.store.version}`] : "—"],
    [t("seconds"), run.seconds == null ? "—" : plain(run.seconds, 1)],
  ];
  return h(
    "section",
    { id: "versions" },
    h("h2", {}, t("versions_title")),
    h("p", { class: "subtitle" }, t("versions_subtitle")),
    h(
      "dl",
      { class: "pairs" },
      pairs.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]),
    ),
    hashes(t("content"), run.content),
    hashes(t("files"), run.files),
  );
}

function hashes(title, record) {
  const rows = Object.entries(record ?? {});
  if (!rows.length) return null;
  return [
    h("h3", {}, title),
    dataTable(
      [
        { label: t("name"), cell: ([name]) => h("code", {}, name) },
        { label: "SHA-256", cell: ([, hash]) => h("code", { class: "hash" }, hash) },
      ],
      rows,
      { className: "plain" },
    ),
  ];
}
