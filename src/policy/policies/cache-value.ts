import { Buffer } from "node:buffer";
import type { Cache, CacheEntry } from "#model/cache.ts";
import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { literalText, optionalValue, policiesOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, LinkedStep, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { cacheFor } from "#policy/http-cache/caching-type.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { runSection } from "#policy/runner.ts";
import { decodeValue, encodeValue } from "#policy/value-codec.ts";
import { type Evaluate, evaluateAny, evaluateString } from "#policy/values.ts";

/** 2³¹ − 1 seconds, which documents write for ever. */
const longest = 2_147_483_647_000;

interface CacheValue {
  readonly key: Evaluate<string>;
  readonly variable: string;
  readonly fallback: Evaluate<unknown> | undefined;
  readonly expiresAfter: Evaluate<number>;
  readonly refreshAfter: Evaluate<number> | undefined;
  readonly steps: readonly LinkedStep[];
  readonly cacheNow: () => Cache;
  readonly clock: Clock;
}

/** Keys whose value is being made on this worker: others wait for it, instead of asking the same service at once. */
const making = new Map<string, Promise<Outcome>>();

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const fallback = optionalValue(node, "default");
  const refresh = optionalValue(node, "refreshAfter");
  const settings: CacheValue = {
    key: evaluateString(requiredValue(node, "key"), clock),
    variable: literalText(node, "variable") ?? "",
    fallback: fallback === undefined ? undefined : evaluateAny(fallback, clock),
    expiresAfter: evaluateDuration(requiredValue(node, "expiresAfter"), clock, 1000, longest),
    refreshAfter: refresh === undefined ? undefined : evaluateDuration(refresh, clock, 0, longest),
    steps: context.link(policiesOf(node.args["policies"])),
    cacheNow: cacheFor(node, context.ports),
    clock,
  };
  return (exchange, signal) => run(settings, exchange, signal);
}

async function run(settings: CacheValue, exchange: Exchange, signal: AbortSignal | undefined): Promise<Outcome> {
  const key = valueKey(settings.key(exchange));
  const found = await settings.cacheNow().get(key);
  if (found !== undefined) {
    const { variable } = settings;
    exchange.setVariable(variable, decodeValue(found.meta));
    // One makes it anew; who comes meanwhile has the old one.
    if (isFresh(settings, found, exchange) || making.has(key)) return undefined;
    return make(settings, key, exchange, signal);
  }
  const underWay = making.get(key);
  if (underWay === undefined) return make(settings, key, exchange, signal);
  await underWay;
  const made = await settings.cacheNow().get(key);
  if (made === undefined) return makeNow(settings, key, exchange, signal);
  exchange.setVariable(settings.variable, decodeValue(made.meta));
  return undefined;
}

function isFresh({ refreshAfter, clock }: CacheValue, { body }: CacheEntry, exchange: Exchange): boolean {
  if (refreshAfter === undefined) return true;
  const storedAt = body.byteLength === 8 ? Buffer.from(body).readDoubleBE() : 0;
  return clock.now() - storedAt < refreshAfter(exchange);
}

function make(
  settings: CacheValue,
  key: string,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const made = makeNow(settings, key, exchange, signal).finally(() => making.delete(key));
  // Those who wait go on whatever became of it.
  const settled = made.catch(() => undefined);
  making.set(key, settled);
  return made;
}

/** What the policies leave unset keeps the value that there was. */
async function makeNow(
  { steps, variable, fallback, expiresAfter, cacheNow, clock }: CacheValue,
  key: string,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const had = exchange.variables?.has(variable) === true;
  const before = exchange.variables?.get(variable);
  exchange.variables?.delete(variable);
  const outcome = await runSection(steps, exchange, signal);
  if (outcome !== undefined) return outcome;
  if (exchange.variables?.has(variable) === true) {
    const meta = encodeValue(exchange.variables.get(variable));
    const cache = cacheNow();
    const now = clock.now();
    const body = Buffer.alloc(8);
    body.writeDoubleBE(now);
    if (meta.length <= cache.maxEntryBytes)
      await cache.put(key, { meta, body, expiresAt: now + expiresAfter(exchange) });
  } else if (had) exchange.setVariable(variable, before);
  else if (fallback !== undefined) exchange.setVariable(variable, fallback(exchange));
  return undefined;
}
