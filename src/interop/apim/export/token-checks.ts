import type { Provider } from "#model/definition.ts";
import type { Argument } from "#model/policy-tree.ts";
import { rulesOf, tenantMark } from "#model/provider-rules.ts";
import type { TokenNames } from "#notation/cel-csharp/principal.ts";
import { list, literal, map, texts } from "./nodes.ts";

export interface TokenChecks {
  /** Of `validate-jwt`. */
  readonly args: Readonly<Record<string, Argument>>;
  /** What is not asked there, and does no harm. */
  readonly changed: readonly string[];
  readonly impossible: readonly string[];
}

/** What identity asks of the tokens of these providers before any policy runs, as arguments of `validate-jwt`. */
export function tokenChecks(providers: readonly Provider[]): TokenChecks {
  const audiences = new Set(providers.flatMap((provider) => provider.audiences));
  const claims = providers.length === 1 ? requiredClaims(providers[0] as Provider) : [];
  return {
    args: {
      openidConfig: list(providers.flatMap(configurations).map((url) => map({ url: literal(url) }))),
      ...(audiences.size === 0 ? {} : { audience: texts([...audiences]) }),
      issuers: texts(providers.flatMap(issuers)),
      ...(claims.length === 0 ? {} : { requiredClaims: list(claims) }),
      ...clockSkew(providers),
    },
    changed: providers.flatMap(changedOf),
    impossible: providers.flatMap(impossibleOf),
  };
}

function issuers({ issuer, tenants }: Provider): readonly string[] {
  if (!issuer.includes(tenantMark)) return [issuer];
  return (tenants ?? []).map((tenant) => issuer.replace(tenantMark, tenant));
}

/** Of each tenant its own: the common document of several names an issuer with a mark in it. */
function configurations(provider: Provider): readonly string[] {
  const { discovery } = provider;
  const bases = discovery === undefined || discovery.includes(tenantMark) ? issuers(provider) : [discovery];
  return bases.map((base) => `${base.replace(/\/$/, "")}/.well-known/openid-configuration`);
}

function clockSkew([first, ...others]: readonly Provider[]): Readonly<Record<string, Argument>> {
  if (first === undefined || others.some(({ clockSkewMs }) => clockSkewMs !== first.clockSkewMs)) return {};
  const { clockSkewMs } = first;
  return clockSkewMs > 0 && clockSkewMs % 1000 === 0 ? { clockSkew: literal(clockSkewMs) } : {};
}

function requiredClaims({ preset }: Provider): readonly Argument[] {
  return Object.entries(rulesOf(preset).required).flatMap(([name, wanted]) => {
    if (wanted instanceof RegExp) return [];
    const values = wanted === "present" ? {} : { values: texts(wanted.map(String)) };
    return [map({ name: literal(name), match: literal(wanted === "present" ? "all" : "any"), ...values })];
  });
}

function changedOf({ name, preset, agents = [], ca, graph, userInfo }: Provider): readonly string[] {
  const matched = Object.entries(rulesOf(preset).required).filter(([, wanted]) => wanted instanceof RegExp);
  return [
    ...matched.map(([claim]) => `the form of the claim ${claim} is not checked for tokens of ${name}`),
    ...(agents.length > 0 ? [`who of ${name} is an agent is not told there`] : []),
    ...(ca === undefined ? [] : [`${name} must have a certificate of a public authority there`]),
    ...(graph === undefined ? [] : [`groups of ${name} are what its tokens say there: the directory is not asked`]),
    ...(userInfo === undefined ? [] : [`${name} is not asked there whether a token is still good`]),
  ];
}

function impossibleOf({ name, dpop, inCluster, users }: Provider): readonly string[] {
  return [
    ...(dpop === "required" ? [`tokens of ${name} must be bound to their sender, which is not checked there`] : []),
    ...(inCluster === undefined ? [] : [`keys of ${name} are those of the cluster, which is not reached from there`]),
    ...(users?.required === true ? [`people of ${name} must be users here, which is not known there`] : []),
  ];
}

/** Name of the variable that holds the caller's token. */
export const tokenVariable = "sallyport-caller";
/** Of the one that holds who that is. */
export const callerVariable = "sallyport-caller-id";

/** Which claims say what, when that is the same for all of them. Null: nobody's tokens are taken, or it differs. */
export function tokenNames(providers: readonly Provider[], variable: string = tokenVariable): TokenNames | null {
  const all = providers.map((provider) => namesOf(provider, variable));
  const [first] = all;
  return first === undefined || new Set(all.map((one) => JSON.stringify(one))).size > 1 ? null : first;
}

function namesOf({ claims, preset, issuer }: Provider, variable: string): TokenNames {
  const { groups, roles, email, name, tenant } = claims;
  const { subject } = rulesOf(preset);
  // There an address counts only with a word of Entra ID on whose it is.
  const trustsEmail = preset !== "entra-id-v2" && !issuer.includes(tenantMark);
  return { variable, groups, roles, email, displayName: name, tenant, subject, trustsEmail };
}
