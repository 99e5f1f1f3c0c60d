import type { JsonWriter } from "./json-writer.ts";

/** `,"name":[…]`, or nothing for an empty list. A token may list thousands of groups: those beyond the bound become one `…`. */
export function writeList(
  json: JsonWriter,
  open: Uint8Array,
  values: readonly string[],
  limit: number,
  length: number,
): void {
  if (values.length === 0) return;
  const taken = Math.min(values.length, limit);
  json.copy(open);
  for (let at = 0; at < taken; at += 1) {
    if (at > 0) json.raw(",");
    json.text(values[at] as string, length);
  }
  if (taken < values.length) {
    json.raw(",");
    json.text("…", 1);
  }
  json.raw("]");
}
