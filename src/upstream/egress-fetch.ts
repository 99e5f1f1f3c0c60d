import type { SecureContext } from "node:tls";
import { GatewayError } from "#model/errors.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";
import { defaultResponseLimits } from "#wire/http1-response-parser.ts";
import { noBody } from "#wire/http1-request-writer.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { parseFetchUrl } from "./destination.ts";
import { createEgressGuard, type EgressOptions } from "./egress.ts";
import { fetchOnce, fetchThrough } from "./fetch-call.ts";
import { proxyRoute, throughProxy } from "./proxy-route.ts";
import { KeptPools } from "./kept-pools.ts";
import { createTrust } from "./targets.ts";
import { TlsContexts } from "./tls-contexts.ts";

export interface EgressFetchOptions extends EgressOptions {
  readonly clock: Clock;
  readonly wheel?: TimerWheel;
  /** PEM of CAs that are trusted besides the machine's. */
  readonly ca?: string | null;
}

/** Authorities of single destinations that are kept, as each costs milliseconds. */
const maxTrusted = 8;

/**
 * Fetches small documents: discovery, key sets, what certificate authorities answer. Redirects come back as they are (`status` 3xx), because following one
 * would go where nobody allowed.
 */
export function createEgress(options: EgressFetchOptions): Egress {
  const guard = createEgressGuard(options);
  const settings = settingsOf(options.wheel ?? new TimerWheel(options.clock));
  const kept = new KeptPools();
  const keptSettings = { ...settings, maxConnections: 64, maxWaiting: 1024, idleTimeoutMs: 30_000 };
  const contexts = new TlsContexts((certificate) => createTrust(options.ca ?? null, null, certificate));

  const trusted = new Map<string, TlsContexts>();
  const trusting = (ca: string): TlsContexts => {
    const known = trusted.get(ca);
    if (known !== undefined) return known;
    const made = new TlsContexts((certificate) => createTrust(ca, null, certificate));
    // Each stands in the definition: a reload may bring others.
    if (trusted.size >= maxTrusted) trusted.delete(trusted.keys().next().value as string);
    trusted.set(ca, made);
    return made;
  };

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
    const { timeoutMs, maxBytes, cuts, admit, signal, certificate, ca } = request;
    if (certificate !== undefined && !destination.secure) throw inClearText();
    const trust = ca === undefined ? contexts : trusting(ca);
    const tls = destination.secure ? contextFor(trust, certificate) : null;
    const limits = { timeoutMs, maxBytes, ...(cuts && { cuts }), ...(admit && { admit }), ...(signal && { signal }) };
    const via = proxy === null ? {} : { proxy };
    const dialled = { host: destination.host, port: destination.port, tls, lookup: leave?.lookup ?? null, ...via };
    const plan = { target: dialled, head, body, ...limits };
    if (request.keepAlive !== true || !request.declared || proxy !== null) return fetchOnce(plan, settings);
    if (ca !== undefined) return fetchOnce(plan, settings);
    const pool = kept.get(destination.origin, certificate?.id, () => createPool(plan.target, keptSettings));
    return fetchThrough(pool, plan, keptSettings);
  };
  return {
    // Async, so that a refusal is a rejection like every other failure.
    fetch: async (request) => send(request),
    close: () => {
      kept.retire();
    },
  };
}

function contextFor(contexts: TlsContexts, certificate: OwnCertificate | undefined): SecureContext {
  return certificate === undefined ? contexts.plain : contexts.showing(certificate);
}

function inClearText(): GatewayError {
  return new GatewayError("egress-refused", 502, "a certificate is to be shown, and the URL is http");
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
