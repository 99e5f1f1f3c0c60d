import type { IdentityToken, ManagedIdentity } from "#model/managed-identity.ts";
import type { Clock } from "#model/ports.ts";

/** Whose token is exchanged for another. */
export interface TokenSubject {
  /** Null: that of the session with this digest, which the control thread alone knows. */
  readonly token: string | null;
  /** SHA-256 of it, or of the session's id, base64url. */
  readonly digest: string;
  /** That of whoever acts for them. */
  readonly actor?: { readonly token: string; readonly digest: string };
}

export type FetchToken = (resource: string, clientId: string, subject?: TokenSubject) => Promise<IdentityToken>;

/** Resources may be computed, so that their number is a client's. */
const defaultMax = 256;
/** Not used in its last minute: the clocks of others differ. */
const marginMs = 60_000;
/** Between two tries to have a newer one. */
const pauseMs = 30_000;
/** How long a failure stands, so that requests do not pile up at an endpoint that is down. */
const failureMs = 2000;

interface Entry {
  token: IdentityToken | null;
  pending: Promise<IdentityToken> | null;
  /** No try before. */
  notBefore: number;
  failure: unknown;
}

/** Tokens by resource and identity, and of whom they are exchanged: one question at a time for each, and a newer token before the old one ends. */
export class TokenCache implements ManagedIdentity {
  readonly #fetch: FetchToken;
  readonly #clock: Pick<Clock, "now">;
  readonly #maxTokens: number;
  readonly #entries: Map<string, Entry> = new Map();

  constructor(fetch: FetchToken, clock: Pick<Clock, "now">, maxTokens: number = defaultMax) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#maxTokens = maxTokens;
  }

  token(resource: string, clientId: string): string | Promise<string> {
    const found = this.find(resource, clientId);
    return found instanceof Promise ? found.then(({ token }) => token) : found.token;
  }

  /** The same with the times, for who keeps it in turn. */
  find(resource: string, clientId: string, subject?: TokenSubject): IdentityToken | Promise<IdentityToken> {
    const entry = this.#entryOf(`${clientId} ${resource}${subject === undefined ? "" : whose(subject)}`);
    const now = this.#clock.now();
    const { token } = entry;
    if (token !== null && now < token.expiresAt - marginMs) {
      if (now >= token.refreshAt && now >= entry.notBefore && entry.pending === null) {
        // Who waits for nothing must not hear of it: there is a good token.
        this.#ask(entry, resource, clientId, subject).catch(() => {});
      }
      return token;
    }
    if (entry.pending !== null) return entry.pending;
    if (entry.failure !== null && now < entry.notBefore) return Promise.reject(entry.failure);
    return this.#ask(entry, resource, clientId, subject);
  }

  #ask(entry: Entry, resource: string, clientId: string, subject: TokenSubject | undefined): Promise<IdentityToken> {
    const pending = this.#fetch(resource, clientId, subject).then(
      (token) => {
        entry.pending = null;
        entry.failure = null;
        entry.token = token;
        // One that is to be replaced at once is asked about again in a while, not at each request.
        entry.notBefore = this.#clock.now() + pauseMs;
        return token;
      },
      (error: unknown) => {
        entry.pending = null;
        entry.failure = error;
        entry.notBefore = this.#clock.now() + (this.#isGood(entry) ? pauseMs : failureMs);
        throw error;
      },
    );
    entry.pending = pending;
    return pending;
  }

  #isGood({ token }: Entry): boolean {
    return token !== null && this.#clock.now() < token.expiresAt - marginMs;
  }

  #entryOf(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) entry = { token: null, pending: null, notBefore: 0, failure: null };
    else this.#entries.delete(key);
    // The one that was used longest ago stands first.
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#maxTokens) this.#entries.delete(this.#entries.keys().next().value as string);
    return entry;
  }
}

/** Digests have no space in them. */
function whose({ digest, actor }: TokenSubject): string {
  return actor === undefined ? ` ${digest}` : ` ${digest} ${actor.digest}`;
}
