import { presentedToken } from "#identity/bearer.ts";
import { sessionCookie, sessionDigest, soleCookie } from "#identity/login/session-id.ts";
import { soleField } from "#identity/sole-field.ts";
import type { BackendAuthorization, BackendToken } from "#model/backend-authorization.ts";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { ActorToken, Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { Clock } from "#model/ports.ts";

/** A caller's own token, to be exchanged for another. */
export interface ExchangeSubject {
  /** Null: that of the session with this digest, which the control thread alone knows. */
  readonly token: string | null;
  /** SHA-256 of it, or of the session's id, base64url: what is kept is kept by it. */
  readonly digest: string;
  /** What whoever acts for the caller has shown, where it goes along. */
  readonly actor?: ActorToken;
}

/** Tokens for backends that the control thread has, or gets. */
export interface BackendTokens {
  /**
   * @returns without a promise while there is a good one
   * @throws GatewayError `managed-identity-failed`, `connection-failed`, `exchange-refused`
   */
  find(source: BackendToken, subject: ExchangeSubject | undefined): IdentityToken | Promise<IdentityToken>;
}

const original: BackendAuthorization = { kind: "original" };
const none: BackendAuthorization = { kind: "none" };

/** Makes Authorization say what the backend's definition says that it says. */
export class UpstreamAuthorization {
  readonly #backends: readonly Pick<Backend, "authorization">[];
  readonly #tokens: BackendTokens;
  readonly #clock: Pick<Clock, "mono">;

  /** @param backends in the order that drafts count in */
  constructor(backends: readonly Pick<Backend, "authorization">[], tokens: BackendTokens, clock: Pick<Clock, "mono">) {
    this.#backends = backends;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /**
   * Changes `headers`, a copy of the draft's. A promise only where a token is fetched.
   * @throws GatewayError what {@link BackendTokens} throws
   */
  apply(headers: HeaderList, exchange: Exchange): void | Promise<void> {
    const said = this.#saidFor(exchange);
    if (said.kind === "original") return undefined;
    // What is sent back to the client must not tell it what it was not to know. RFC 9110 §9.3.8
    if (said.kind === "none" || exchange.request.method === "TRACE") return removeOwnOfClient(headers, exchange);
    const startedAt = this.#clock.mono();
    const subject = said.kind === "connection" && said.exchanges ? subjectOf(exchange, said) : undefined;
    const token = this.#tokens.find(said, subject);
    if (!(token instanceof Promise)) return this.#show(token, said, headers, exchange, startedAt);
    return token.then((found) => this.#show(found, said, headers, exchange, startedAt));
  }

  /** A place that a policy chose is no backend: what is for one does not go there, and what its own keep back neither. */
  #saidFor({ request, route }: Exchange): BackendAuthorization {
    if (request.baseUrl === null) return this.#backends[request.backend]?.authorization ?? original;
    const own = this.#backends[route?.backend ?? -1]?.authorization ?? original;
    return own.kind === "original" ? original : none;
  }

  #show(
    { token, actors }: IdentityToken,
    said: BackendToken,
    headers: HeaderList,
    exchange: Exchange,
    startedAt: number,
  ): void {
    headers.set("Authorization", `Bearer ${token}`);
    const micros = Math.round((this.#clock.mono() - startedAt) * 1000);
    const detail = detailOf(said, actors);
    exchange.trail.push({ door: "upstream", step: "credential", outcome: "passed", detail, micros });
  }
}

/** What a policy has written stands. */
function removeOwnOfClient(headers: HeaderList, { facts }: Exchange): void {
  const sent = facts.headers.all("authorization");
  const kept = headers.all("authorization");
  if (sent.length === kept.length && sent.every((value, at) => value === kept[at])) headers.delete("authorization");
}

/**
 * Only the very token that was verified, or that of the session: an identity that came another way has none that could
 * be exchanged.
 * @throws GatewayError `exchange-refused`
 */
function subjectOf(
  exchange: Exchange,
  { provider, name, actor }: Extract<BackendToken, { kind: "connection" }>,
): ExchangeSubject {
  const { authMethod } = exchange.principal;
  const subject =
    authMethod === "token" ? shownToken(exchange) : authMethod === "session" ? session(exchange) : undefined;
  const { actorToken } = exchange;
  if (subject !== undefined) return actor === true && actorToken !== null ? { ...subject, actor: actorToken } : subject;
  const message = `connection ${provider}/${name}: the caller has no token to exchange`;
  throw new GatewayError("exchange-refused", 403, message);
}

function shownToken({ facts, principal: { tokenDigest: digest } }: Exchange): ExchangeSubject | undefined {
  const field = soleField(facts.headers, "authorization");
  const token = typeof field === "string" ? presentedToken(field) : undefined;
  return token === undefined || token === "" || digest === undefined ? undefined : { token, digest };
}

function session({ facts }: Exchange): ExchangeSubject | undefined {
  const id = soleCookie(facts.headers, sessionCookie);
  return typeof id === "string" ? { token: null, digest: sessionDigest(id) } : undefined;
}

/** For the record: where it is from, and of an exchanged one who acts by it. */
function detailOf(said: BackendToken, actors: readonly string[] | undefined): string {
  if (said.kind === "managed-identity") return `managed identity for ${said.resource}`;
  const from = `connection ${said.provider}/${said.name}`;
  if (!said.exchanges) return from;
  return actors === undefined || actors.length === 0 ? `${from}, exchanged` : `${from}, exchanged, ${acting(actors)}`;
}

function acting(actors: readonly string[]): string {
  return `act ${actors.join(" for ")}`;
}
