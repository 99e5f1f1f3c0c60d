import { realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import { createPool } from "#wire/create-pool.ts";
import type { Target } from "#wire/dial.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { createBalancer, type RandomFraction } from "./balance/balancer.ts";
import { StickyCookies } from "./balance/sticky-cookies.ts";
import { parseBackendDestination, type Destination } from "./destination.ts";
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
    const destination = parseBackendDestination(url);
    const pool = createPool(targetOf(backend, destination, secureContext, checkDeclared), settings);
    return new UpstreamTarget(destination, pool, new TargetHealth(context.clock), weight, priority);
  });
  const { name, host, sticky } = backend;
  const balancer = createBalancer(backend.balance, context.random);
  const cookies = sticky === null ? null : new StickyCookies<UpstreamTarget>(sticky, name, context.stickyKey);
  const retries = backend.retries === null ? null : new RetryRules(backend.retries, context.clock, context.random);
  return new TargetSet({ name, host, balancer, sticky: cookies, retries }, targets);
}

function targetOf(
  { protocol, proxyProtocol, tls }: Backend,
  destination: Destination,
  secureContext: SecureContext | null,
  checkDeclared: CheckDeclared,
): Target {
  const { host, port, secure, socketPath } = destination;
  if (socketPath !== undefined) checkSocket(socketPath);
  const serverName = tls?.serverName ?? null;
  return {
    host,
    port,
    tls: secure ? secureContext : null,
    lookup: socketPath === undefined ? (checkDeclared(destination)?.lookup ?? null) : null,
    protocol,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(serverName === null ? {} : { serverName }),
    ...(proxyProtocol === null ? {} : { proxyProtocol }),
  };
}

/** The socket of the admin API knows its callers by the user that they run as, and this process is that user. */
function checkSocket(path: string): void {
  if (basename(realPathOf(path)) !== "admin.sock") return;
  throw new GatewayError("egress-refused", 502, "the destination is refused: it is the admin API");
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It may come later.
    return resolve(path);
  }
}

/** Certificates that the machine trusts, and `extra` ones besides. Made once: each costs milliseconds. */
export function createTrust(extra: string | null, tls: Backend["tls"] = null): SecureContext {
  return createSecureContext({
    minVersion: tls?.minVersion ?? "TLSv1.2",
    ...(extra === null ? {} : { ca: [...getCACertificates("default"), extra] }),
    ...(tls === null || tls.certificate === null ? {} : { cert: tls.certificate, key: tls.keyPem ?? "" }),
  });
}

/** Authorities, and what this gateway shows of itself. */
function trust(backend: Backend, context: TargetContext): SecureContext {
  const { ca, tls } = backend;
  try {
    const extra = ca === null || ca.includes("-----BEGIN ") ? ca : context.readCa(ca);
    return createTrust(extra, tls);
  } catch (cause) {
    const what = tls === null ? "CA file" : "CA file, certificate or key";
    // Without the cause where a key was read: its message may quote it.
    const options = tls === null ? { cause } : {};
    throw new GatewayError("definition-invalid", 500, `backend ${backend.name}: its ${what} cannot be used`, options);
  }
}
