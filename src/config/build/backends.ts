import type { NamedCertificate } from "#model/certificates.ts";
import type { Connection } from "#model/connection.ts";
import type { Backend } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";
import { buildIdentityShown } from "./assertion.ts";
import { buildBalance, buildSticky, buildTargets } from "./balance.ts";
import { buildBackendAuthorization } from "./backend-authorization.ts";
import { buildBackendCredentials } from "./backend-credentials.ts";
import { buildBackendTls } from "./backend-tls.ts";
import { buildDiscovery } from "./discovery.ts";
import { buildHealth } from "./health.ts";
import { checkMembers } from "./members.ts";
import { buildRetries } from "./retries.ts";

export function buildBackends(
  backends: readonly Named<BackendInput>[],
  resources: Resources,
  certificates: readonly NamedCertificate[],
  connections: readonly Connection[],
  problems: Problems,
): readonly Backend[] {
  const built = backends.map((backend) =>
    buildBackend(backend, backends, resources, certificates, connections, problems),
  );
  checkMembers(built, problems);
  return built;
}

function buildBackend(
  { name, at, value }: Named<BackendInput>,
  backends: readonly Named<BackendInput>[],
  resources: Resources,
  certificates: readonly NamedCertificate[],
  connections: readonly Connection[],
  problems: Problems,
): Backend {
  const targets = buildTargets({ name, at, value }, backends, problems);
  const discover = buildDiscovery(value, problems);
  const secure = discover?.scheme === "https" || targets.some(({ url }) => url.startsWith("https:"));
  if (value.ca !== undefined && (targets.length > 0 || discover !== null) && !secure) {
    problems.warn("setting-unused", value.ca.at, `no URL of ${name} is https, so ca has no effect`, "leave out ca");
  }
  const urls = discover === null ? targets.map(({ url }) => url) : [`${discover.scheme}://${discover.name}`];
  return {
    name,
    targets,
    discover,
    balance: buildBalance(value, targets, problems),
    sticky: buildSticky(value),
    retries: value.retries === undefined ? null : buildRetries(value.retries),
    connectTimeoutMs: value.connectTimeout,
    idleTimeoutMs: value.idleTimeout,
    maxConnections: value.maxConnections,
    maxWaiting: value.maxWaiting,
    protocol: chooseProtocol(value.protocol, urls, problems),
    host: value.host ?? (secure ? "upstream" : "preserve"),
    ca: value.ca === undefined ? null : (resources.certificates.get(value.ca.value) ?? null),
    tls: buildBackendTls({ name, at, value }, secure, resources, certificates, problems),
    proxyProtocol: buildProxyProtocol(value, problems),
    credentials: buildBackendCredentials(value, resources, problems),
    authorization: buildBackendAuthorization(value, connections, problems),
    ...buildIdentityShown(value.identity, problems),
    ...buildHealth({ name, at, value }, problems),
    at,
  };
}

function fits(protocol: Backend["protocol"], url: string): boolean {
  const isSecure = url.startsWith("https:");
  return protocol === "h2" ? isSecure : protocol !== "h2c" || !isSecure;
}

/** @see RFC 9113 §3.1: `h2` is HTTP/2 over TLS, and what is spoken in clear text is known beforehand. */
function chooseProtocol(
  written: BackendInput["protocol"],
  urls: readonly string[],
  problems: Problems,
): Backend["protocol"] {
  const protocol = written?.value ?? "http/1.1";
  const url = urls.find((each) => each !== "" && !fits(protocol, each));
  if (written !== undefined && url !== undefined) {
    const fix = protocol === "h2" ? "write h2c for HTTP/2 in clear text" : "write h2 for HTTP/2 over TLS";
    problems.error("value-invalid", written.at, `${protocol} cannot be spoken to ${url}`, fix);
  }
  return protocol;
}

/** An HTTP/2 session is shared by all clients, and a connection that names one is not. */
function buildProxyProtocol({ proxyProtocol, protocol }: BackendInput, problems: Problems): Backend["proxyProtocol"] {
  if (proxyProtocol === undefined) return null;
  if (protocol?.value === "h2" || protocol?.value === "h2c") {
    const message = `proxyProtocol cannot be used with ${protocol.value}: its connections are shared by clients`;
    problems.error("value-invalid", proxyProtocol.at, message, "leave it out, or write protocol: http/1.1");
  }
  return proxyProtocol.value;
}
