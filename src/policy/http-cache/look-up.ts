import { STATUS_CODES } from "#lib/node-http.ts";
import type { CacheEntry } from "#model/cache.ts";
import type { Answer, Outcome, StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import { writableRequestHeaders } from "#policy/request-draft.ts";
import { parseCacheControl } from "./cache-control.ts";
import type { CacheIndex, CacheUse } from "./cache-use.ts";
import { fieldsOfNotModified, isNotModified } from "./conditional.ts";
import { variantKey } from "./keys.ts";
import { ageOf, decodeResponse, headersOf, isFresh, type StoredResponse } from "./stored-response.ts";
import { variantOf } from "./vary.ts";

/** Index of the resource, then the copy: without a promise when this worker has both. */
export function lookUp(exchange: Exchange, use: CacheUse, clock: Clock): StepResult {
  const index = use.options.cache.get(use.options.primary);
  if (index instanceof Promise) return index.then((found) => withIndex(exchange, use, found, clock));
  return withIndex(exchange, use, index, clock);
}

function withIndex(exchange: Exchange, use: CacheUse, found: CacheEntry | undefined, clock: Clock): StepResult {
  if (found === undefined) return undefined;
  use.index = JSON.parse(found.meta) as CacheIndex;
  const copy = use.options.cache.get(copyKey(use, use.index));
  if (copy instanceof Promise) return copy.then((entry) => withCopy(exchange, use, entry, clock));
  return withCopy(exchange, use, copy, clock);
}

/** The key of the copy that this request is to get. */
export function copyKey({ options }: CacheUse, index: CacheIndex): string {
  return variantKey(index, variantOf(index.vary, options.request), options.extra);
}

function withCopy(exchange: Exchange, use: CacheUse, entry: CacheEntry | undefined, clock: Clock): Outcome {
  if (entry === undefined) return undefined;
  const stored = decodeResponse(entry);
  const now = clock.now();
  if (!use.options.http) return serve(exchange, use, stored, now);
  const headers = headersOf(stored);
  const mustAsk = parseCacheControl(headers.joined("cache-control")).has("no-cache");
  if (isFresh(stored, now) && !mustAsk) return serve(exchange, use, stored, now);
  askWhetherStale(exchange, use, stored, headers);
  return undefined;
}

/** The backend says with 304 that the copy is still right. A copy without validators cannot be asked about. */
function askWhetherStale(exchange: Exchange, use: CacheUse, stored: StoredResponse, headers: HeaderList): void {
  use.stale = stored;
  const etag = headers.get("etag");
  const modified = headers.get("last-modified");
  if (etag === undefined && modified === undefined) return;
  const request = writableRequestHeaders(exchange);
  // The client's own conditions are about its own copy: they are answered here, from what the backend says of ours.
  for (const name of ["if-none-match", "if-modified-since"]) request.delete(name);
  if (etag !== undefined) request.set("If-None-Match", etag);
  if (modified !== undefined) request.set("If-Modified-Since", modified);
}

/** The stored response as this client gets it: 304 when it has it already. */
export function serve(exchange: Exchange, use: CacheUse, stored: StoredResponse, now: number): Answer {
  const headers = headersOf(stored);
  use.served = true;
  if (use.options.http) addAge(headers, stored, now);
  const { downstream } = use.options;
  if (downstream !== null) {
    exchange.addResponseHeader("Cache-Control", downstream(stored.lifetimeMs - ageOf(stored, now)));
  }
  // By what the client asked: by now the draft may hold our own question to the backend.
  if (use.options.http && stored.status === 200 && isNotModified(use.options.request, headers, now)) {
    const fields = new HeaderList(fieldsOfNotModified(headers));
    return { kind: "answer", status: 304, statusText: "Not Modified", headers: fields, body: null, outbound: true };
  }
  const { status, body } = stored;
  const statusText = stored.statusText === "" ? (STATUS_CODES[status] ?? "") : stored.statusText;
  // A view for the socket's writer; the memory stays the cache's, which nobody writes to.
  const bytes = body.byteLength === 0 ? null : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { kind: "answer", status, statusText, headers, body: bytes, outbound: true };
}

/** @see RFC 9111 §5.1, RFC 9211 */
function addAge(headers: HeaderList, stored: StoredResponse, now: number): void {
  const age = ageOf(stored, now);
  headers.set("Age", String(Math.floor(age / 1000)));
  const ttl = Math.floor((stored.lifetimeMs - age) / 1000);
  headers.append("Cache-Status", `sallyport; hit; ttl=${ttl}`);
}
