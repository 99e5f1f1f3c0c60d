import { type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { TokenVerdict, TokenVerifier, VerifiedToken } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import { mayAct, withActor } from "./acting.ts";
import { presentedToken } from "./bearer.ts";
import { isBoundElsewhere } from "./certificate-binding.ts";
import { invalidTokenChallenge } from "./challenges.ts";
import { confirmationOf } from "./confirmation.ts";
import { soleField } from "./sole-field.ts";

export interface ActorPorts {
  readonly tokens: Pick<TokenVerifier, "verifyBound">;
  /** Header field that it comes in, lower case, of the definition in force; undefined: nobody shows any. */
  readonly header: () => string | undefined;
}

/**
 * Authentication, and then who acts for the principal that it found, by a token of its own. One that cannot be believed
 * is a refusal: a request is not let in as if nobody acted.
 */
export function authenticateActor(
  authenticate: (exchange: Exchange) => StepResult,
  { tokens, header }: ActorPorts,
): (exchange: Exchange) => StepResult {
  return (exchange) => {
    const name = header();
    if (name === undefined) return authenticate(exchange);
    const field = soleField(exchange.facts.headers, name);
    if (field === undefined) return authenticate(exchange);
    removeField(exchange, name);
    if (field === null) return refuse("malformed-request", { detail: `several ${name} fields` });
    const token = presentedToken(field) ?? field;
    const outcome = authenticate(exchange);
    if (outcome instanceof Promise) return outcome.then((late) => late ?? act(exchange, token, tokens));
    return outcome ?? act(exchange, token, tokens);
  };
}

function act(
  exchange: Exchange,
  token: string,
  tokens: ActorPorts["tokens"],
): Refusal | undefined | Promise<Refusal | undefined> {
  const { authMethod } = exchange.principal;
  if (authMethod !== "token" && authMethod !== "session") {
    const headers = invalidTokenChallenge(exchange, "actor-not-allowed");
    return refuse("credentials-missing", { detail: "an actor's token came with nobody's to act for", headers });
  }
  const verdict = tokens.verifyBound(token);
  return verdict instanceof Promise
    ? verdict.then((late) => judge(exchange, token, late))
    : judge(exchange, token, verdict);
}

function judge(exchange: Exchange, token: string, verdict: TokenVerdict): Refusal | undefined {
  if (!verdict.ok) return refused(exchange, verdict.reason, verdict.detail);
  const unbound = bindingProblem(exchange, verdict);
  if (unbound !== undefined) return refused(exchange, unbound, "bound to what came with no proof");
  const { principal: actor, claims } = verdict;
  if (actor.kind === "user") return refuse("actor-not-allowed", { detail: "the actor's token is a person's" });
  const { principal } = exchange;
  if (!mayAct(principal.claims, actor)) {
    return refuse("actor-not-allowed", { detail: `may_act of the caller's token does not name ${actor.id}` });
  }
  const acted = remembered(principal, actor);
  if (acted === null) return refuse("token-claim-not-allowed", { detail: "too many hand-overs" });
  exchange.principal = acted;
  exchange.actorToken = { token, digest: actor.tokenDigest ?? "" };
  exchange.identityUntil = Math.min(exchange.identityUntil, (claims["exp"] as number) * 1000);
  return undefined;
}

/** There is room for one proof by key in a request, and that is of the caller's token. */
function bindingProblem({ facts }: Exchange, { claims }: VerifiedToken): ReasonCode | undefined {
  const { certificate, key } = confirmationOf(claims) ?? {};
  if (key !== undefined) return "dpop-proof-missing";
  if (certificate === undefined || !isBoundElsewhere(certificate, facts.tls)) return undefined;
  return "token-certificate-mismatch";
}

function refused(exchange: Exchange, reason: ReasonCode, detail: string): Refusal {
  const headers = reason === "provider-unavailable" ? [] : invalidTokenChallenge(exchange, reason);
  // Whoever sends two tokens is told which one to replace.
  const message = `Of the token of whoever acts: ${reasons[reason].message}`;
  return refuse(reason, { detail: `the actor's token: ${detail}`, message, headers });
}

/** The upstream is told who acts by what it believes, and has no use for somebody's token. What came in stays as it was. */
function removeField({ request, facts }: Exchange, name: string): void {
  if (request.headers === facts.headers) request.headers = request.headers.clone();
  request.headers.delete(name);
}

const known = new WeakMap<Principal, WeakMap<Principal, Principal | null>>();

/** One object for the same two: much is remembered by principal. */
function remembered(principal: Principal, actor: Principal): Principal | null {
  let byActor = known.get(principal);
  if (byActor === undefined) known.set(principal, (byActor = new WeakMap()));
  let acted = byActor.get(actor);
  if (acted === undefined) byActor.set(actor, (acted = withActor(principal, actor)));
  return acted;
}
