import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Coding } from "./accept-encoding.ts";
import { tagsOf } from "./conditions.ts";

/*
 * Compression makes another representation, which needs a tag of its own (RFC 9110 §8.8.3.3): the origin's with the
 * coding at its end, `"v1-gzip"`. A weak tag instead would make If-Match fail for everybody whose GET was compressed.
 * What clients send back is told to the origin in its own words as well, so that its conditions still work.
 */

/** `"v1"` → `"v1-gzip"`. */
export function tagOf(etag: string, coding: Coding): string {
  return etag.endsWith('"') ? `${etag.slice(0, -1)}-${coding}"` : etag;
}

/**
 * Adds the origin's own tags to the conditions of a request. If-None-Match: of the coding that would be sent now, as
 * another one is another representation. If-Match: of any, as what is to be changed is the resource.
 * @param writable the draft's headers, to be changed; asked for only when there is something to add
 */
export function addOriginTags(
  exchange: Exchange,
  coding: Coding | null,
  all: readonly Coding[],
  writable: (exchange: Exchange) => HeaderList,
): void {
  addTo(exchange, "If-None-Match", coding === null ? [] : [coding], writable);
  addTo(exchange, "If-Match", all, writable);
}

/** The tag of a 304: the one the client knows. */
export function tagOfNotModified({ facts }: Exchange, etag: string, coding: Coding): string {
  const tags = new Set(tagsOf(facts.headers.joined("if-none-match") ?? "").map(withoutWeak));
  const suffixed = tagOf(etag, coding);
  return tags.has(withoutWeak(suffixed)) && !tags.has(withoutWeak(etag)) ? suffixed : etag;
}

function addTo(
  exchange: Exchange,
  name: string,
  codings: readonly Coding[],
  writable: (exchange: Exchange) => HeaderList,
): void {
  const list = exchange.request.headers.joined(name.toLowerCase());
  if (list === undefined) return;
  const own = tagsOf(list).flatMap((tag) => {
    const coding = codings.find((one) => tag.endsWith(`-${one}"`));
    return coding === undefined ? [] : [`${tag.slice(0, -coding.length - 2)}"`];
  });
  if (own.length > 0) writable(exchange).set(name, `${list}, ${own.join(", ")}`);
}

function withoutWeak(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
