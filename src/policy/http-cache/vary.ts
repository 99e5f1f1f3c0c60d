import type { HeaderList } from "#model/header-list.ts";

/** Lower-case names that the response varies by, sorted, each once. */
export function varyNames(headers: HeaderList): readonly string[] {
  const joined = headers.joined("vary");
  if (joined === undefined) return [];
  const names = joined.split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names)].filter((name) => name !== "").toSorted();
}

/**
 * What a request says in those fields, as one text: two requests with the same text get the same variant. Lines are kept
 * apart and white space at list commas is folded, since neither changes what the field means. JSON, so that no value can
 * look like another field's.
 *
 * @see RFC 9111 §4.1
 */
export function variantOf(names: readonly string[], request: HeaderList): string {
  if (names.length === 0) return "";
  return JSON.stringify(names.map((name) => request.joined(name)?.replaceAll(/\s*,\s*/g, ",") ?? null));
}

/**
 * Fields that the gateway writes at the last moment: who calls, and from where. A response that varies by them cannot be
 * told apart by what the client sent.
 */
export function isOurs(lowerName: string): boolean {
  return /^(?:x-forwarded-|x-auth-request-|x-sallyport-|x-request-id$|forwarded$|via$)/.test(lowerName);
}
