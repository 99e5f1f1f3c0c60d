import type { Difference } from "./difference.ts";

const longest = 200;
/** What a programmer calls something. */
const name = /^[@$_A-Za-z][-\w.:@+~]{0,63}$/;
/** What is in it then is an id, a digest, a number or an address all the same. */
const data = /\d{4}|[0-9a-f]{8}-[0-9a-f]{4}|.@./i;

/**
 * A difference as it may be told: members of an object that is used as a map are named by data (mail addresses, ids),
 * which belongs in no report. They are `{key}`.
 */
export function tellPlace(difference: Difference): Difference {
  if (!isInBody(difference.kind)) return difference;
  const place = difference.place.split("/").map((part) => (part === "" || isName(part) ? part : "{key}"));
  return { ...difference, place: cut(place.join("/")) };
}

/** A path by its shape: ids are `{id}`. */
export function tellPath(path: string): string {
  const parts = path.split("/").map((part) => (part === "" || isName(part) ? part : "{id}"));
  return cut(parts.join("/"));
}

function isInBody(kind: Difference["kind"]): boolean {
  return kind === "items" || kind.startsWith("field-") || kind.startsWith("element-");
}

function isName(part: string): boolean {
  return part === "*" || (name.test(part) && !data.test(part) && !/^[0-9a-f]{12,}$/i.test(part));
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
