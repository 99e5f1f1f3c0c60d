import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import { parseCacheControl, parseSeconds } from "./cache-control.ts";
import type { CacheIndex, CacheUse } from "./cache-use.ts";
import { initialAge, lifetimeOf } from "./freshness.ts";
import { copyKey } from "./look-up.ts";
import { whyNotStored } from "./storable.ts";
import { encodeResponse, type StoredResponse } from "./stored-response.ts";
import { StoringBody } from "./storing-body.ts";
import { isOurs, varyNames } from "./vary.ts";

/** A stale copy is kept so long to be asked about; a day, since asking is cheap and memory is bounded anyhow. */
const keepStaleMs = 86_400_000;

type Head = Omit<StoredResponse, "body">;

/** Keeps the response once its body has come whole, when it may be kept. */
export function store(
  exchange: Exchange,
  use: CacheUse,
  response: ResponseDraft,
  durationMs: number,
  clock: Clock,
): void {
  const head = headOf(use, response, durationMs, clock);
  if (head === undefined || exchange.request.method !== "GET") return note(use, response, "stored=?0");
  const keep = (body: Uint8Array): void => keepWhole(exchange, use, { ...head, body }, clock.now());
  const { body } = response;
  if (body === null) keep(new Uint8Array());
  else if (body instanceof Uint8Array) keep(body);
  else response.body = new StoringBody(body, use.options.cache.maxEntryBytes, keep);
  if (use.options.downstream !== null) {
    exchange.addResponseHeader("Cache-Control", use.options.downstream(head.lifetimeMs - head.initialAgeMs));
  }
  return note(use, response, "stored");
}

function headOf({ options }: CacheUse, response: ResponseDraft, durationMs: number, clock: Clock): Head | undefined {
  const { status, statusText, headers } = response;
  const directives = options.http ? parseCacheControl(headers.joined("cache-control")) : parseCacheControl(undefined);
  if (whyNotStored(status, headers, directives, options) !== undefined || varyNames(headers).some(isOurs)) {
    return undefined;
  }
  const now = clock.now();
  const lifetimeMs = options.http
    ? lifetimeOf(status, headers, directives, now, durationMs)
    : durationMs > 0
      ? durationMs
      : undefined;
  if (lifetimeMs === undefined && !isValidatable(headers, options.http)) return undefined;
  const initialAgeMs = options.http ? initialAge(headers, now, clock.mono() - options.askedAt) : 0;
  return {
    status,
    statusText,
    headers: storedFields(headers),
    storedAt: now,
    initialAgeMs,
    lifetimeMs: lifetimeMs ?? 0,
  };
}

function isValidatable(headers: HeaderList, http: boolean): boolean {
  return http && (headers.has("etag") || headers.has("last-modified"));
}

/** Framing is written anew each time; what a cache says of itself is not the response's. */
function storedFields(headers: HeaderList): readonly string[] {
  const kept = headers.clone();
  for (const name of ["content-length", "age", "cache-status"]) kept.delete(name);
  return kept.raw;
}

/** The index first seen by all: a copy under an index that nobody knows is only memory. */
function keepWhole(exchange: Exchange, use: CacheUse, stored: StoredResponse, now: number): void {
  const { cache } = use.options;
  const keepUntil = now + Math.max(0, stored.lifetimeMs - stored.initialAgeMs) + staleFor(use, stored);
  const vary = varyNames(new HeaderList([...stored.headers]));
  const known = use.index !== null && use.index.vary.join() === vary.join() ? use.index : null;
  const index: CacheIndex = known ?? { nonce: exchange.facts.id, vary };
  void cache.put(copyKey(use, index), encodeResponse(stored, keepUntil));
  if (known !== null) return;
  const indexUntil = keepUntil + keepStaleMs;
  void cache.put(use.options.primary, { meta: JSON.stringify(index), body: new Uint8Array(), expiresAt: indexUntil });
}

function staleFor({ options }: CacheUse, { headers }: StoredResponse): number {
  if (!options.http) return 0;
  const list = new HeaderList([...headers]);
  const onError = parseSeconds(parseCacheControl(list.joined("cache-control")).get("stale-if-error"));
  return Math.max(isValidatable(list, true) ? keepStaleMs : 0, (onError ?? 0) * 1000);
}

/** @see RFC 9211 */
function note({ options, stale, index }: CacheUse, { headers }: ResponseDraft, stored: string): void {
  if (!options.http) return;
  const why = stale !== null ? "stale" : index === null ? "uri-miss" : "vary-miss";
  headers.append("Cache-Status", `sallyport; fwd=${why}; ${stored}`);
}

/** The stored copy with what a 304 says of it, kept anew. */
export function keepAgain(exchange: Exchange, use: CacheUse, stored: StoredResponse, now: number): void {
  keepWhole(exchange, use, stored, now);
}
