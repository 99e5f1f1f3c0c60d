import type { Outcome, StepResult } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import { parseCacheControl, parseSeconds } from "./cache-control.ts";
import { type CacheUse, cacheUseOf } from "./cache-use.ts";
import { freshened } from "./conditional.ts";
import { initialAge, lifetimeOf } from "./freshness.ts";
import { serve } from "./look-up.ts";
import { keepAgain } from "./store.ts";
import { ageOf, headersOf, type StoredResponse } from "./stored-response.ts";

/**
 * Puts the stored copy in the place of a 304 that was an answer to our question, not to the client's, and in the place of
 * a failure that the copy may stand in for. Runs before the outbound section.
 */
export function revive(exchange: Exchange, clock: Clock): void {
  const use = cacheUseOf(exchange);
  const { response } = exchange;
  if (use === undefined || use.stale === null || response === null || response.origin !== "upstream") return;
  if (response.status === 304) serveFreshened(exchange, use, use.stale, response, clock);
  else if (response.status >= 500 && mayServeStale(use.stale, clock.now())) {
    discard(response);
    answer(exchange, use, use.stale, clock.now());
  }
}

/** A copy that may stand in when the upstream cannot be reached, in the place of the refusal. */
export function orStale(result: StepResult, exchange: Exchange, clock: Clock): StepResult {
  if (result instanceof Promise) return result.then((outcome) => standIn(outcome, exchange, clock));
  return standIn(result, exchange, clock);
}

function standIn(outcome: Outcome, exchange: Exchange, clock: Clock): Outcome {
  const use = cacheUseOf(exchange);
  if (use === undefined || use.stale === null || outcome?.kind !== "refusal") return outcome;
  // Only for the upstream's own failures: what a policy refused stays refused.
  const isFailure = outcome.reason.startsWith("upstream-") && mayServeStale(use.stale, clock.now());
  return isFailure ? serve(exchange, use, use.stale, clock.now()) : outcome;
}

function serveFreshened(
  exchange: Exchange,
  use: CacheUse,
  stale: StoredResponse,
  response: ResponseDraft,
  clock: Clock,
): void {
  const now = clock.now();
  const headers = freshened(headersOf(stale), response.headers);
  const directives = parseCacheControl(headers.joined("cache-control"));
  const lifetimeMs = lifetimeOf(stale.status, headers, directives, now, 0) ?? 0;
  const initialAgeMs = initialAge(response.headers, now, clock.mono() - use.options.askedAt);
  const fresh = { ...stale, headers: headers.raw, storedAt: now, initialAgeMs, lifetimeMs };
  discard(response);
  if (!directives.has("no-store")) keepAgain(exchange, use, fresh, now);
  answer(exchange, use, fresh, now);
}

/** @see RFC 5861 §4, RFC 9111 §4.2.4 */
function mayServeStale(stale: StoredResponse, now: number): boolean {
  const directives = parseCacheControl(headersOf(stale).joined("cache-control"));
  if (["no-cache", "must-revalidate", "proxy-revalidate", "s-maxage"].some((name) => directives.has(name)))
    return false;
  const window = parseSeconds(directives.get("stale-if-error"));
  return window !== null && ageOf(stale, now) < stale.lifetimeMs + window * 1000;
}

function answer(exchange: Exchange, use: CacheUse, stored: StoredResponse, now: number): void {
  const { status, statusText, headers, body } = serve(exchange, use, stored, now);
  exchange.response = new ResponseDraft(status, statusText ?? "", headers, body, "upstream");
  exchange.redaction?.note(exchange);
}

function discard({ body }: ResponseDraft): void {
  if (body !== null && !(body instanceof Uint8Array)) body.cancel();
}
