import { type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { ActiveSubscription, Exchange } from "#model/exchange.ts";
import type { KeyLookup, KeyMatch, TokenVerdict, TokenVerifier } from "#model/ports.ts";
import { anonymous } from "#model/principal.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { schemeToken } from "./bearer.ts";
import type { BasicAuthenticator } from "./basic/authenticate-basic.ts";
import { authenticateSession } from "./login/authenticate-session.ts";
import type { SessionReader } from "./login/session-reader.ts";
import { authenticateCertificate } from "./certificate-principal.ts";
import { dpopChallenge, invalidTokenChallenge, keyChallenge } from "./challenges.ts";
import type { ProofChecker } from "./dpop-proof.ts";
import { keyHolder } from "./key-holder.ts";
import { checkSender, type ShownToken } from "./sender.ts";
import { soleField } from "./sole-field.ts";
import { presentedKey, removeKey } from "./subscription-key.ts";

interface TokenPorts {
  readonly tokens: Pick<TokenVerifier, "verifyBound">;
  /** Absent: tokens that are bound to a key are refused. */
  readonly proofs?: ProofChecker;
  /** Absent: passwords are no identity here. */
  readonly basic?: BasicAuthenticator;
  /** Absent: sessions are no identity here. */
  readonly sessions?: SessionReader;
}

export interface AuthenticatorPorts extends TokenPorts {
  readonly keys: KeyLookup;
}

export interface Authenticator {
  /**
   * Finds out whom a request is from: its bearer token or its password, or else the session of its cookie, or else the client certificate of its connection, becomes
   * `exchange.principal`, its subscription key a candidate in `exchange.subscription`, which {@link resolveSubscription} must confirm. Without either the principal stays
   * anonymous; whether that is enough is not decided here. No promise when the token is remembered.
   */
  authenticate(exchange: Exchange): StepResult;
}

export function createAuthenticator(ports: AuthenticatorPorts): Authenticator {
  const { keys } = ports;
  return {
    authenticate(exchange) {
      authenticateCertificate(exchange);
      const outcome = authenticateToken(exchange, ports);
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

function authenticateToken(exchange: Exchange, ports: TokenPorts): Refusal | undefined | Promise<Refusal | undefined> {
  const authorization = soleField(exchange.facts.headers, "authorization");
  if (authorization === undefined) return authenticateSession(exchange, ports.sessions ?? null);
  // With two of them, we would check the one and the upstream believe the other.
  if (authorization === null) return refuse("malformed-request", { detail: "several Authorization fields" });
  const bearer = schemeToken(authorization, "Bearer ");
  const token = bearer ?? schemeToken(authorization, "DPoP ");
  // A token is said on purpose, and goes before the cookie that a browser sends along by itself.
  if (token === undefined) {
    const byPassword = ports.basic?.authenticate(exchange, authorization) ?? null;
    return byPassword === null ? authenticateSession(exchange, ports.sessions ?? null) : byPassword;
  }
  exchange.authorization = authorization;
  exchange.shownToken = token;
  const verdict = ports.tokens.verifyBound(token);
  const scheme = bearer === undefined ? "DPoP" : "Bearer";
  if (verdict instanceof Promise) return verdict.then((late) => judge(late, exchange, token, scheme, ports));
  return judge(verdict, exchange, token, scheme, ports);
}

/**
 * An opaque token, or one of an issuer that is not ours, may be meant for the upstream: it makes nobody, and access
 * names it if nobody is not enough. A token of our own issuers that fails is always a refusal.
 */
function judge(
  verdict: TokenVerdict,
  exchange: Exchange,
  token: string,
  scheme: ShownToken["scheme"],
  { proofs }: TokenPorts,
): Refusal | undefined {
  if (verdict.ok) {
    if (scheme === "DPoP" || verdict.claims["cnf"] !== undefined) {
      const refusal = checkSender(exchange, { text: token, scheme }, verdict, proofs ?? null);
      if (refusal !== undefined) return refusal;
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
  return refuse(reason, { detail, headers: challengeFor(exchange, scheme, reason) });
}

function challengeFor(exchange: Exchange, scheme: ShownToken["scheme"], reason: ReasonCode): readonly string[] {
  const dpop = scheme === "DPoP" || reason === "token-not-bound";
  return dpop ? dpopChallenge(exchange, "invalid_token", reason) : invalidTokenChallenge(exchange, reason);
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
  const { details } = match;
  exchange.subscription = subscriptionOf(match);
  if (exchange.principal === anonymous) exchange.principal = keyHolder(details);
  return undefined;
}

function subscriptionOf({ subscription: id, scope, oldKey, details }: KeyMatch): ActiveSubscription {
  const subscription = { id, scope, by: "key" } as const;
  if (oldKey !== undefined)
    return details === undefined ? { ...subscription, oldKey } : { ...subscription, oldKey, details };
  return details === undefined ? subscription : { id, scope, by: "key", details };
}
