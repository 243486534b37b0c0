// The figures of the page: unpacked once, then looked up.

export let book;
let places;
let details;

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// Columns of few distinct words arrive as {of, at}: the words and the place of each row.
function spread(node) {
  if (node == null || typeof node !== "object" || Array.isArray(node)) return node;
  if (Array.isArray(node.of) && Array.isArray(node.at))
    return node.at.map((at) => (at == null ? null : node.of[at]));
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, spread(value)]));
}

export async function openBook(text) {
  const { run, evidence, ...rest } = await unpack(text);
  book = { run, evidence, ...spread(rest) };
  places = new Map(book.firms.firm_id.map((id, place) => [id, place]));
  details = Object.fromEntries(
    Object.entries(book.details)
      .filter(([, columns]) => columns.firm_id)
      .map(([name, columns]) => [name, groupRows(columns.firm_id)]),
  );
  book.n = book.firms.firm_id.length;
  book.currencies = [...new Set(book.firms.currency.filter(Boolean))];
  book.synthetic = book.firms.firm_id.some((id) => id.startsWith("sample:"));
}

function groupRows(ids) {
  const groups = new Map();
  ids.forEach((id, row) => {
    if (!groups.has(id)) groups.set(id, []);
    groups.get(id).push(row);
  });
  return groups;
}

// Columns -> row records.
export function rowsOf(columns) {
  const names = Object.keys(columns ?? {});
  const n = names.length ? columns[names[0]].length : 0;
  return Array.from({ length: n }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, columns[name][row]])),
  );
}

function rowAt(columns, row) {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]]));
}

export function firmById(id) {
  const place = places.get(id);
  if (place == null) return null;
  return { ...rowAt(book.firms, place), ...(hasDetails(id) ? rowAt(book.details.assessment, place) : {}) };
}

// Rows of an optional table that belong to a firm; null if the page has no room for them.
export function detailRows(table, id) {
  const rows = details[table]?.get(id) ?? [];
  return rows.map((row) => rowAt(book.details[table], row));
}

export function hasDetails(id) {
  return (places.get(id) ?? Infinity) < book.details.firms_n;
}

export function column(table, name) {
  return book.dictionary.columns[table]?.[name] ?? { zh: name, en: name, unit: "", kind: "text" };
}
