import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";
import { defaultResponseLimits } from "#wire/http1-response-parser.ts";
import { noBody } from "#wire/http1-request-writer.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import type { TransportPool } from "#wire/transport.ts";
import { parseFetchUrl } from "./destination.ts";
import { createEgressGuard, type EgressOptions } from "./egress.ts";
import { fetchOnce, fetchThrough } from "./fetch-call.ts";
import { proxyRoute, throughProxy } from "./proxy-route.ts";
import { createTrust } from "./targets.ts";

export interface EgressFetchOptions extends EgressOptions {
  readonly clock: Clock;
  readonly wheel?: TimerWheel;
  /** PEM of CAs that are trusted besides the machine's. */
  readonly ca?: string | null;
}

/**
 * Fetches small documents: discovery, key sets, what certificate authorities answer. Redirects come back as they are (`status` 3xx), because following one
 * would go where nobody allowed.
 */
export function createEgress(options: EgressFetchOptions): Egress {
  const guard = createEgressGuard(options);
  const settings = settingsOf(options.wheel ?? new TimerWheel(options.clock));
  const kept = new Map<string, TransportPool>();
  const keptSettings = { ...settings, maxConnections: 64, maxWaiting: 1024, idleTimeoutMs: 30_000 };
  let trust: ReturnType<typeof createTrust> | null = null;

  const send = (request: EgressRequest): Promise<EgressResponse> => {
    const { destination, target } = parseFetchUrl(request.url);
    const leave = request.declared ? guard.checkDeclared(destination) : guard.check(destination);
    const method = request.method ?? "GET";
    const fields = request.headers ?? [];
    const body = request.body ?? null;
    const framing = body === null ? noBody : body.byteLength;
    const proxy = request.proxy === undefined ? null : proxyRoute(request.proxy, guard);
    const host = request.host ?? destination.authority;
    const route = throughProxy(proxy, destination, target, fields);
    const head = {
      method,
      target: route.target,
      host,
      fields: route.fields,
      framing,
      expects: false,
      upgrade: null,
    };
    const tls = destination.secure ? (trust ??= createTrust(options.ca ?? null)) : null;
    const { timeoutMs, maxBytes, admit, signal } = request;
    const limits = { timeoutMs, maxBytes, ...(admit && { admit }), ...(signal && { signal }) };
    const via = proxy === null ? {} : { proxy };
    const dialled = { host: destination.host, port: destination.port, tls, lookup: leave?.lookup ?? null, ...via };
    const plan = { target: dialled, head, body, ...limits };
    if (request.keepAlive !== true || !request.declared || proxy !== null) return fetchOnce(plan, settings);
    let pool = kept.get(destination.origin);
    if (pool === undefined) kept.set(destination.origin, (pool = createPool(plan.target, keptSettings)));
    return fetchThrough(pool, plan, keptSettings);
  };
  return {
    // Async, so that a refusal is a rejection like every other failure.
    fetch: async (request) => send(request),
    close: () => {
      for (const pool of kept.values()) pool.retire();
      kept.clear();
    },
  };
}

function settingsOf(wheel: TimerWheel): PoolSettings {
  return {
    wheel,
    limits: defaultResponseLimits,
    connectTimeoutMs: 3000,
    bodyIdleMs: 30_000,
    waitMs: 1000,
    maxConnections: 1,
    maxWaiting: 0,
    idleTimeoutMs: 0,
  };
}
