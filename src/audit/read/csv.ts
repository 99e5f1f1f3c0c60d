import { isEvent } from "#audit/entry.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import type { Found } from "./search-query.ts";

type Cell = string | number | undefined;

type Column = readonly [name: string, of: (record: StoredRecord) => Cell, ofEvent?: (event: StoredEvent) => Cell];

/** Columns of a table of records, for spreadsheets; everything is in the JSON form. */
const columns: readonly Column[] = [
  ["time", ({ time }) => time, ({ time }) => time],
  ["id", ({ id }) => id, ({ id }) => id],
  ["event", () => undefined, ({ event }) => event],
  ["decision", ({ decision }) => decision],
  ["status", ({ status }) => status],
  ["reasons", ({ reasons }) => reasons.join(" ")],
  ["principal", ({ principal }) => principal.id, ({ principal }) => principal.id],
  ["kind", ({ principal }) => principal.kind, ({ principal }) => principal.kind],
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
  ["details", () => undefined, ({ details }) => JSON.stringify(details)],
];

export const csvHead: string = columns.map(([name]) => name).join(",");

/** One line, without its end. @see RFC 4180 §2 */
export function csvLine(record: Found): string {
  const cells = isEvent(record) ? columns.map(([, , of]) => of?.(record)) : columns.map(([, of]) => of(record));
  return cells.map(csvCell).join(",");
}

/** A client chooses its path: a cell that a spreadsheet would take for a formula is a text. @see https://owasp.org/www-community/attacks/CSV_Injection */
export function csvCell(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
