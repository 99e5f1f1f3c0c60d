import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import { Pool, type PoolSettings } from "#wire/pool.ts";
import { parseDestination, type Destination } from "./destination.ts";
import type { EgressLeave } from "./egress.ts";
import { TargetHealth } from "./health.ts";

/** One place to send requests to. */
export interface UpstreamTarget {
  readonly destination: Destination;
  readonly pool: Pool;
  readonly health: TargetHealth;
}

/** The places of a backend, used in turn. */
export class TargetSet {
  readonly name: string;
  readonly host: "preserve" | "upstream";
  readonly targets: readonly UpstreamTarget[];
  #next = 0;

  constructor(name: string, host: "preserve" | "upstream", targets: readonly UpstreamTarget[]) {
    this.name = name;
    this.host = host;
    this.targets = targets;
  }

  /** The next one that is up, or null. */
  choose(): UpstreamTarget | null {
    const { targets } = this;
    for (let step = 0; step < targets.length; step += 1) {
      const target = targets[(this.#next + step) % targets.length] as UpstreamTarget;
      if (!target.health.isUp) continue;
      this.#next = (this.#next + step + 1) % targets.length;
      return target;
    }
    return null;
  }

  retire(): void {
    for (const { pool } of this.targets) pool.retire();
  }
}

/** What targets are made with: the same for all but what the backend says. */
export interface TargetContext {
  readonly clock: Clock;
  readonly pool: Omit<PoolSettings, "connectTimeoutMs" | "maxConnections" | "maxWaiting" | "idleTimeoutMs">;
  /** Text of a PEM file, by its name in the definition. */
  readonly readCa: (file: string) => string;
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
  const secureContext = backend.urls.some((url) => /^https:/i.test(url)) ? trust(backend, context) : null;
  const settings: PoolSettings = {
    ...context.pool,
    connectTimeoutMs: backend.connectTimeoutMs,
    maxConnections: backend.maxConnections,
    maxWaiting: backend.maxWaiting,
    idleTimeoutMs: backend.idleTimeoutMs,
  };
  const targets = backend.urls.map((url) => {
    const destination = parseDestination(url);
    const { host, port, secure } = destination;
    const lookup = checkDeclared(destination)?.lookup ?? null;
    const pool = new Pool({ host, port, tls: secure ? secureContext : null, lookup }, settings);
    return { destination, pool, health: new TargetHealth(context.clock) };
  });
  return new TargetSet(backend.name, backend.host, targets);
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
