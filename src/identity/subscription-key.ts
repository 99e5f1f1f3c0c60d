import type { Exchange } from "#model/exchange.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import { keysInQuery, stripKeyFromQuery } from "./key-query.ts";
import { soleField } from "./sole-field.ts";

/** Ours are far shorter; longer ones are not looked up. */
const maxKeyLength = 256;

/**
 * The key a request carries: in the API's header, else in its query parameter.
 * @returns undefined without a key; null when several differ or one cannot be a key: whichever was checked, the
 *   upstream might act on another
 */
export function presentedKey(exchange: Exchange, api: ApiFacts): string | undefined | null {
  const { header, query } = api.subscriptionKey;
  const lowerName = header.toLowerCase();
  const sole = soleField(exchange.facts.headers, lowerName);
  const inHeader = sole === null ? agreed(exchange.facts.headers.all(lowerName)) : sole;
  const key = inHeader === undefined || inHeader === "" ? agreed(keysInQuery(exchange.facts.query, query)) : inHeader;
  if (key === undefined || key === "") return undefined;
  return key === null || key.length > maxKeyLength ? null : key;
}

function agreed(keys: readonly string[]): string | undefined | null {
  const [first] = keys;
  return keys.every((key) => key === first) ? first : null;
}

/** Takes the key out of what goes upstream, header and query, unless the API forwards it. What came in stays as it was. */
export function removeKey(exchange: Exchange, api: ApiFacts): void {
  const { header, query, forward } = api.subscriptionKey;
  if (forward) return;
  const { request } = exchange;
  const lowerName = header.toLowerCase();
  if (request.headers.has(lowerName)) {
    // The draft starts with the list the edge received, which is the record's.
    if (request.headers === exchange.facts.headers) request.headers = request.headers.clone();
    request.headers.delete(lowerName);
  }
  if (request.query !== "") request.query = stripKeyFromQuery(request.query, query);
}
