// How fresh the evidence is, and which rows were refused.
import { book, column } from "./book.js";
import { bar, dataTable, h, own } from "./dom.js";
import { day, daysBetween, inUnit, plain, share } from "./format.js";
import { lang, pick, t } from "./words.js";

const STALE_DAYS = 365;
const sourced = (name) => pick(column("source", name));
const refused = (name) => pick(column("quarantine", name));

export function evidenceSection() {
  return h("section", { id: "evidence" }, h("h2", {}, t("evidence_title")), freshness(), quarantine());
}

function freshness() {
  const sources = book.evidence.sources ?? [];
  const tables = book.run.tables ?? [];
  const age = (row) => (row.latest_on ? daysBetween(row.latest_on, book.run.as_of) : null);
  const isStale = (row) => row.table !== "firm" && age(row) > STALE_DAYS;
  const stale = tables.filter(isStale);
  const oldness = (row) =>
    age(row) == null
      ? null
      : h("span", { class: isStale(row) ? "mark unverified" : null }, t("days", plain(age(row))));
  const tableName = (row) => pick(book.dictionary.tables[row.table]) ?? row.table;
  return [
    h(
      "h3",
      {},
      stale.length
        ? t("stale_finding", stale.map(tableName).join(lang() === "zh" ? "、" : ", "))
        : t("fresh_finding", plain(sources.length)),
    ),
    h("p", { class: "subtitle" }, t("fresh_subtitle", STALE_DAYS)),
    tables.length
      ? dataTable(
          [
            { label: t("table"), cell: tableName },
            { label: sourced("rows_n"), right: true, cell: (row) => plain(row.rows_n) },
            { label: t("latest_evidence"), right: true, cell: (row) => day(row.latest_on) },
            { label: t("age"), right: true, cell: oldness },
          ],
          tables,
        )
      : null,
    sources.length
      ? dataTable(
          [
            { label: sourced("source_name"), cell: (row) => own(row.source_name ?? row.source_id) },
            { label: sourced("importer"), cell: (row) => own(row.importer) },
            { label: sourced("rows_n"), right: true, cell: (row) => plain(row.rows_n) },
            { label: sourced("kept_n"), right: true, cell: (row) => plain(row.kept_n) },
            { label: sourced("quarantined_n"), right: true, cell: (row) => plain(row.quarantined_n) },
            { label: t("latest_evidence"), right: true, cell: (row) => day(row.latest_on) },
            { label: t("age"), right: true, cell: oldness },
            {
              label: sourced("loaded_at"),
              right: true,
              cell: (row) => inUnit(row.loaded_at, column("source", "loaded_at")),
            },
            {
              label: sourced("sha256"),
              cell: (row) => row.sha256 && h("code", { title: row.sha256 }, row.sha256.slice(0, 12)),
            },
          ],
          sources,
        )
      : h("p", { class: "empty-state" }, t("sources_none")),
  ];
}

function quarantine() {
  const found = book.evidence.quarantine ?? book.run.quarantine ?? {};
  const reasons = found.reasons ?? [];
  const rows = (book.evidence.sources ?? []).reduce((sum, row) => sum + (row.rows_n ?? 0), 0);
  const text = (row) => (lang() === "zh" ? row.reason_zh : row.reason_en) ?? row.reason_code;
  if (!found.rows_n) return h("h3", {}, t("quarantine_none"));
  const most = Math.max(...reasons.map((row) => row.rows_n));
  const [first] = [...reasons].sort((a, b) => b.rows_n - a.rows_n);
  return [
    h(
      "h3",
      {},
      t(
        "quarantine_finding",
        plain(found.rows_n),
        rows ? share(found.rows_n / rows) : "—",
        first ? text(first) : "—",
      ),
    ),
    h("p", { class: "subtitle" }, t("quarantine_subtitle")),
    dataTable(
      [
        { label: refused(`reason_${lang()}`), cell: text },
        { label: sourced("source_name"), cell: (row) => own(row.source_name ?? row.source_id) },
        { label: sourced("rows_n"), right: true, cell: (row) => plain(row.rows_n) },
        {
          label: "",
          className: "bar-cell",
          cell: (row) => bar(row.rows_n / most, { tone: "warn", label: plain(row.rows_n) }),
        },
      ],
      reasons,
    ),
    examples(found.examples ?? [], text),
  ];
}

function examples(rows, text) {
  if (!rows.length) return null;
  const column = (name) => {
    const found = book.dictionary.columns[rows.find((row) => row.table_name)?.table_name]?.[name];
    return found ? pick(found) : name;
  };
  return h(
    "details",
    { class: "behind" },
    h("summary", {}, t("examples", rows.length)),
    dataTable(
      [
        { label: refused("source_name"), cell: (row) => own(row.source_name ?? row.source_id) },
        { label: refused("source_row_n"), right: true, cell: (row) => plain(row.source_row_n) },
        {
          label: refused("column_name"),
          cell: (row) => row.column_name && [column(row.column_name), " ", h("code", {}, row.column_name)],
        },
        {
          label: refused("value_text"),
          cell: (row) => row.value_text && h("code", { translate: "no" }, row.value_text),
        },
        { label: refused(`reason_${lang()}`), cell: text },
      ],
      rows,
    ),
  );
}
