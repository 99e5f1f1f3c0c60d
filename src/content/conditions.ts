import type { HeaderList } from "#model/header-list.ts";
import { readHttpDate } from "./http-date.ts";

/** What a representation is known by. */
export interface Validators {
  /** With quotes, and `W/` when weak. */
  readonly etag: string;
  /** Last-Modified, whole seconds since the epoch. */
  readonly modified: number;
}

export type Verdict = "go-on" | "not-modified" | "failed";

/**
 * The conditions of a GET or HEAD, in their order of precedence.
 * @see RFC 9110 §13.2.2
 */
export function judgeConditions(request: HeaderList, validators: Validators): Verdict {
  const match = request.joined("if-match");
  if (match !== undefined) {
    if (!matches(match, validators.etag, true)) return "failed";
  } else if (changedSince(request, validators)) return "failed";
  const noneMatch = request.joined("if-none-match");
  if (noneMatch !== undefined) return matches(noneMatch, validators.etag, false) ? "not-modified" : "go-on";
  const since = dateOf(request, "if-modified-since");
  return since !== undefined && validators.modified <= since ? "not-modified" : "go-on";
}

/** Whether If-Range lets a range be sent: absent, or the very representation that the client has a part of. §13.1.5 */
export function rangeHolds(request: HeaderList, { etag, modified }: Validators): boolean {
  const condition = request.get("if-range");
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === etag;
  const date = readHttpDate(condition);
  return date !== undefined && date === modified;
}

function changedSince(request: HeaderList, { modified }: Validators): boolean {
  const since = dateOf(request, "if-unmodified-since");
  return since !== undefined && modified > since;
}

function dateOf(request: HeaderList, name: string): number | undefined {
  const value = request.get(name);
  return value === undefined ? undefined : readHttpDate(value);
}

/** @param strong a weak tag is nobody's equal then. §8.8.3.2 */
function matches(list: string, etag: string, strong: boolean): boolean {
  if (list.trim() === "*") return true;
  const own = strong ? etag : withoutWeak(etag);
  return tagsOf(list).some((tag) => (strong ? tag === own && !tag.startsWith("W/") : withoutWeak(tag) === own));
}

/** The entity tags of a list; commas inside of the quotes belong to a tag. */
export function tagsOf(list: string): readonly string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function withoutWeak(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
