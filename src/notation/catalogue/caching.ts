import { type CheckedArguments, everyScope, everySection, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

/** Longest time that anything is kept: 2³¹ − 1 seconds, which documents write for ever. */
const longest = 2_147_483_647_000;

const cachingType: ArgumentSpec = {
  type: "enum",
  summary: "Which cache: that of cache.external where the definition has one, or the one in memory.",
  values: ["prefer-external", "external", "internal"],
  default: "prefer-external",
  xml: "@caching-type",
};

const key: ArgumentSpec = {
  type: "string",
  summary: "Key of the value, the same for all APIs.",
  required: true,
  expression: true,
};

function nameList(summary: string, xml: string): ArgumentSpec {
  return { type: "list", summary, items: { type: "string", summary: "Name." }, xml };
}

export const cacheLookup: PolicySpec = {
  name: "cache-lookup",
  summary:
    "Answers a GET from the cache, where cache-store has put it. Later policies of inbound do not run then, nor those of outbound before cache-store.",
  sections: ["inbound"],
  scopes: everyScope,
  once: true,
  args: {
    semantics: {
      type: "enum",
      summary:
        "fixed: for as long as cache-store says, as API Management. http: as the response's own Cache-Control, Expires, Vary and validators say (RFC 9111).",
      values: ["fixed", "http"],
      default: "fixed",
      xml: null,
    },
    varyByDeveloper: {
      type: "boolean",
      summary: "A copy for each principal and subscription.",
      default: false,
      expression: true,
      xml: "@vary-by-developer",
    },
    varyByDeveloperGroups: {
      type: "boolean",
      summary: "A copy for each set of groups.",
      default: false,
      expression: true,
      xml: "@vary-by-developer-groups",
    },
    varyByHeader: nameList("Request header fields that make another copy, besides those of Vary.", "vary-by-header"),
    varyByQueryParameter: nameList(
      "Query parameters that make another copy; all when none is named.",
      "vary-by-query-parameter",
    ),
    downstreamCaching: {
      type: "enum",
      summary: "Writes Cache-Control for the client: nobody, its own cache or any cache may keep the answer.",
      values: ["none", "private", "public"],
      expression: true,
      xml: "@downstream-caching-type",
    },
    mustRevalidate: {
      type: "boolean",
      summary: "With downstreamCaching: the client asks again when its copy is stale.",
      default: true,
      expression: true,
      xml: "@must-revalidate",
    },
    allowPrivate: {
      type: "boolean",
      summary: "Also requests that carry an identity. Use varyByDeveloper with it, unless the answer is everybody's.",
      default: false,
      expression: true,
      xml: "@allow-private-response-caching",
    },
    cachingType,
  },
  fromXml: splitNames,
  example: `cache-lookup:
  semantics: http
  varyByHeader: [Accept]`,
};

/** API Management takes several names in one element, with semicolons between them. */
function splitNames(args: CheckedArguments): CheckedArguments {
  const split = Object.entries(args).map(([name, argument]) => {
    if (argument.kind !== "list") return [name, argument] as const;
    const names = argument.items.flatMap((item) => String(literalOf(item) ?? "").split(";"));
    const items = names.map((text) => ({ kind: "literal", value: text.trim() }) as const);
    return [name, { kind: "list", items: items.filter(({ value }) => value !== "") }] as const;
  });
  return Object.fromEntries(split.filter(([, argument]) => argument.kind !== "list" || argument.items.length > 0));
}

export const cacheStore: PolicySpec = {
  name: "cache-store",
  summary: "Keeps the response as it is at this place, if a cache-lookup has looked for it.",
  sections: ["outbound"],
  scopes: everyScope,
  once: true,
  shorthand: "duration",
  args: {
    duration: {
      type: "duration",
      summary: "How long; with http semantics for responses that do not say it themselves (0s: not at all).",
      required: true,
      min: 0,
      max: longest,
      expression: true,
    },
    cacheResponse: {
      type: "boolean",
      summary: "Keeps this response whatever its status; 200 only when absent. Fixed semantics.",
      expression: true,
      xml: "@cache-response",
    },
  },
  example: "cache-store: 60s",
};

export const cacheLookupValue: PolicySpec = {
  name: "cache-lookup-value",
  summary: "Puts a value of the cache into a variable. Without one the variable gets the default, or is not set.",
  sections: everySection,
  scopes: everyScope,
  args: {
    key,
    variable: { type: "string", summary: "Name of the variable.", required: true, xml: "@variable-name" },
    default: { type: "any", summary: "Value when there is none.", expression: true, xml: "@default-value" },
    cachingType,
  },
  example: `cache-lookup-value:
  key: \${"plan-" + principal.id}
  variable: plan
  default: free`,
};

export const cacheStoreValue: PolicySpec = {
  name: "cache-store-value",
  summary: "Keeps a value for later requests; it keeps its type.",
  sections: everySection,
  scopes: everyScope,
  args: {
    key,
    value: { type: "any", summary: "Value.", required: true, expression: true },
    duration: { type: "duration", summary: "How long.", required: true, min: 1000, max: longest, expression: true },
    cachingType,
  },
  example: `cache-store-value:
  key: \${"plan-" + principal.id}
  value: gold
  duration: 5m`,
};

export const cacheRemoveValue: PolicySpec = {
  name: "cache-remove-value",
  summary: "Removes a value of the cache: no worker sees it any more when the next policy runs.",
  sections: everySection,
  scopes: everyScope,
  shorthand: "key",
  args: { key, cachingType },
  example: 'cache-remove-value: ${"plan-" + principal.id}',
};

export const cacheValue: PolicySpec = {
  name: "cache-value",
  summary: "Puts a value of the cache into a variable; policies make it anew when there is none or it is old.",
  sections: everySection,
  scopes: everyScope,
  args: {
    key,
    variable: { type: "string", summary: "Name of the variable.", required: true, xml: "@variable-name" },
    default: { type: "any", summary: "Value when there is none.", expression: true, xml: "@default-value" },
    expiresAfter: {
      type: "duration",
      summary: "How long a value is kept.",
      default: 28_800_000,
      min: 1000,
      max: longest,
      expression: true,
    },
    refreshAfter: {
      type: "duration",
      summary: "From when on it is made anew; expiresAfter when absent, 0 for each time.",
      min: 0,
      max: longest,
      expression: true,
    },
    cachingType,
    policies: { type: "policies", summary: "Set the variable.", xml: "value" },
  },
  example: `cache-value:
  key: rates
  variable: rates
  policies:
    - set-variable: { name: rates, value: none }`,
};
