import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { createBalancer, type RandomFraction } from "./balance/balancer.ts";
import { StickyCookies } from "./balance/sticky-cookies.ts";
import { parseDestination, type Destination } from "./destination.ts";
import type { EgressLeave } from "./egress.ts";
import { TargetHealth } from "./health.ts";
import { RetryRules } from "./retry/retry-rules.ts";
import { UpstreamTarget } from "./target.ts";
import { TargetSet } from "./target-set.ts";

/** What targets are made with: the same for all but what the backend says. */
export interface TargetContext {
  readonly clock: Clock;
  readonly pool: Omit<PoolSettings, "connectTimeoutMs" | "maxConnections" | "maxWaiting" | "idleTimeoutMs">;
  /** Text of a PEM file, by its name in the definition. */
  readonly readCa: (file: string) => string;
  readonly random: RandomFraction;
  /** Of sticky cookies: 32 to 64 bytes, the same in all workers. */
  readonly stickyKey: Uint8Array;
}

/** Leave to dial what the definition names; null when its addresses need no look. */
export type CheckDeclared = (destination: Destination) => EgressLeave | null;

/**
 * @throws GatewayError `definition-invalid` for URLs and certificates that cannot be used, `egress-refused` for what
 *   `checkDeclared` refuses
 */
export function createBackendTargets(
  backend: Backend,
  context: TargetContext,
  checkDeclared: CheckDeclared,
): TargetSet {
  const secureContext = backend.targets.some(({ url }) => /^https:/i.test(url)) ? trust(backend, context) : null;
  const settings: PoolSettings = {
    ...context.pool,
    connectTimeoutMs: backend.connectTimeoutMs,
    maxConnections: backend.maxConnections,
    maxWaiting: backend.maxWaiting,
    idleTimeoutMs: backend.idleTimeoutMs,
  };
  const targets = backend.targets.map(({ url, weight, priority }) => {
    const destination = parseDestination(url);
    const { host, port, secure } = destination;
    const lookup = checkDeclared(destination)?.lookup ?? null;
    const { protocol } = backend;
    const pool = createPool({ host, port, tls: secure ? secureContext : null, lookup, protocol }, settings);
    return new UpstreamTarget(destination, pool, new TargetHealth(context.clock), weight, priority);
  });
  const { name, host, sticky } = backend;
  const balancer = createBalancer(backend.balance, context.random);
  const cookies = sticky === null ? null : new StickyCookies<UpstreamTarget>(sticky, name, context.stickyKey);
  const retries = backend.retries === null ? null : new RetryRules(backend.retries, context.clock, context.random);
  return new TargetSet({ name, host, balancer, sticky: cookies, retries }, targets);
}

/** Certificates that the machine trusts, and `extra` ones besides. Made once: each costs milliseconds. */
export function createTrust(extra: string | null): SecureContext {
  const minVersion = "TLSv1.2";
  if (extra === null) return createSecureContext({ minVersion });
  return createSecureContext({ minVersion, ca: [...getCACertificates("default"), extra] });
}

function trust(backend: Backend, context: TargetContext): SecureContext {
  if (backend.ca === null) return createTrust(null);
  try {
    return createTrust(backend.ca.includes("-----BEGIN ") ? backend.ca : context.readCa(backend.ca));
  } catch (cause) {
    throw new GatewayError("definition-invalid", 500, `backend ${backend.name}: its CA file cannot be used`, { cause });
  }
}
