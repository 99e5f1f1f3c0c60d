import type { HeaderList } from "#model/header-list.ts";
import { parseHttpDate } from "./http-date.ts";

/**
 * Whether the client already has what is stored, so that 304 is the answer. `If-None-Match` decides alone where it is
 * there; the comparison is weak.
 *
 * @see RFC 9110 §13.1.2, §13.1.3
 */
export function isNotModified(request: HeaderList, stored: HeaderList, now: number): boolean {
  const noneMatch = request.joined("if-none-match");
  if (noneMatch !== undefined) return matches(noneMatch, stored.get("etag"));
  const since = parseHttpDate(request.get("if-modified-since"), now);
  if (since === null) return false;
  // A response without Last-Modified is as old as its Date says, at most.
  const modified = parseHttpDate(stored.get("last-modified") ?? stored.get("date"), now);
  return modified !== null && modified <= since;
}

function matches(list: string, etag: string | undefined): boolean {
  if (list.trim() === "*") return true;
  if (etag === undefined) return false;
  const opaque = opaqueTag(etag);
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some((member) => opaqueTag(member) === opaque);
}

function opaqueTag(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}

/** What a 304 repeats of the 200 that it stands for. @see RFC 9110 §15.4.5 */
const repeated: ReadonlySet<string> = new Set([
  "age",
  "cache-control",
  "cache-status",
  "content-location",
  "date",
  "etag",
  "expires",
  "last-modified",
  "vary",
]);

export function fieldsOfNotModified(headers: HeaderList): string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.raw.length; at += 2) {
    const name = headers.raw[at] as string;
    if (repeated.has(name.toLowerCase())) kept.push(name, headers.raw[at + 1] as string);
  }
  return kept;
}

/** Fields of a 304 that say something of the stored body, which it does not carry. @see RFC 9111 §3.2 */
const keptFromStored: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "content-md5",
  "content-range",
  "etag",
  "transfer-encoding",
  "via",
]);

/** The stored fields with those of a 304 in their place. */
export function freshened(stored: HeaderList, notModified: HeaderList): HeaderList {
  const headers = stored.clone();
  const replaced = new Set<string>();
  const { raw } = notModified;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const lower = name.toLowerCase();
    if (keptFromStored.has(lower)) continue;
    if (!replaced.has(lower)) headers.delete(lower);
    replaced.add(lower);
    headers.append(name, raw[at + 1] as string);
  }
  return headers;
}
