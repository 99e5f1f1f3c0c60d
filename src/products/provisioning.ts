import { hash } from "node:crypto";
import { GatewayError } from "#model/errors.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import type { Async, UserRecord, UserStore } from "#storage/interfaces.ts";

/** Somebody whom a provider vouches for. */
export interface SeenUser {
  readonly provider: string;
  readonly subject: string;
  /** Verified by the provider; absent: not known. */
  readonly email?: string;
  readonly displayName?: string;
}

export interface ProvisioningDependencies {
  readonly store: Pick<Async<UserStore>, "byIdentity" | "put" | "rename">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Resolves when every worker knows. */
  readonly onUser: (id: string) => Promise<void>;
  readonly events: Pick<EventRecorder, "tell">;
}

/** Logins that wait for their turn; who is not taken comes again with the next request. */
const mostWaiting = 1000;

/** Makes users of those who log in for the first time, and keeps their names and addresses as the provider has them. */
export class Provisioning {
  readonly #deps: ProvisioningDependencies;
  readonly #waiting: Map<string, SeenUser> = new Map();
  #isRunning = false;

  constructor(dependencies: ProvisioningDependencies) {
    this.#deps = dependencies;
  }

  /** Soon, one after the other. Every worker may say the same at the same time. */
  seen(user: SeenUser): void {
    if (this.#waiting.size >= mostWaiting) return;
    this.#waiting.set(JSON.stringify([user.provider, user.subject]), user);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (const [key, user] of this.#waiting) {
      this.#waiting.delete(key);
      await this.provision(user).catch((error: unknown) => {
        this.#deps.log.warn("a user could not be made", { provider: user.provider, error: String(error) });
      });
    }
    this.#isRunning = false;
  }

  /** The user, known to every worker. A state that an administrator has given stays. */
  async provision(seen: SeenUser): Promise<UserRecord> {
    const { store, clock, onUser } = this.#deps;
    const before = await store.byIdentity(seen.provider, seen.subject);
    const after = before === null ? newUser(seen, Math.floor(clock.now())) : changedUser(before, seen);
    if (after === before) return after;
    const kept = await this.#put(after, before);
    await onUser(kept.id);
    const { id: user, state } = kept;
    this.#deps.events.tell({
      event: "user.written",
      details: { user, state, isNew: before === null, source: "login" },
    });
    return kept;
  }

  /** An address that somebody else has proves nothing: it makes nobody that one. */
  async #put(user: UserRecord, before: UserRecord | null): Promise<UserRecord> {
    try {
      await this.#write(user, before);
      return user;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== "store-conflict") throw error;
      const other = { ...user, email: before?.email ?? withoutAddress(user.id) };
      await this.#write(other, before);
      return other;
    }
  }

  /** Of somebody who is there the names alone: groups that they have lost meanwhile must not come back. */
  async #write(user: UserRecord, before: UserRecord | null): Promise<void> {
    const { store } = this.#deps;
    if (before === null) await store.put(user, true);
    else await store.rename(user.id, user);
  }
}

function newUser({ provider, subject, email, displayName = "" }: SeenUser, registeredAt: number): UserRecord {
  const id = idOf(provider, subject);
  return {
    id,
    email: isAddress(email) ? email : withoutAddress(id),
    ...namesOf(displayName),
    state: "active",
    note: `made by a login at ${provider}`,
    identities: [{ provider, id: subject }],
    groups: ["developers"],
    registeredAt,
  };
}

function changedUser(before: UserRecord, { email, displayName }: SeenUser): UserRecord {
  const names = displayName === undefined ? {} : namesOf(displayName);
  const after = { ...before, ...names, ...(isAddress(email) ? { email } : {}) };
  const isSame = (["email", "firstName", "lastName"] as const).every((key) => after[key] === before[key]);
  return isSame ? before : after;
}

/** Readable where the subject is; unlike every other in any case. */
function idOf(provider: string, subject: string): string {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(subject);
  return `${provider}.${isPlain ? subject : hash("sha256", subject, "hex").slice(0, 40)}`;
}

function namesOf(displayName: string): Pick<UserRecord, "firstName" | "lastName"> {
  const [firstName = "", ...rest] = displayName
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .split(/\s+/);
  return { firstName: firstName.slice(0, 100), lastName: rest.join(" ").slice(0, 100) };
}

/** A domain that nobody can have (RFC 6761 §6.4). */
function withoutAddress(id: string): string {
  return `${id}@users.invalid`;
}

function isAddress(email: string | undefined): email is string {
  return email !== undefined && /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,255}$/u.test(email);
}
