import type {
  AuditCosigner,
  AuditRetention,
  AuditSettings,
  AuditWitness,
  EdgeSettings,
  ListenPlace,
} from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { EdgeInput } from "#config/table/edge.ts";
import { buildForwardAuth, buildHeaderSecret } from "./forward-auth.ts";
import { buildListeners, checkSocketsDiffer, type ListenPlaces } from "./listeners.ts";
import { buildClientCertificates, buildListenerCertificates } from "./client-certificates.ts";
import type { AuditInput, CosignerInput, WitnessInput, RetentionInput } from "#config/table/root.ts";

const defaultHttps: readonly ListenPlace[] = [{ host: "::", port: 8443 }];
const defaultHttp: readonly ListenPlace[] = [{ host: "::", port: 8080 }];

export function buildEdge(
  { https, listen, limits, ...input }: EdgeInput,
  resources: Resources,
  problems: Problems,
): Omit<EdgeSettings, "clearPlaces"> {
  if (https === "off" && listen.https !== undefined) {
    const fix = "leave out listen.https, or write https: internal";
    problems.warn("setting-unused", listen.https.at, "nothing listens here: https is off", fix);
  }
  if (https === "off" && listen.advertised !== undefined) {
    const message = "nothing leads to these ports: https is off, so there are no redirects and no revocation lists";
    problems.warn("setting-unused", listen.advertised.at, message, "leave out listen.advertised");
  }
  if (listen.proxyProtocol !== undefined && input.trustedProxies.length === 0) {
    const message = "the PROXY protocol is for trusted proxies, and there is none, so nobody would get in";
    problems.error("key-missing", listen.proxyProtocol.at, message, "write edge.trustedProxies: [10.0.0.0/8]");
  }
  const secure = https === "off" ? undefined : listen.https?.value.filter(({ value }) => value.address !== undefined);
  const securePlaces = secure?.map(({ value, at }) => ({ value: value.address as ListenPlace, at }));
  checkSocketsDiffer([...(securePlaces ?? []), ...(listen.http?.value ?? [])], resources, problems);
  const build = (places: ListenPlaces): readonly ListenPlace[] => buildListeners(places, resources, problems);
  const listeners = https === "off" ? [] : securePlaces === undefined ? defaultHttps : build(securePlaces);
  return {
    https: listeners,
    http: listen.http === undefined ? defaultHttp : build(listen.http.value),
    tls: https === "off" ? "off" : "internal",
    proxyProtocol: listen.proxyProtocol?.value ?? [],
    advertisedPorts: { https: listen.advertised?.value.https ?? null, http: listen.advertised?.value.http ?? null },
    trustedProxies: input.trustedProxies,
    proxySecret: buildProxySecret(input.proxySecret, resources, problems),
    forwardedHeader: input.forwardedHeader,
    clientCertificates: buildClientCertificates(input.clientCertificates, https, resources, problems),
    listenerCertificates: buildListenerCertificates(secure ?? [], listeners, resources, problems),
    hsts: buildHsts(input.hsts),
    allowedHeaderNames: input.allowHeaderNames,
    forwardAuth: input.forwardAuth === undefined ? null : buildForwardAuth(input.forwardAuth, resources, problems),
    limits: {
      headerBytes: limits.headerSize,
      headerCount: limits.headerCount,
      bodyBytes: limits.bodySize,
      policyBodyBytes: limits.policyBodySize,
      expressionMs: limits.expressionTime,
      headersTimeoutMs: limits.headersTimeout,
      bodyIdleTimeoutMs: limits.bodyIdleTimeout,
      idleTimeoutMs: limits.idleTimeout,
      streamIdleTimeoutMs: limits.streamIdleTimeout,
      connections: limits.connections,
      drainMs: limits.drain,
    },
  };
}

function buildProxySecret(
  secret: EdgeInput["proxySecret"],
  resources: Resources,
  problems: Problems,
): EdgeSettings["proxySecret"] {
  return secret === undefined ? null : buildHeaderSecret(secret.value, secret.at, resources, problems);
}

function buildHsts(input: EdgeInput["hsts"]): EdgeSettings["hsts"] {
  if (input?.maxAge === undefined) return null;
  return { maxAgeSeconds: Math.floor(input.maxAge / 1000), includeSubDomains: input.includeSubDomains };
}

/** Both are required: what lacks one was reported. */
function buildCosigner({ url, key }: Partial<CosignerInput> = {}): AuditCosigner | null {
  return url === undefined || key === undefined ? null : { url, key };
}

function buildWitness(input: WitnessInput | undefined): AuditWitness | null {
  if (input === undefined) return null;
  const { url = null, file = null, every } = input;
  const cosigner = buildCosigner(input.cosigner);
  return url === null && file === null && cosigner === null ? null : { url, file, cosigner, everyMs: every };
}

function buildRetention({ behind, ...input }: RetentionInput): AuditRetention {
  const [size, age] = [input.size ?? null, input.age ?? null];
  return {
    maxBytes: size,
    maxAgeMs: age,
    behindBytes: size && (behind.size ?? size),
    behindAgeMs: age && (behind.age ?? age),
  };
}

export function buildAudit(input: AuditInput): AuditSettings {
  return {
    durability: input.durability,
    segmentBytes: input.segmentSize,
    flushMs: input.flush,
    syncMs: input.sync,
    redact: input.redact,
    compress: input.compress,
    retention: buildRetention(input.retention),
    witness: buildWitness(input.witness),
  };
}
