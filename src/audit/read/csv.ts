import type { StoredRecord } from "#model/record.ts";

type Cell = string | number | undefined;

/** Columns of a table of records, for spreadsheets; everything is in the JSON form. */
const columns: readonly (readonly [name: string, of: (record: StoredRecord) => Cell])[] = [
  ["time", ({ time }) => time],
  ["id", ({ id }) => id],
  ["decision", ({ decision }) => decision],
  ["status", ({ status }) => status],
  ["reasons", ({ reasons }) => reasons.join(" ")],
  ["principal", ({ principal }) => principal.id],
  ["kind", ({ principal }) => principal.kind],
  ["client_id", ({ clientId }) => clientId],
  ["subscription", ({ subscription }) => subscription],
  ["product", ({ product }) => product],
  ["api", ({ route }) => route?.api],
  ["operation", ({ route }) => route?.operation],
  ["method", ({ method }) => method],
  ["host", ({ host }) => host],
  ["path", ({ path }) => path],
  ["client", ({ client }) => client],
  ["upstream", ({ upstream }) => upstream?.name],
  ["bytes_in", ({ bytesIn }) => bytesIn],
  ["bytes_out", ({ bytesOut }) => bytesOut],
  ["duration_ms", ({ durationMs }) => durationMs],
];

export const csvHead: string = columns.map(([name]) => name).join(",");

/** One line, without its end. @see RFC 4180 §2 */
export function csvLine(record: StoredRecord): string {
  return columns.map(([, of]) => csvCell(of(record))).join(",");
}

/** A client chooses its path: a cell that a spreadsheet would take for a formula is a text. @see https://owasp.org/www-community/attacks/CSV_Injection */
export function csvCell(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
