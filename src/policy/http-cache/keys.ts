import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import { parameterValues } from "#policy/query.ts";
import type { CacheIndex } from "./cache-use.ts";

/**
 * The resource that a request is about. Everything that tells two resources apart is in it, in a form in which no part
 * can run into the next: a key that two requests share by accident hands one client the other's answer.
 *
 * @param names query parameters that count; all when there are none
 */
export function resourceKey({ facts, api }: Exchange, names: readonly string[]): string {
  const query = names.length === 0 ? facts.query : pick(facts.query, names);
  return `r${JSON.stringify([api?.name ?? "", clientScheme(facts), facts.authority.toLowerCase(), facts.path, query])}`;
}

function pick(query: string, names: readonly string[]): readonly (readonly string[])[] {
  return names.map((name) => parameterValues(query, name));
}

/** The key of another path of the same API and host: what `Location` of an answer says has changed. */
export function siblingKey(primary: string, path: string, query: string): string {
  const parts = JSON.parse(primary.slice(1)) as unknown[];
  return `r${JSON.stringify([...parts.slice(0, 3), path, query])}`;
}

/** One copy of a resource. */
export function variantKey({ nonce }: CacheIndex, variant: string, extra: string): string {
  return `v${JSON.stringify([nonce, variant, extra])}`;
}

export function valueKey(key: string): string {
  return `k${key}`;
}
