import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import type { OidcClients } from "#identity/login/oidc-clients.ts";
import { checkSession } from "#identity/login/session-check.ts";
import type { ProviderTrouble } from "#identity/login/provider-trouble.ts";
import {
  claimsOf,
  maxClaimCharacters,
  openContent,
  sealContent,
  type SessionContent,
} from "#identity/login/session-content.ts";
import { Places } from "#lib/places.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { LoginSettings } from "#model/login.ts";
import type { Clock, EventRecorder, Log, Sealer } from "#model/ports.ts";
import { tokenDigest } from "#model/token-digest.ts";
import type { SessionFacts, SessionQuestion } from "#model/session.ts";
import type { Async } from "#storage/interfaces.ts";
import type { SessionMatch, SessionRecord, SessionStore } from "#storage/sessions.ts";
import type { SessionWrites } from "./session-writes.ts";

export interface SessionsOptions {
  readonly store: Async<SessionStore>;
  readonly writes: SessionWrites;
  readonly clients: OidcClients;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
  /** Workers forget what they know of these, and decide again what is open. */
  readonly publish: (handles: readonly string[]) => void;
  readonly events: Pick<EventRecorder, "tell">;
}

/** A provider that could not be asked is left alone for so long at most. */
const retryMs = 10_000;
/** Sessions whose last look at their provider is known; of one that is forgotten the provider is asked earlier. */
const maxKnown = 100_000;
/** Ended in one transaction, so that nobody else waits long for the store. */
const mostEnded = 1000;
const mostProbes = 16;
const pruneMs = 60_000;
const pruneRows = 500;
const pruneTurns = 100;

interface Known {
  /** When the provider was asked last and answered. */
  readonly checkedAt: number;
  /** Not to be asked again before. */
  readonly nextAt: number;
}

/** Sessions of people, on main: the one place that opens them, looks after them at their provider, and ends them. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #known = new Map<string, Known>();
  readonly #checks = new Map<string, Promise<SessionRecord | null>>();
  /** Providers that did not answer when they were asked last. */
  readonly #down = new Set<string>();
  /** Looks at such a one that are under way: thousands of sessions must not wait for it with a connection each. */
  readonly #probes = new Places(Number.MAX_SAFE_INTEGER, mostProbes);
  readonly #pruning: NodeJS.Timeout;
  #login: LoginSettings | null = null;
  #mappings: ReadonlyMap<string, Provider> = new Map();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#pruning = setInterval(() => void this.#prune(), pruneMs).unref();
  }

  /** Of the definition that has come into force. */
  use(login: LoginSettings | null, providers: readonly Provider[]): void {
    this.#login = login;
    this.#down.clear();
    this.#mappings = new Map(providers.map((one) => [one.name, one]));
  }

  async close(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#options.writes.close();
  }

  /** A session that begins now. @throws GatewayError of the store */
  async open(session: Omit<SessionRecord, "sealed">, content: SessionContent): Promise<void> {
    const { writes, sealer, clock } = this.#options;
    await writes.put({ ...session, sealed: sealContent(content, session.handle, sealer) });
    const now = clock.now();
    this.#remember(keyOf(session.digest), { checkedAt: now, nextAt: now + this.#checkMs / 2 });
  }

  /** What is known of it now; asks its provider when that was long ago. Null: it is none, or over. */
  async find({ digest, host, isUsed }: SessionQuestion): Promise<SessionFacts | null> {
    const record = await this.#options.store.find(Buffer.from(digest, "base64url"));
    const login = this.#login;
    if (record === null || login === null || record.host !== host) return null;
    const seenAt = Math.max(record.seenAt, this.#options.writes.touchedAt(digest));
    if (this.#isOver(record, seenAt, login)) {
      await this.end(record.digest);
      return null;
    }
    try {
      const current = await this.#checked(record);
      if (current === null) return null;
      const now = this.#options.clock.now();
      if (isUsed) this.#options.writes.touch(digest, now);
      return this.#facts(current, isUsed ? now : seenAt, login);
    } catch (error) {
      // Sealed under a key that is gone: nothing is known of whose it was.
      if (!(error instanceof GatewayError) || error.code !== "seal-broken") throw error;
      await this.end(record.digest);
      return null;
    }
  }

  /** @returns whether there was one */
  async end(digest: Uint8Array): Promise<boolean> {
    const handle = await this.#options.store.remove(digest);
    this.#known.delete(keyOf(digest));
    if (handle !== null) this.#options.publish([handle]);
    return handle !== null;
  }

  /** All of a person, or of one session of theirs at the provider. @returns how many */
  async endMatching(match: SessionMatch): Promise<number> {
    const { store, publish } = this.#options;
    for (let ended = 0; ;) {
      const handles = await store.removeMatching(match, mostEnded);
      if (handles.length > 0) publish(handles);
      ended += handles.length;
      // Somebody with more sessions than that must not keep the rest.
      if (handles.length < mostEnded) return ended;
    }
  }

  /** What its provider gave; null: it is over. */
  async contentOf(
    digest: Uint8Array,
  ): Promise<{ readonly record: SessionRecord; readonly content: SessionContent } | null> {
    const record = await this.#options.store.find(digest);
    return record === null
      ? null
      : { record, content: openContent(record.sealed, record.handle, this.#options.sealer) };
  }

  get #checkMs(): number {
    return this.#login?.session.checkMs ?? 60_000;
  }

  #isOver(
    { provider, endsAt, createdAt }: SessionRecord,
    seenAt: number,
    { session, providers }: LoginSettings,
  ): boolean {
    const now = this.#options.clock.now();
    // A definition that shortens sessions shortens those that are there.
    if (now >= Math.min(endsAt, createdAt + session.lifetimeMs) || now >= seenAt + session.idleMs) return true;
    return !providers.some(({ name }) => name === provider) || !this.#mappings.has(provider);
  }

  #facts(record: SessionRecord, seenAt: number, { session }: LoginSettings): SessionFacts {
    const { handle, provider, host, createdAt, endsAt } = record;
    const claims = claimsOf(openContent(record.sealed, handle, this.#options.sealer));
    const known = this.#known.get(keyOf(record.digest));
    const now = this.#options.clock.now();
    const fresh = (known?.checkedAt ?? now) + session.checkMs;
    return {
      handle,
      provider,
      host,
      claims,
      characters: JSON.stringify(claims).length,
      createdAt,
      endsAt: Math.min(endsAt, createdAt + session.lifetimeMs),
      idleMs: session.idleMs,
      seenAt,
      // While the provider is down nobody knows more: the session goes on with what was said before.
      freshUntil: fresh > now ? fresh : Math.max(known?.nextAt ?? now, now + 1000),
    };
  }

  /** One look at a time a session, whoever asks: a refresh token is good once. */
  #checked(record: SessionRecord): SessionRecord | Promise<SessionRecord | null> {
    const key = keyOf(record.digest);
    const known = this.#known.get(key);
    if (known !== undefined && this.#options.clock.now() < known.nextAt) return record;
    // Nobody waits again and again for one that does not answer. What it says in the end reaches every worker.
    const isDown = this.#down.has(record.provider);
    let pending = this.#checks.get(key);
    if (pending === undefined) {
      if (isDown && !this.#probes.take(record.provider)) return this.#unknown(key, record);
      pending = this.#check(record).finally(() => {
        this.#checks.delete(key);
        if (isDown) this.#probes.leave(record.provider);
      });
      this.#checks.set(key, pending);
    }
    if (!isDown) return pending;
    pending.catch(() => {});
    return record;
  }

  async #check(stale: SessionRecord): Promise<SessionRecord | null> {
    const { sealer, clock, clients, log, store } = this.#options;
    // Another look may have replaced its tokens since it was read.
    const record = await store.find(stale.digest);
    const mapping = this.#mappings.get(stale.provider);
    if (record === null || mapping === undefined) return null;
    const key = keyOf(record.digest);
    const before = openContent(record.sealed, record.handle, sealer);
    const client = await clients.find(record.provider, before.tokenClaims["iss"]).catch(() => undefined);
    if (client === undefined) return this.#unreachable(key, record);
    const aheadMs = Math.max(2 * this.#checkMs, 5000);
    const { content, trouble } = await checkSession(before, { client, mapping, clock, aheadMs });
    const end = endOf(content, trouble);
    if (end !== null) {
      log.info("a session ends, its provider does not stand for it any more", {
        session: record.handle,
        provider: record.provider,
        why: end,
      });
      await this.end(record.digest);
      const { handle: session, provider, subject } = record;
      this.#options.events.tell({
        event: "session.ended",
        details: { session, provider, subject, why: "refresh-refused" },
      });
      return null;
    }
    const renewed = content === before ? record : await this.#renew(record, before, content);
    if (renewed === null) return null;
    if (trouble === null) {
      this.#down.delete(record.provider);
      const now = clock.now();
      this.#remember(key, { checkedAt: now, nextAt: now + this.#checkMs / 2 });
      return renewed;
    }
    log.warn("a provider could not be asked about a session", {
      session: record.handle,
      provider: record.provider,
      why: trouble.detail,
    });
    return this.#unreachable(key, renewed);
  }

  /** New tokens are on the disk before anything else happens: the old ones may be used up. */
  async #renew(record: SessionRecord, before: SessionContent, content: SessionContent): Promise<SessionRecord | null> {
    if (isDeepStrictEqual(before, content)) return record;
    const { sealer, store, publish } = this.#options;
    const sealed = sealContent(content, record.handle, sealer);
    const endsAt =
      content.refreshToken === null && content.accessEndsAt !== null
        ? Math.min(record.endsAt, content.accessEndsAt)
        : record.endsAt;
    if (!(await store.renew(record.digest, sealed, endsAt))) return null;
    if (content.accessToken !== before.accessToken) this.#tellRefreshed(record, content.accessToken);
    if (!isDeepStrictEqual(said(before), said(content))) publish([record.handle]);
    return { ...record, sealed, endsAt };
  }

  #unreachable(key: string, record: SessionRecord): SessionRecord {
    this.#down.add(record.provider);
    return this.#unknown(key, record);
  }

  #tellRefreshed({ handle: session, provider, subject }: SessionRecord, accessToken: string): void {
    const details = { session, provider, subject, token: tokenDigest(accessToken) };
    this.#options.events.tell({ event: "session.refreshed", details });
  }

  /** It could not be asked: what it said before holds, and it is asked again soon. */
  #unknown(key: string, record: SessionRecord): SessionRecord {
    const now = this.#options.clock.now();
    const known = this.#known.get(key);
    const nextAt = now + Math.min(retryMs, this.#checkMs / 2);
    this.#remember(key, { checkedAt: known?.checkedAt ?? now - this.#checkMs, nextAt });
    return record;
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size <= maxKnown) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** A few at a time, as others wait for the store meanwhile. */
  async #prune(): Promise<void> {
    const login = this.#login;
    if (login === null) return;
    const now = this.#options.clock.now();
    for (let turns = 0; turns < pruneTurns; turns += 1) {
      const gone = await this.#options.store.prune(now, now - login.session.idleMs - pruneMs, pruneRows).catch(() => 0);
      if (gone < pruneRows) return;
    }
  }
}

/** Why a session ends after a look at its provider; null: it goes on, if only because the provider is down. */
function endOf(content: SessionContent, trouble: ProviderTrouble | null): string | null {
  if (trouble !== null && trouble.kind !== "down") return trouble.detail;
  // As at the login: every worker would keep them.
  return JSON.stringify(claimsOf(content)).length > maxClaimCharacters ? "its claims are too large" : null;
}

/** Times and hashes of a token change with each; what it says of the person does not. */
function said(content: SessionContent): unknown {
  const {
    iat: _iat,
    exp: _exp,
    nbf: _nbf,
    jti: _jti,
    at_hash: _hash,
    auth_time: _at,
    rat: _rat,
    uti: _uti,
    ...claims
  } = claimsOf(content);
  return claims;
}

function keyOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString("base64url");
}
