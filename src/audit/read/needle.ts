import { placeOf } from "#audit/shared/expand-record.ts";
import type { Required, SearchQuery } from "./search-query.ts";

/** What stands, as text, in every line that matches or in a line that it refers to. */
export interface Needle {
  readonly path: string;
  readonly value: string;
  /** As JSON has it. */
  readonly text: string;
  /** Where a short record has it. */
  readonly place: "own" | "who" | "way";
}

/** Paths that set few records apart come last. */
const common: ReadonlySet<string> = new Set(["decision", "principal.kind", "method", "environment", "node"]);

/** Only what all writers of JSON write alike. */
export function needleOf({ required }: SearchQuery): Needle | undefined {
  const plain = required.filter(isPlain);
  const best = plain.find(({ path }) => path === "id") ?? plain.find(({ path }) => !common.has(path)) ?? plain[0];
  return best && { ...best, text: `"${best.value}"`, place: placeOf(best.path) };
}

function isPlain(one: Required): one is Required & { readonly value: string } {
  return typeof one.value === "string" && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(one.value);
}
