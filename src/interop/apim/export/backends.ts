import type { Api, Backend, Operation } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { isoDuration } from "./iso-duration.ts";
import { type Export, putInformation } from "./export.ts";
import { literal, node } from "./nodes.ts";
import { putSecretValue } from "./named-values.ts";
import { backendsNamed } from "./backends-named.ts";

/** Address of a backend that is nothing but one: an API has it as its service URL. */
export function plainTarget({ definition, open }: Export, name: string): string | undefined {
  const backend = definition.backends.find((one) => one.name === name);
  const [target, ...others] = backend?.targets ?? [];
  if (backend === undefined || target === undefined || others.length > 0 || target.backend !== undefined)
    return undefined;
  const isShownSomething = backend.credentials !== null || open.shownCertificates.has(name);
  return isShownSomething || backend.circuitBreaker !== null ? undefined : target.url;
}

/** Where requests go, unless the service URL says it. */
export function backendPolicies(context: Export, api: Api, operation: Operation): readonly PolicyNode[] {
  const name = operation.backend ?? api.backend;
  if (name === null || (name === api.backend && plainTarget(context, name) !== undefined)) return [];
  return [node("set-backend-service", operation.at, { backendId: literal(name) })];
}

/** Backends that policies name, those that are more than an address, and those that no API has for its service. */
export function exportBackends(context: Export): void {
  const { definition, report } = context;
  const named = backendsNamed(context);
  for (const backend of definition.backends) {
    const from = `backends.${backend.name}`;
    const isService = definition.apis.some((api) => api.backend === backend.name);
    if (isService && plainTarget(context, backend.name) !== undefined && !named.has(backend.name)) {
      report.map(from, "serviceUrl of its APIs");
      reportLost(context, backend);
      continue;
    }
    exportBackend(context, backend);
  }
}

function exportBackend(context: Export, backend: Backend): void {
  const { report, files } = context;
  const from = `backends.${backend.name}`;
  const { targets, discover } = backend;
  const [only, ...others] = targets;
  reportLost(context, backend);
  if (discover !== null || only === undefined) {
    report.refuse(from, backend.at, "its targets are discovered, which API Management does not do");
    return;
  }
  const isPool = others.length > 0 || only.backend !== undefined;
  const properties = isPool
    ? poolOf(context, backend)
    : { url: only.url, protocol: "http", ...credentialsOf(context, backend) };
  putInformation(context, `backends/${backend.name}/backendInformation.json`, {
    ...properties,
    ...breakerOf(context, backend),
  });
  if (files.size > 0) report.map(from, `backends/${backend.name}`);
}

/** Members are backends of their own there. */
function poolOf(context: Export, { name, targets }: Backend): Readonly<Record<string, unknown>> {
  const services = targets.map((target, index) => {
    const member = target.backend ?? `${name}-${index + 1}`;
    if (target.backend === undefined) {
      putInformation(context, `backends/${member}/backendInformation.json`, { url: target.url, protocol: "http" });
    }
    return { id: `/backends/${member}`, priority: target.priority, weight: target.weight };
  });
  return { type: "Pool", pool: { services } };
}

/** No value is written out: each is a named value, secret, which has its text there; a certificate goes by its name. */
function credentialsOf(context: Export, { name, credentials }: Backend): Readonly<Record<string, unknown>> {
  const put = (
    kind: string,
    all: readonly { readonly name: string; readonly value: string; readonly secret?: true }[],
  ) => {
    const found: Record<string, string[]> = {};
    for (const one of all) {
      const list = (found[one.name] ??= []);
      const words = [name, kind, one.name, ...(list.length === 0 ? [] : [String(list.length + 1)])].join("-");
      list.push(one.secret === true ? putSecretValue(context, words) : one.value);
    }
    return Object.keys(found).length === 0 ? {} : { [kind]: found };
  };
  const shown = {
    ...put("header", credentials?.headers ?? []),
    ...put("query", credentials?.query ?? []),
    ...certificateOf(context, name),
  };
  return Object.keys(shown).length === 0 ? {} : { credentials: shown };
}

function certificateOf({ open }: Export, backend: string): { readonly certificateIds?: readonly string[] } {
  const certificate = open.shownCertificates.get(backend);
  return certificate === undefined ? {} : { certificateIds: [`/certificates/${certificate}`] };
}

function breakerOf({ report }: Export, { name, circuitBreaker }: Backend): Readonly<Record<string, unknown>> {
  if (circuitBreaker === null) return {};
  const { failures, percent, intervalMs, statuses, onErrors, tripMs, acceptRetryAfter } = circuitBreaker;
  if (failures > 0 && percent > 0)
    report.change(`backends.${name}`, "circuitBreaker: there, either a number or a share of failures counts");
  const failureCondition = {
    ...(failures > 0 ? { count: failures } : { percentage: percent }),
    interval: isoDuration(intervalMs),
    statusCodeRanges: statuses.map(({ from, to }) => ({ min: from, max: to })),
    ...(onErrors ? { errorReasons: ["BackendConnectionFailure", "Timeout"] } : {}),
  };
  return {
    circuitBreaker: {
      rules: [{ name: `${name}-breaker`, failureCondition, tripDuration: isoDuration(tripMs), acceptRetryAfter }],
    },
  };
}

/** What a backend of API Management does not do. */
function reportLost({ report, open }: Export, backend: Backend): void {
  const from = `backends.${backend.name}`;
  const { health, passiveHealth, outliers, retries, sticky, balance, ca, tls, proxyProtocol, authorization, identity } =
    backend;
  const settings = {
    health,
    passiveHealth,
    outliers,
    retries,
    sticky,
    ca,
    proxyProtocol,
    identity: identity ?? null,
    "tls.certificate": open.shownCertificates.has(backend.name) ? null : (tls?.certificate ?? null),
  };
  const lost = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined);
  for (const [name] of lost) report.leave(from, name);
  if (authorization !== undefined && authorization.kind !== "original") {
    report.change(from, "authorization: there, APIs that name the backend say it, and none that a policy leads to it");
  }
  if (backend.targets.length > 1 && !balance.policy.endsWith("round-robin")) {
    report.change(from, `balance: ${balance.policy} here, by weight in turn there`);
  }
  if (backend.host === "preserve") report.change(from, "host: the backend is called by its own name there");
}
