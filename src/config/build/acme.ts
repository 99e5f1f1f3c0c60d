import type {
  AcmeChallenge,
  AcmeIssuer,
  AcmeSettings,
  FileCertificate,
  OnDemandSettings,
} from "#model/certificates.ts";
import { matchesHost } from "#lib/host-pattern.ts";
import { keysIn } from "#lib/key-text.ts";
import type { Api } from "#model/definition.ts";
import type { Secret } from "#model/secret.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import { knownDirectories } from "#config/checks/acme.ts";
import { isPublicHost } from "#config/checks/host.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import { type AcmeInput, acmeShape, type IssuerInput, type OnDemandInput } from "#config/table/acme.ts";
import type { EdgeInput } from "#config/table/edge.ts";
import { buildDns } from "./acme-dns.ts";

/** Null when nothing is to be had from a public authority. */
export function buildAcme(
  edge: EdgeInput,
  apis: readonly Api[],
  files: readonly FileCertificate[],
  resources: Resources,
  problems: Problems,
): AcmeSettings | null {
  if (edge.https !== "auto") return unused(edge, problems);
  const input = edge.acme?.value ?? acmeShape.empty;
  const challenges = challengesOf(input, edge.acme?.at, problems);
  const asked = edge.forwardAuth;
  const hosts = [
    ...apis.flatMap((api) => api.hosts.map((host) => ({ host, at: api.at }))),
    ...(asked === undefined ? [] : asked.value.hosts.map((host) => ({ host, at: asked.at }))),
  ];
  const wanted = hosts.filter(
    ({ host }) =>
      (isPublicHost(host) || input.privateHosts.some((pattern) => matchesHost(pattern, host))) &&
      !files.some((file) => file.hosts.some((name) => matchesHost(name, host))),
  );
  const byDns = challenges.includes("dns-01");
  const wildcards = byDns ? [] : wanted.filter(({ host }) => host.startsWith("*."));
  const onDemand = buildOnDemand(
    input.onDemand,
    wildcards.map(({ host }) => host),
    problems,
  );
  if (onDemand === null) reportWildcards(wildcards, problems);
  const names = namesOf(wanted.map(({ host }) => host).filter((host) => byDns || !host.startsWith("*.")));
  const settings: AcmeSettings = {
    issuers: input.issuers.map((issuer) => buildIssuer(issuer, edge.acme?.at, resources, problems)),
    email: edge.email ?? null,
    challenges,
    dns: input.dns === undefined ? null : buildDns(input.dns, resources, problems),
    onDemand,
    keyType: input.keyType,
    storage: input.storage === undefined ? null : resources.resolve(input.storage),
    storageKey: buildStorageKey(input, resources, problems),
    names,
  };
  return names.length === 0 && onDemand === null ? null : settings;
}

/** As many as of key-encryption keys. */
const mostStorageKeys = 8;

function buildStorageKey(
  { storage, storageKey: source }: AcmeInput,
  { secrets }: Resources,
  problems: Problems,
): Secret | null {
  if (source === undefined) return null;
  if (storage === undefined) {
    const message = "storageKey is for a storage that several nodes share";
    problems.warn("setting-unused", source.at, message, "add storage: …, or leave storageKey out");
    return null;
  }
  const secret = secrets.get(source) ?? null;
  const keys = secret === null ? [] : keysIn(secret.reveal(), mostStorageKeys);
  if (typeof keys === "string") {
    const message = `the key of the storage from ${secret?.origin} cannot be used: ${keys}`;
    problems.error("value-invalid", source.at, message, "make one: openssl rand -base64 32");
  }
  return secret;
}

/** A name below a wildcard needs no certificate of its own. */
function namesOf(hosts: readonly string[]): readonly string[] {
  const wildcards = hosts.filter((host) => host.startsWith("*."));
  const needed = hosts.filter((host) => !wildcards.some((one) => one !== host && matchesHost(one, host)));
  return [...new Set(needed)].toSorted();
}

function unused({ acme }: EdgeInput, problems: Problems): null {
  if (acme === undefined) return null;
  problems.warn("setting-unused", acme.at, "no certificate is ordered: https is not auto", "write https: auto");
  return null;
}

function challengesOf(input: AcmeInput, at: SourcePosition | undefined, problems: Problems): readonly AcmeChallenge[] {
  const { challenges, dns } = input;
  if (challenges === undefined) return dns === undefined ? ["tls-alpn-01", "http-01"] : ["dns-01"];
  if (challenges.includes("dns-01") && dns === undefined && at !== undefined) {
    problems.error("key-missing", at, "edge.acme lacks dns, which dns-01 needs", "add dns: { … }, or leave out dns-01");
  }
  return [...new Set(challenges)];
}

/** Browsers will not trust what the internal CA issues for these. */
function reportWildcards(
  wildcards: readonly { readonly host: string; readonly at: SourcePosition }[],
  problems: Problems,
): void {
  for (const { host, at } of wildcards) {
    const message = `${host} is a wildcard, which authorities validate by DNS only: its certificate comes from the internal CA`;
    const fix = "add edge.acme.dns, name each host, allow them in edge.acme.onDemand, or write edge.https: internal";
    problems.warn("https-public-host", at, message, fix);
  }
}

function buildOnDemand(
  input: Located<OnDemandInput> | undefined,
  hosts: readonly string[],
  problems: Problems,
): OnDemandSettings | null {
  if (input === undefined) return null;
  const { ask, allow, perMinute } = input.value;
  if (ask === undefined && allow.length === 0) {
    // Whoever points a name here would make us order certificates until the authority's limits are used up.
    const fix = "add ask: https://…, or allow: [ … ]";
    problems.error("key-missing", input.at, "certificates on demand need somebody who permits them", fix);
  }
  return { ask: ask ?? null, allow, perMinute, hosts };
}

function buildIssuer(
  input: IssuerInput,
  at: SourcePosition | undefined,
  resources: Resources,
  problems: Problems,
): AcmeIssuer {
  const written = input.directory ?? "letsencrypt";
  const known = knownDirectories.get(written);
  const staging = input.staging ?? known?.staging ?? null;
  if (input.eab === undefined && (written === "zerossl" || written === "google") && at !== undefined) {
    const fix = "add eab: { keyId: …, hmacKey: { env: … } }";
    problems.error("key-missing", at, `the issuer ${written} lacks eab, without which it makes no account`, fix);
  }
  const directory = known?.url ?? written;
  return {
    name: known === undefined ? (URL.parse(directory)?.host ?? directory) : written,
    directory,
    staging: staging === null ? null : (knownDirectories.get(staging)?.url ?? staging),
    eab: buildEab(input, resources, problems),
    profile: input.profile ?? null,
    preferredChain: input.preferredChain ?? null,
    ca: input.ca === undefined ? null : (resources.certificates.get(input.ca.value) ?? null),
  };
}

function buildEab({ eab }: IssuerInput, resources: Resources, problems: Problems): AcmeIssuer["eab"] {
  const hmacKey = eab?.hmacKey === undefined ? undefined : resources.secrets.get(eab.hmacKey);
  if (eab?.keyId === undefined || eab.hmacKey === undefined || hmacKey === undefined) return null;
  if (!isBase64url(hmacKey)) {
    problems.error("value-invalid", eab.hmacKey.at, `the HMAC key from ${hmacKey.origin} is not base64url`);
  }
  return { keyId: eab.keyId, hmacKey };
}

function isBase64url(secret: Secret): boolean {
  const text = secret.reveal().replace(/=+$/, "");
  return /^[A-Za-z0-9_-]+$/.test(text) && text.length % 4 !== 1;
}
