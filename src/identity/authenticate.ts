import { type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { KeyLookup, TokenVerdict, TokenVerifier } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { bearerToken } from "./bearer.ts";
import { isBoundElsewhere } from "./certificate-binding.ts";
import { authenticateCertificate } from "./certificate-principal.ts";
import { invalidTokenChallenge, keyChallenge } from "./challenges.ts";
import { soleField } from "./sole-field.ts";
import { presentedKey, removeKey } from "./subscription-key.ts";

export interface AuthenticatorPorts {
  readonly tokens: TokenVerifier;
  readonly keys: KeyLookup;
}

export interface Authenticator {
  /**
   * Finds out whom a request is from: its bearer token, or else the client certificate of its connection, becomes
   * `exchange.principal`, its subscription key a candidate in `exchange.subscription`, which {@link resolveSubscription} must confirm. Without either the principal stays
   * anonymous; whether that is enough is not decided here. No promise when the token is remembered.
   */
  authenticate(exchange: Exchange): StepResult;
}

export function createAuthenticator({ tokens, keys }: AuthenticatorPorts): Authenticator {
  return {
    authenticate(exchange) {
      authenticateCertificate(exchange);
      const outcome = authenticateToken(exchange, tokens);
      if (outcome === undefined) return authenticateKey(exchange, keys);
      return outcome instanceof Promise ? thenKey(outcome, exchange, keys) : outcome;
    },
  };
}

async function thenKey(
  pending: Promise<Refusal | undefined>,
  exchange: Exchange,
  keys: KeyLookup,
): Promise<Refusal | undefined> {
  return (await pending) ?? authenticateKey(exchange, keys);
}

function authenticateToken(
  exchange: Exchange,
  tokens: TokenVerifier,
): Refusal | undefined | Promise<Refusal | undefined> {
  const authorization = soleField(exchange.facts.headers, "authorization");
  if (authorization === undefined) return undefined;
  // With two of them, we would check the one and the upstream believe the other.
  if (authorization === null) return refuse("malformed-request", { detail: "several Authorization fields" });
  const token = bearerToken(authorization);
  if (token === undefined) return undefined;
  const verdict = tokens.verify(token);
  return verdict instanceof Promise ? thenJudge(verdict, exchange) : judge(verdict, exchange);
}

async function thenJudge(pending: Promise<TokenVerdict>, exchange: Exchange): Promise<Refusal | undefined> {
  return judge(await pending, exchange);
}

/**
 * An opaque token, or one of an issuer that is not ours, may be meant for the upstream: it makes nobody, and access
 * names it if nobody is not enough. A token of our own issuers that fails is always a refusal.
 */
function judge(verdict: TokenVerdict, exchange: Exchange): Refusal | undefined {
  if (verdict.ok) {
    if (isBoundElsewhere(verdict.claims, exchange.facts.tls)) {
      const headers = invalidTokenChallenge(exchange, "token-certificate-mismatch");
      return refuse("token-certificate-mismatch", { headers });
    }
    exchange.principal = verdict.principal;
    return undefined;
  }
  const { reason, detail } = verdict;
  if (reason === "token-malformed" || reason === "token-issuer-unknown") {
    exchange.identityNote = reason;
    return undefined;
  }
  if (reason === "provider-unavailable") return refuse(reason, { detail });
  return refuse(reason, { detail, headers: invalidTokenChallenge(exchange, reason) });
}

/** A key that is sent must be good, wherever it is sent to. */
function authenticateKey(exchange: Exchange, keys: KeyLookup): Refusal | undefined {
  const { api } = exchange;
  if (api === null) return undefined;
  const key = presentedKey(exchange, api);
  removeKey(exchange, api);
  if (key === undefined) return undefined;
  const match = key === null ? undefined : keys.find(key);
  if (match === undefined || match.state !== "active") {
    const detail = match === undefined ? "no such key" : `subscription ${match.subscription} is ${match.state}`;
    return refuse("key-invalid", { detail, headers: keyChallenge(exchange) });
  }
  const { subscription: id, scope, details } = match;
  exchange.subscription = details === undefined ? { id, scope, by: "key" } : { id, scope, by: "key", details };
  if (exchange.principal === anonymous) exchange.principal = keyHolder;
  return undefined;
}

/** Nobody in particular, known by a key: a key may be shared, so it names a subscription and no principal. */
const keyHolder: Principal = Object.freeze({ ...anonymous, authMethod: "subscription-key" });
