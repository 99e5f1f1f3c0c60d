import type { Cache } from "#model/cache.ts";
import type { Outcome, StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { literalText, literalTexts, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { parseCacheControl } from "#policy/http-cache/cache-control.ts";
import { CacheInvalidation, CacheUse } from "#policy/http-cache/cache-use.ts";
import { cacheFor } from "#policy/http-cache/caching-type.ts";
import { type DownstreamRule, linkDownstream } from "#policy/http-cache/downstream.ts";
import { resourceKey } from "#policy/http-cache/keys.ts";
import { lookUp } from "#policy/http-cache/look-up.ts";
import { type Evaluate, evaluateBoolean } from "#policy/values.ts";

interface Plan {
  readonly http: boolean;
  readonly byDeveloper: Evaluate<boolean>;
  readonly byGroups: Evaluate<boolean>;
  readonly headers: readonly string[];
  readonly parameters: readonly string[];
  readonly allowPrivate: Evaluate<boolean>;
  readonly downstream: Evaluate<DownstreamRule>;
  readonly cacheNow: () => Cache;
  readonly clock: Clock;
}

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock } = ports;
  const plan = planOf(node, cacheFor(node, ports), clock);
  return (exchange): StepResult => {
    const { method } = exchange.request;
    if (method !== "GET" && method !== "HEAD") return noteChange(exchange, plan);
    if (method === "HEAD" && !plan.http) return undefined;
    const use = useOf(exchange, plan);
    if (use === null) return undefined;
    exchange.cache = use;
    return lookUp(exchange, use, clock);
  };
}

function planOf(node: PolicyNode, cacheNow: () => Cache, clock: Clock): Plan {
  return {
    http: literalText(node, "semantics") === "http",
    byDeveloper: evaluateBoolean(requiredValue(node, "varyByDeveloper"), clock),
    byGroups: evaluateBoolean(requiredValue(node, "varyByDeveloperGroups"), clock),
    headers: literalTexts(node, "varyByHeader").map((name) => name.toLowerCase()),
    parameters: literalTexts(node, "varyByQueryParameter"),
    allowPrivate: evaluateBoolean(requiredValue(node, "allowPrivate"), clock),
    downstream: linkDownstream(node, clock),
    cacheNow,
    clock,
  };
}

/** Safe methods but GET and HEAD change nothing and are not kept. @see RFC 9110 §9.2.1 */
function noteChange(exchange: Exchange, plan: Plan): Outcome {
  const { method } = exchange.request;
  if (plan.http && method !== "OPTIONS" && method !== "TRACE") {
    exchange.cache = new CacheInvalidation(resourceKey(exchange, plan.parameters), plan.cacheNow());
  }
  return undefined;
}

function useOf(exchange: Exchange, plan: Plan): CacheUse | null {
  const personal = isPersonal(exchange);
  const allowPrivate = plan.allowPrivate(exchange);
  // With fixed semantics nothing of the response says that it is everybody's.
  if (personal && !allowPrivate && !plan.http) return null;
  const { request, facts } = exchange;
  if (facts.body !== null || !isCacheable(request.headers, plan.http)) return null;
  return new CacheUse({
    cache: plan.cacheNow(),
    http: plan.http,
    primary: resourceKey(exchange, plan.parameters),
    extra: extraOf(exchange, plan, personal && allowPrivate),
    personal,
    allowPrivate,
    request: request.headers.clone(),
    askedAt: plan.clock.mono(),
    downstream: plan.downstream(exchange),
  });
}

/** However the caller proved who it is, the upstream is told, and may answer it alone. A key is a contract, not a person. */
function isPersonal({ facts, principal }: Exchange): boolean {
  if (facts.headers.has("authorization")) return true;
  return principal.kind !== "anonymous" && principal.authMethod !== "subscription-key";
}

/** Fields by which servers serve another method or path than the request line says: they would poison its entry. */
const misleading = ["x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url"];

function isCacheable(headers: HeaderList, http: boolean): boolean {
  if (headers.has("range") || misleading.some((name) => headers.has(name))) return false;
  return !http || !parseCacheControl(headers.joined("cache-control")).has("no-store");
}

/** @param shared what was kept because personal answers may be is not for requests of which that is not said */
function extraOf(exchange: Exchange, plan: Plan, shared: boolean): string {
  const { request, principal, subscription } = exchange;
  const developer = plan.byDeveloper(exchange) ? [principal.id, subscription?.id ?? null] : null;
  const groups = plan.byGroups(exchange) ? [principal.groups.toSorted(), ownersGroups(exchange)] : null;
  if (developer === null && groups === null && plan.headers.length === 0 && !shared) return "";
  return JSON.stringify([shared, developer, groups, plan.headers.map((name) => request.headers.joined(name) ?? null)]);
}

/** Expressions see the groups of whom the subscription belongs to, before those of a token: an answer may depend on both. */
function ownersGroups({ subscription }: Exchange): readonly string[] | null {
  const owner = subscription?.details?.owner() ?? null;
  return owner === null ? null : owner.groups.map(({ id }) => id).toSorted();
}
