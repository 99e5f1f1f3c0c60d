import type { BodySource, Carry } from "./body.ts";
import type { ControlEvent } from "./control-events.ts";
import type { Exchange } from "./exchange.ts";
import type { HeaderList } from "./header-list.ts";
import type { LogLevel } from "./logs.ts";
import type { OwnCertificate } from "./own-certificate.ts";
import type { Permit } from "./permit.ts";
import type { ReasonCode } from "./reasons.ts";
import type { Principal } from "./principal.ts";

/** Writes what is done to the gateway into the record. */
export interface EventRecorder {
  /**
   * Resolves when all of them are on the disk: whoever has done them is told so only then.
   * @throws GatewayError `audit-unavailable`
   */
  record(...events: readonly ControlEvent[]): Promise<void>;
  /** For what nobody waits for: on the disk when the records of its time are. */
  tell(...events: readonly ControlEvent[]): void;
}

/** Time, injected. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds with fraction; same origin in all threads of the process (`process.hrtime`). */
  mono(): number;
}

/** Randomness, injected. */
export interface Random {
  /** Cryptographically secure. */
  bytes(count: number): Uint8Array;
}

/** Verifies tokens. A token that was verified before is answered without a promise. */
export interface TokenVerifier {
  /** Picks the provider by the token's issuer. A token that is bound to its sender is refused: nothing here proves who sent it. */
  verify(token: string): TokenVerdict | Promise<TokenVerdict>;
  /** As {@link verify}, and takes bound tokens: for whoever has the sender prove what the claim `cnf` names. */
  verifyBound(token: string): TokenVerdict | Promise<TokenVerdict>;
}

export type TokenVerdict = VerifiedToken | { readonly ok: false; readonly reason: ReasonCode; readonly detail: string };

export interface VerifiedToken {
  readonly ok: true;
  readonly provider: string;
  readonly principal: Principal;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Proofs for it must hold a nonce of this gateway's own. */
  readonly dpopNonces?: true;
}

/**
 * Fields of a 401 that say how to authenticate.
 * @param problem of a credential that was sent and is not used; null: none was
 */
export type Challenge = (exchange: Exchange, problem: ReasonCode | null) => readonly string[];

/** A user, as policies see one. Times are milliseconds since the epoch. */
export interface OwnerFacts {
  readonly id: string;
  /** Nobody who is not `active` may call, with a key or without. */
  readonly state: "active" | "blocked" | "pending";
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly note: string;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly identities: readonly { readonly provider: string; readonly id: string }[];
  readonly registeredAt: number;
}

/** Users by who they are to an identity provider; constant in the number of users. */
export interface UserLookup {
  /** What {@link findIdentity} takes: made once for a principal. */
  identityKey(provider: string, subject: string): Uint8Array;
  findIdentity(key: Uint8Array): OwnerFacts | null;
}

/** What else there is to know of a subscription. Nothing is read before it is asked for. */
export interface SubscriptionDetails {
  readonly displayName: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endsAt: number | null;
  /** As they are now; null: it belongs to nobody, or to somebody who is not known. */
  owner(): OwnerFacts | null;
}

export interface KeyMatch {
  readonly subscription: string;
  /** `product:starter`, `api:orders` or `all`. */
  readonly scope: string;
  /** `inactive`: it waits for approval, or is over. */
  readonly state: "active" | "suspended" | "inactive";
  readonly slot: "primary" | "secondary";
  /** Id of the key, when another took the place of it and it goes on for a while; absent: it is its slot's. */
  readonly oldKey?: string;
  readonly details?: SubscriptionDetails;
}

/** Subscription keys by digest; constant in the number of keys. */
export interface KeyLookup {
  find(key: string): KeyMatch | undefined;
}

/**
 * Exact counters over all threads: at most `calls` in any trailing period.
 * `limiter` names the counter family (32-bit, stable over reloads, from {@link limiterId}).
 */
export interface RateLimiter {
  /**
   * Takes `amount` calls, all or none. Default 1; 0 only looks.
   * @returns calls left (0 or more), or, when refused, minus the milliseconds until they can pass (−1 or less).
   */
  take(limiter: number, key: string, calls: number, periodMs: number, amount?: number): number;
  /** Counts what has happened already: as much of `amount` as there is room for. */
  add(limiter: number, key: string, calls: number, periodMs: number, amount: number): void;
}

/** Fixed-window counters that survive a restart. Asynchronous only when a new lease is needed. */
export interface QuotaCounters {
  /**
   * Takes `amount` calls (or bytes) of the window that holds now, all or none. Default 1; 0 only looks. Windows start at
   * multiples of `periodMs` since `anchorMs`; period 0 never renews.
   * @returns what is left (0 or more), or, when refused, minus the milliseconds until renewal (−Infinity for never).
   */
  take(counter: string, limit: number, periodMs: number, anchorMs: number, amount?: number): number | Promise<number>;
  /** Counts what has happened already: as much of `amount` as there is room for. Otherwise as {@link take}. */
  add(counter: string, limit: number, periodMs: number, anchorMs: number, amount: number): number | Promise<number>;
}

/** How many are inside something at a time, exact over all threads. */
export interface ConcurrencyCounters {
  /** @returns a ticket to leave with, 0 or more; {@link tooMany}, or {@link noRoom} when the key cannot be counted */
  enter(key: string, most: number): number;
  /** Once for each ticket. */
  leave(ticket: number): void;
}

export const tooMany: number = -1;
export const noRoom: number = -2;

/** Sends the draft of an exchange upstream; spends the permit. */
export interface ForwardPort {
  forward(exchange: Exchange, permit: Permit): Promise<UpstreamResponse>;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly statusText: string;
  /** Hop-by-hop fields already removed. */
  readonly headers: HeaderList;
  readonly body: BodySource | null;
  /** Status 101 only: see {@link Carry}. `body` is then what the upstream sends. */
  readonly carry: Carry | null;
}

/** The only way out besides {@link ForwardPort}: for discovery, key sets, certificate authorities and what policies call. */
export interface Egress {
  /**
   * Follows no redirect; checks the dialled address; buffers at most `maxBytes`.
   * @throws GatewayError `egress-refused`, `upstream-…`
   */
  fetch(request: EgressRequest): Promise<EgressResponse>;
  /** Lets the connections go that are kept and idle; those in use are let go behind their answer. */
  close?(): void;
}

/** A forward proxy, as a policy names it. */
export interface ProxyDestination {
  /** `http://host[:port]` */
  readonly url: string;
  /** It stands in the definition; else `egress.allow` must match it. */
  readonly declared: boolean;
  /** Value of Proxy-Authorization; null: none. */
  readonly authorization: string | null;
}

export interface EgressRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  /** Instead of the URL's own, which still is what is dialled and what its certificate must be for. */
  readonly host?: string;
  /** Sent with its length. Default: none. */
  readonly body?: Uint8Array;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Asked before so many bytes more of the answer are kept; false: there is no room, and it fails with `body-room-full`. */
  readonly admit?: (bytes: number) => boolean;
  /** Nobody wants the answer any more: it fails with `client-aborted`, and its connection is let go. */
  readonly signal?: AbortSignal;
  /** By way of a forward proxy. */
  readonly proxy?: ProxyDestination;
  /** What is shown of ourselves, over TLS. */
  readonly certificate?: OwnCertificate;
  /** PEM of certificate authorities that this destination's certificate may come from besides. */
  readonly ca?: string;
  /** An answer that is longer than `maxBytes` is given as far as that, and its connection is let go; else it fails. */
  readonly cuts?: true;
  /** Asked again and again: the connection is kept, if the destination is declared. */
  readonly keepAlive?: true;
  /** The destination stands in the definition, so it may be on loopback or private; else `egress.allow` must match. */
  readonly declared: boolean;
}

export interface EgressResponse {
  readonly status: number;
  /** Reason phrase; absent where there was none. */
  readonly statusText?: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** The body goes on behind `body`. */
  readonly isCut?: true;
}

/** Takes finished exchanges for the record. Never throws, never blocks for long. */
export interface EventSink {
  /** A switched connection or an event stream has begun: its end may be far away. */
  opened(exchange: Exchange): void;
  finished(exchange: Exchange): void;
  /** Under `audit.durability: strict`, what to wait for; null: records are on the disk a moment later. */
  readonly strict: StrictEvents | null;
}

/** Resolve when the record is on the disk. Reject with a GatewayError `audit-unavailable` when the disk refuses it. */
export interface StrictEvents {
  /** The request is about to go where it may do something. */
  intent(exchange: Exchange): Promise<void>;
  opened(exchange: Exchange): Promise<void>;
  /** All is known but whether its client takes the rest of the response. */
  finished(exchange: Exchange): Promise<void>;
}

/** Operational log: JSON lines, no secrets. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The operational log about single APIs and operations, each at a level of its own that changes while the gateway runs. */
export interface ApiLog {
  /** @param operation empty: of none in particular */
  write(
    api: string,
    operation: string,
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void;
}

/**
 * Secrets at rest: encrypted and authenticated under a key that is kept elsewhere.
 *
 * `context` says what the bytes are (`ca/root.key`, `session/<id>`): they open only under the same. It needs not be secret.
 */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** @throws GatewayError `seal-broken`: altered, of another context, or sealed under a key that is not there */
  open(sealed: Uint8Array, context: string): Uint8Array;
}
