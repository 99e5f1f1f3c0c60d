import { isRecord } from "#interop/apim/import/information.ts";
import { idOf } from "#interop/apim/import/names.ts";

type Properties = Readonly<Record<string, unknown>>;
type Rule = (value: unknown, all: Properties) => unknown;

const same: Rule = (value) => value;
const byId: Rule = (value) => (typeof value === "string" ? idOf(value) : value);
const lower: Rule = (value) => (typeof value === "string" ? value.toLowerCase() : value);
const usualKeys = { header: "Ocp-Apim-Subscription-Key", query: "subscription-key" };

/** What of a resource counts, and what is meant where it says nothing. The rest is not of the definition. */
const kinds: Readonly<Record<string, Readonly<Record<string, readonly [rule: Rule, absent?: unknown]>>>> = {
  api: {
    path: [(value) => String(value).replaceAll(/^\/+|\/+$/g, ""), ""],
    apiRevision: [same, "1"],
    apiVersion: [same, ""],
    apiVersionSetId: [byId, ""],
    displayName: [same],
    protocols: [(value) => (Array.isArray(value) ? value.map(String).toSorted() : value), ["https"]],
    serviceUrl: [(value) => (typeof value === "string" ? value.replace(/\/+$/, "") : value), ""],
    subscriptionRequired: [same, true],
    subscriptionKeyParameterNames: [same, usualKeys],
    type: [lower, "http"],
  },
  product: {
    displayName: [same],
    state: [same, "notPublished"],
    subscriptionRequired: [same, true],
    approvalRequired: [(value, all) => value === true && all["subscriptionRequired"] !== false, false],
    subscriptionsLimit: [same, null],
  },
  backend: {
    url: [(value) => (typeof value === "string" ? value.replace(/\/+$/, "") : value), ""],
    type: [(value) => lower(value, {}), "single"],
    pool: [poolOf, null],
    circuitBreaker: [same, null],
    credentials: [credentialsOf, null],
  },
  certificate: { keyVault: [vaultOf, null] },
  schema: {
    schemaType: [lower],
    // White space counts in no schema; of one in JSON the members' order does not.
    value: [(value) => (typeof value === "string" ? value.trim().replaceAll(/\s+/g, " ") : value), null],
    document: [same, null],
  },
  namedValue: {
    displayName: [same],
    secret: [same, false],
    // Nobody is told the text of a secret, here or there.
    value: [(value, all) => (all["secret"] === true ? null : value), null],
    keyVault: [vaultOf, null],
  },
  versionSet: {
    displayName: [same],
    versioningScheme: [lower],
    versionHeaderName: [same, null],
    versionQueryName: [same, null],
  },
  subscription: {
    displayName: [same],
    scope: [
      (value) =>
        String(value)
          .replace(/^.*\/service\/[^/]+/i, "")
          .replace(/\/+$/, ""),
    ],
    state: [lower, "active"],
    ownerId: [byId, null],
    expirationDate: [(value) => (typeof value === "string" ? new Date(value).toISOString() : value), null],
  },
  logger: { loggerType: [lower] },
  group: { displayName: [same] },
  diagnostic: {
    loggerId: [byId],
    alwaysLog: [same, null],
    sampling: [pruned, null],
    verbosity: [lower, "information"],
    logClientIp: [same, false],
    httpCorrelationProtocol: [lower, "legacy"],
    operationNameFormat: [lower, "name"],
    frontend: [pruned, null],
    backend: [pruned, null],
  },
};

/** Without what says nothing: empty lists, no bytes. Undefined: nothing is left. */
function pruned(value: unknown): unknown {
  if (value === null || value === 0) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(pruned);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value)
    .map(([name, one]) => [name, pruned(one)] as const)
    .filter(([, one]) => one !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function vaultOf(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { secretIdentifier, identityClientId = null } = value;
  return { secretIdentifier, identityClientId };
}

/** Members in no order, each by its own name. */
function poolOf(value: unknown): unknown {
  const services = isRecord(value) && Array.isArray(value["services"]) ? value["services"].filter(isRecord) : [];
  const members = services.map(({ id, priority = null, weight = null }) => ({ id: byId(id, {}), priority, weight }));
  return members.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
}

/** None, and an empty one, are the same; what is no named value is not shown. */
function credentialsOf(value: unknown): unknown {
  if (!isRecord(value)) return null;
  const ids = Array.isArray(value["certificateIds"]) ? value["certificateIds"].map((id) => byId(id, {})) : [];
  const certificates = ids.length === 0 ? [] : [["certificateIds", ids.toSorted()] as const];
  const shown = (["header", "query"] as const).flatMap((kind) => {
    const fields = isRecord(value[kind]) ? Object.entries(value[kind]) : [];
    return fields.length === 0
      ? []
      : [[kind, Object.fromEntries(fields.map(([name, list]) => [name, hidden(list)]))] as const];
  });
  const all = [...shown, ...certificates];
  return all.length === 0 ? null : Object.fromEntries(all);
}

function hidden(list: unknown): unknown {
  const texts = Array.isArray(list) ? list : [list];
  return texts.map((text) => (typeof text === "string" && /^\{\{[\w.-]+\}\}$/.test(text) ? text : "***"));
}

/** In the order of the table. Undefined: nothing of it is of the definition. */
export function propertiesOf(path: string, properties: Properties): Properties | undefined {
  const [, file = ""] = /\/(\w+)Information\.json$/.exec(path) ?? [];
  const kind = file === "apiVersionSet" ? "versionSet" : file;
  const depth = kind === "diagnostic" ? 5 : 3;
  const rules = Object.hasOwn(kinds, kind) && path.split("/").length === depth ? kinds[kind] : undefined;
  if (rules === undefined) return undefined;
  // What comes from a vault is a secret, said or not.
  const whole = isRecord(properties["keyVault"]) ? { ...properties, secret: true } : properties;
  const found = Object.entries(rules).map(([name, [rule, absent]]) => {
    const value = whole[name];
    return [name, value === undefined || value === null ? absent : rule(value, whole)] as const;
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}
