import { hashText } from "#lib/hash32.ts";

/**
 * What of a line can be looked for by the index: a path as filters name it. Only what sets few records apart from many
 * is worth a term; everything else is compared when a block is read.
 */
const indexedPaths: ReadonlySet<string> = new Set([
  "principal.id",
  "principal.subject",
  "principal.actors",
  "principal.approvals",
  "sessionId",
  "tokenId",
  "tokenDigest",
  "clientId",
  "subscription",
  "oldKey",
  "product",
  "route.api",
  "route.operation",
  "decision",
  "reasons",
  "status",
  "event",
]);

export function isIndexed(path: string): boolean {
  return indexedPaths.has(path);
}

/** A term, as filters of blocks are asked for it. */
export function termOf(path: string, value: string): number {
  return hashText(`${path}=${value}`);
}

/** The term of a request id that the time of its block does not lead to. */
export function idTerm(id: string): number {
  return termOf("id", id);
}

/** The terms of a line, or of a part of one. */
export function termsOf(part: Readonly<Record<string, unknown>>): readonly number[] {
  const terms: number[] = [];
  add(part, "", terms);
  return terms;
}

function add(value: unknown, path: string, terms: number[]): void {
  if (Array.isArray(value)) {
    if (isIndexed(path)) for (const one of value) add(one, path, terms);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, one] of Object.entries(value)) add(one, path === "" ? key : `${path}.${key}`, terms);
  } else if (isIndexed(path)) {
    terms.push(termOf(path, String(value)));
  }
}
