import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { BackendTarget } from "#model/balancing.ts";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { TargetCondition, TargetStatus } from "#model/target-health.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { credentialsAdder } from "./add-credentials.ts";
import { createBalancer, type RandomFraction } from "./balance/balancer.ts";
import { StickyCookies } from "./balance/sticky-cookies.ts";
import type { Destination } from "./destination.ts";
import { DiscoveredTargets } from "./discovery/discovered-targets.ts";
import type { DnsQueries, Endpoint } from "./discovery/endpoints.ts";
import type { BackendRules } from "./draft-head.ts";
import type { EgressLeave } from "./egress.ts";
import { Outliers } from "./health/outliers.ts";
import { RetryRules } from "./retry/retry-rules.ts";
import type { UpstreamTarget } from "./target.ts";
import { TargetMaker } from "./target-maker.ts";
import { TargetSet } from "./target-set.ts";
import { TlsContexts } from "./tls-contexts.ts";

/** What targets are made with: the same for all but what the backend says. */
export interface TargetContext {
  readonly clock: Clock;
  readonly pool: Omit<PoolSettings, "connectTimeoutMs" | "maxConnections" | "maxWaiting" | "idleTimeoutMs">;
  /** Text of a PEM file, by its name in the definition. */
  readonly readCa: (file: string) => string;
  readonly random: RandomFraction;
  /** Of sticky cookies: 32 to 64 bytes, the same in all workers. */
  readonly stickyKey: Uint8Array;
  /** A target is another way than it was. */
  readonly log?: Log;
  /** The last answer to each question that backends ask for their targets. */
  readonly answers: Map<string, readonly Endpoint[]>;
  /** The targets of a backend are others than before. */
  readonly moved?: () => void;
  /** Default: queries to that server. */
  readonly nameServer?: (server: string | null) => DnsQueries;
  readonly changed?: (status: TargetStatus, before: TargetCondition) => void;
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
  backends: readonly Backend[] = [],
): TargetSet {
  const { name, host, sticky, discover } = backend;
  // Told by comparing, so the targets of a backend share what is known of them.
  const outliers = backend.outliers === null ? null : new Outliers(backend.outliers, context.clock);
  const makerOf = (own: Backend, secure: boolean): TargetMaker =>
    new TargetMaker(own, context, checkDeclared, secure ? contextsOf(own, context) : null, outliers);
  const maker = makerOf(backend, discover?.scheme === "https" || backend.targets.some(isOverTls));
  const targets = backend.targets.map((target) => {
    const member = backends.find((one) => one.name === target.backend);
    if (target.backend === undefined || member === undefined) return maker.fromUrl(target);
    return makerOf(asMember(backend, member), /^https:/i.test(target.url)).fromUrl(target, rulesOf(member));
  });
  const balancer = createBalancer(backend.balance, context.random);
  const cookies = sticky === null ? null : new StickyCookies<UpstreamTarget>(sticky, name, context.stickyKey);
  const retries = backend.retries === null ? null : new RetryRules(backend.retries, context.clock, context.random);
  const credentials = backend.credentials === null ? null : credentialsAdder(backend.credentials);
  const set = new TargetSet({ name, host, balancer, sticky: cookies, retries, credentials }, targets);
  if (discover !== null) set.follow(new DiscoveredTargets(set, discover, maker, context));
  return set;
}

function isOverTls({ url, backend }: BackendTarget): boolean {
  return backend === undefined && /^https:/i.test(url);
}

/** How it is reached, and when it is left alone, is its own; what is learned of it, and how it is chosen, the pool's. */
function asMember(pool: Backend, member: Backend): Backend {
  const { ca, tls, protocol, connectTimeoutMs, idleTimeoutMs, maxConnections, maxWaiting } = member;
  const circuitBreaker = member.circuitBreaker ?? pool.circuitBreaker;
  const own = { ca, tls, protocol, connectTimeoutMs, idleTimeoutMs, maxConnections, maxWaiting, circuitBreaker };
  return { ...pool, ...own };
}

function rulesOf({ host, credentials }: Backend): BackendRules {
  return { host, credentials: credentials === null ? null : credentialsAdder(credentials) };
}

/**
 * Certificates that the machine trusts, and `extra` ones besides. Made once: each costs milliseconds.
 * @param certificate to show, whatever the backend's own is
 */
export function createTrust(
  extra: string | null,
  tls: Backend["tls"] = null,
  certificate: OwnCertificate | null = null,
): SecureContext {
  return createSecureContext({
    minVersion: tls?.minVersion ?? "TLSv1.2",
    ...(extra === null ? {} : { ca: [...getCACertificates("default"), extra] }),
    ...shown(tls, certificate),
  });
}

function shown(
  tls: Backend["tls"],
  certificate: OwnCertificate | null,
): { readonly cert?: string; readonly key?: string } {
  if (certificate !== null) {
    const key = certificate.revealKey();
    // TLS takes a certificate without a key, and then shows nothing.
    if (key === null) throw new Error("a certificate without a key");
    return { cert: certificate.chainPem, key };
  }
  return tls === null || tls.certificate === null ? {} : { cert: tls.certificate, key: tls.keyPem ?? "" };
}

/** Authorities, and what this gateway shows of itself. */
function contextsOf(backend: Backend, context: TargetContext): TlsContexts {
  const { ca, tls } = backend;
  try {
    const extra = ca === null || ca.includes("-----BEGIN ") ? ca : context.readCa(ca);
    const plain = createTrust(extra, tls);
    return new TlsContexts((certificate) => (certificate === null ? plain : createTrust(extra, tls, certificate)));
  } catch (cause) {
    const what = tls === null ? "CA file" : "CA file, certificate or key";
    // Without the cause where a key was read: its message may quote it.
    const options = tls === null ? { cause } : {};
    throw new GatewayError("definition-invalid", 500, `backend ${backend.name}: its ${what} cannot be used`, options);
  }
}
