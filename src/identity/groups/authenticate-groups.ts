import { type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import { presentedToken } from "#identity/bearer.ts";
import { soleField } from "#identity/sole-field.ts";
import type { Exchange, RequestFacts } from "#model/exchange.ts";
import type { GroupAnswer, GroupQuestion } from "#model/group-lookup.ts";
import type { Principal } from "#model/principal.ts";
import type { GroupFinder } from "./group-finder.ts";

/** A principal with its groups, and until when they are new enough. */
interface Grouped {
  readonly principal: Principal;
  readonly until: number;
}

type Outcome = Grouped | Refusal | null;

/** Equal text, equal answers: what a reload leaves as it was need not be asked again. */
export function lookupsOf(providers: readonly Provider[]): string {
  const asked = providers.filter(({ graph, userInfo }) => graph !== undefined || userInfo !== undefined);
  return JSON.stringify(
    asked.map(({ name, issuer, tenants, graph, userInfo }) => [name, issuer, tenants, graph, userInfo]),
  );
}

/** Completes principals whose provider leaves their groups to a directory that is asked. */
export class PrincipalGroups {
  readonly #finder: GroupFinder;
  readonly #providers: ReadonlyMap<string, Provider>;

  /** @param finder of these providers: what was asked under others is not believed */
  constructor(finder: GroupFinder, providers: readonly Provider[]) {
    this.#finder = finder;
    const asked = providers.filter(
      ({ graph, userInfo, users }) => (graph !== undefined || userInfo !== undefined) && users?.groups !== "directory",
    );
    this.#providers = new Map(asked.map((one) => [one.name, one]));
  }

  /**
   * Null: nothing is asked about this one. No promise while an answer is known.
   * @param facts of the request that it comes with; null: with none
   */
  of(principal: Principal, facts: RequestFacts | null = null): Outcome | Promise<Outcome> {
    const question = this.#questionOf(principal, facts);
    if (question === null) return null;
    if ("reason" in question) return question;
    const found = this.#finder.find(question);
    if (!(found instanceof Promise)) return grouped(principal, found);
    return found.then((late) => grouped(principal, late), unavailable);
  }

  #questionOf(principal: Principal, facts: RequestFacts | null): GroupQuestion | Refusal | null {
    const { provider, groupsLeftOut, tenant, subject, kind } = principal;
    const settings = provider === undefined ? undefined : this.#providers.get(provider);
    if (settings === undefined || provider === undefined) return null;
    if (settings.userInfo !== undefined) return tokenQuestion(principal, provider, facts);
    if (settings.graph === undefined) return null;
    // An application's own are asked for where they are missing alone: that takes a further permission.
    if (groupsLeftOut !== true && (settings.graph.when === "left-out" || kind !== "user")) return null;
    if (tenant === undefined) return refuse("groups-unavailable", { detail: "the token names no tenant" });
    return { provider, tenant, id: subject, kind: kind === "user" ? "user" : "application" };
  }
}

/** Sessions are looked after by themselves, and a program has no userinfo. */
function tokenQuestion(
  { authMethod, kind, tokenDigest, claims }: Principal,
  provider: string,
  facts: RequestFacts | null,
): GroupQuestion | Refusal | null {
  if (authMethod !== "token" || kind !== "user") return null;
  const { sub, cnf } = claims;
  const field = facts === null ? null : soleField(facts.headers, "authorization");
  const token = typeof field === "string" ? presentedToken(field) : undefined;
  // Whoever has only the token cannot use it there either.
  if (token === undefined || tokenDigest === undefined || typeof sub !== "string" || cnf !== undefined)
    return refuse("groups-unavailable", { detail: "the token cannot be shown to the userinfo endpoint" });
  return { provider, tenant: "", id: tokenDigest, kind: "token", token: { text: token, subject: sub } };
}

/**
 * Authentication, and then the groups of whom it found, where they are asked for. Without them the request is refused:
 * rules may deny by group as well.
 */
export function authenticateGroups(
  authenticate: (exchange: Exchange) => StepResult,
  groups: () => PrincipalGroups,
): (exchange: Exchange) => StepResult {
  return (exchange) => {
    const outcome = authenticate(exchange);
    if (outcome instanceof Promise) return outcome.then((late) => late ?? complete(exchange, groups()));
    return outcome ?? complete(exchange, groups());
  };
}

function complete(exchange: Exchange, groups: PrincipalGroups): StepResult {
  const found = groups.of(exchange.principal, exchange.facts);
  if (found instanceof Promise) return found.then((late) => take(exchange, late));
  return take(exchange, found);
}

function take(exchange: Exchange, found: Outcome): Refusal | undefined {
  if (found === null) return undefined;
  if ("reason" in found) return found;
  exchange.principal = found.principal;
  exchange.identityUntil = Math.min(exchange.identityUntil, found.until);
  return undefined;
}

const known = new WeakMap<Principal, { readonly groups: readonly string[]; readonly principal: Principal }>();

/** One object as long as neither the token nor the groups change: much is remembered by principal. */
function grouped(principal: Principal, { groups, until, isTakenBack }: GroupAnswer): Grouped | Refusal {
  if (isTakenBack === true) return takenBack;
  let derived = known.get(principal);
  if (derived?.groups !== groups) {
    const { groupsLeftOut: _, ...rest } = principal;
    known.set(principal, (derived = { groups, principal: Object.freeze({ ...rest, groups }) }));
  }
  return { principal: derived.principal, until };
}

function unavailable(error: unknown): Refusal {
  const detail = error instanceof GatewayError ? error.message : "unexpected failure";
  return refuse("groups-unavailable", { detail });
}

const takenBack: Refusal = refuse("token-revoked", {
  detail: "its provider does not take it any more",
  headers: ["WWW-Authenticate", 'Bearer error="invalid_token", error_description="token-revoked"'],
});
