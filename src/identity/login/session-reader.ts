import { TwoGenerations } from "#lib/two-generations.ts";
import { GatewayError } from "#model/errors.ts";
import type { Provider } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import type { SessionFacts, SessionQuestion } from "#model/session.ts";
import { SessionChanges } from "./session-changes.ts";
import { type SessionIds, sessionDigest } from "./session-id.ts";
import { sessionPrincipal } from "./session-principal.ts";

export interface SessionReaderOptions {
  /** Asks main. @throws GatewayError `control-call-failed` and of the store */
  readonly ask: (question: SessionQuestion) => Promise<SessionFacts | null>;
  readonly ids: SessionIds;
  readonly clock: Clock;
  readonly providers: readonly Provider[];
}

/** A session that stands, and who it is of. */
export interface FoundSession {
  readonly principal: Principal;
  /** Milliseconds since the epoch, when main is to be asked again at the latest. */
  readonly until: number;
}

interface Held {
  readonly principal: Principal;
  readonly facts: SessionFacts;
  /** Main is told then that it is used, and asked what is new, while requests go on. */
  readonly renewAt: number;
  seenAt: number;
}

const maxSessions = 20_000;
const maxBytes = 64 * 1024 * 1024;
const bytesPerSession = 1024;
/** Claims as objects take a few times the room of their text. */
const bytesPerCharacter = 6;
/** Main is told of a session's use at most so often. */
const tellMs = 60_000;
const refusedMs = 5000;
const maxRefused = 2000;
/** Something changed while main was asked, so it is asked again; not for ever. */
const maxTurns = 3;

/** What a worker knows of sessions: those that came by lately, for as long as main said. */
export class SessionReader {
  readonly #options: SessionReaderOptions;
  readonly #held = new TwoGenerations<Held>(maxSessions, maxBytes);
  readonly #idOf = new TwoGenerations<string>(maxSessions, maxBytes);
  readonly #refused = new TwoGenerations<number>(maxRefused, maxBytes);
  readonly #underway = new Map<string, Promise<FoundSession | null>>();
  #providers: ReadonlyMap<string, Provider>;
  readonly #changes = new SessionChanges();

  constructor(options: SessionReaderOptions) {
    this.#options = options;
    this.#providers = byName(options.providers);
  }

  /**
   * The session of an id that a cookie holds; null: there is none, or it is over.
   * @param isUsed a person does something; not a review of what is open
   * @throws GatewayError `control-call-failed` and of the store
   */
  find(id: string, host: string, isUsed: boolean): FoundSession | null | Promise<FoundSession | null> {
    const held = this.#held.get(id);
    const now = this.#options.clock.now();
    if (held !== undefined && held.facts.host === host && now < untilOf(held)) {
      if (isUsed) this.#use(held, id, now);
      return { principal: held.principal, until: untilOf(held) };
    }
    const refused = this.#refused.get(keyOf(id, host));
    if (refused !== undefined && now < refused) return null;
    return this.#options.ids.isOurs(id) ? this.#asked(id, host, isUsed) : null;
  }

  /** They have ended, or their people have changed. */
  changed(handles: readonly string[]): void {
    this.#changes.add(handles);
    for (const handle of handles) {
      const id = this.#idOf.get(handle);
      if (id !== undefined) this.#held.delete(id);
      this.#idOf.delete(handle);
    }
  }

  /** The definition that comes into force maps claims in its own way. */
  update(providers: readonly Provider[]): void {
    this.#providers = byName(providers);
    this.#changes.addAll();
    this.#held.clear();
    this.#idOf.clear();
    this.#refused.clear();
  }

  #use(held: Held, id: string, now: number): void {
    held.seenAt = now;
    if (now < held.renewAt) return;
    // Nobody waits for it: who fails to be renewed is asked about when it is due.
    this.#asked(id, held.facts.host, true).catch(() => {});
  }

  /** One question at a time for all requests of a session. */
  #asked(id: string, host: string, isUsed: boolean): Promise<FoundSession | null> {
    const key = keyOf(id, host);
    let pending = this.#underway.get(key);
    if (pending === undefined) {
      pending = this.#ask(id, host, isUsed).finally(() => this.#underway.delete(key));
      this.#underway.set(key, pending);
    }
    return pending;
  }

  async #ask(id: string, host: string, isUsed: boolean): Promise<FoundSession | null> {
    for (let turn = 0; turn < maxTurns; turn += 1) {
      const question = { digest: sessionDigest(id), host, isUsed };
      const { facts, isOld } = await this.#changes.during(() => this.#options.ask(question));
      // An answer that was on its way while its session ended may be that of before.
      if (!isOld) return facts === null ? this.#refuse(id, host) : this.#hold(id, facts, host);
    }
    throw new GatewayError("control-call-failed", 503, "a session changes too fast to tell whether it stands");
  }

  /** At that host alone: whoever brings it to another one must not end it at its own. */
  #refuse(id: string, host: string): null {
    if (this.#held.get(id)?.facts.host === host) this.#held.delete(id);
    this.#refused.set(keyOf(id, host), this.#options.clock.now() + refusedMs, bytesPerSession);
    return null;
  }

  #hold(id: string, facts: SessionFacts, host: string): FoundSession | null {
    const provider = this.#providers.get(facts.provider);
    const principal = provider === undefined ? null : sessionPrincipal(facts.handle, facts.claims, provider);
    if (principal === null) return this.#refuse(id, host);
    const now = this.#options.clock.now();
    const renewAt = now + Math.min((facts.freshUntil - now) / 2, tellMs, facts.idleMs / 4);
    const held: Held = { principal, facts, renewAt, seenAt: facts.seenAt };
    this.#held.set(id, held, bytesPerSession + facts.characters * bytesPerCharacter);
    this.#idOf.set(facts.handle, id, bytesPerSession);
    return { principal, until: untilOf(held) };
  }
}

/** Beyond this main has another word: other workers may have seen it used. */
function untilOf({ facts, seenAt }: Held): number {
  return Math.min(facts.freshUntil, facts.endsAt, seenAt + facts.idleMs);
}

function keyOf(id: string, host: string): string {
  return `${id} ${host}`;
}

function byName(providers: readonly Provider[]): ReadonlyMap<string, Provider> {
  return new Map(providers.map((one) => [one.name, one]));
}
