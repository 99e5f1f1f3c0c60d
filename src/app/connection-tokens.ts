import { GatewayError } from "#model/errors.ts";
import type { Connection } from "#model/connection.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { Clock, Egress, EventRecorder, Log } from "#model/ports.ts";
import { tokenDigest } from "#model/token-digest.ts";
import { connectionFailed, type Exchanged, fetchConnectionToken } from "#upstream/connection-token/connection-token.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { TokenCache, type TokenSubject } from "#upstream/managed-identity/token-cache.ts";

/** Of callers whose tokens are exchanged, at a time; each has about 4 KiB. */
const maxTokens = 8192;

/** The access token of a session, by the digest of its id; null: it has none that is good. */
export type SessionToken = (digest: string) => Promise<string | null>;

/** On main: secrets do not reach the workers, and all of them share the tokens of each connection. */
export class ConnectionTokens {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #egress: Egress;
  readonly #sessionToken: SessionToken;
  readonly #events: Pick<EventRecorder, "tell">;
  #cache: TokenCache;

  constructor(
    connections: readonly Connection[],
    clock: Clock,
    log: Log,
    sessionToken: SessionToken,
    events: Pick<EventRecorder, "tell">,
  ) {
    this.#events = events;
    this.#sessionToken = sessionToken;
    this.#clock = clock;
    this.#log = log;
    this.#egress = createEgress({ allow: [], ownAddresses: [], clock });
    this.#cache = this.#cacheOf(connections);
  }

  /** Tokens that were had with credentials that are gone are not given any more. */
  use(connections: readonly Connection[]): void {
    this.#cache = this.#cacheOf(connections);
  }

  /** @throws GatewayError `connection-failed`, `exchange-refused` */
  find(provider: string, name: string, subject?: TokenSubject): IdentityToken | Promise<IdentityToken> {
    return this.#cache.find(provider, name, subject);
  }

  #cacheOf(connections: readonly Connection[]): TokenCache {
    const actors = new TokenCache((provider, name) => {
      const connection = connectionOf(connections, provider, name);
      // Of the client itself, for nothing in particular.
      const own = { ...connection, scopes: [], parameters: {} };
      return fetchConnectionToken(own, null, this.#egress, this.#clock);
    }, this.#clock);
    const ask = async (provider: string, name: string, subject?: TokenSubject): Promise<IdentityToken> => {
      const connection = connectionOf(connections, provider, name);
      const exchanged = await this.#exchangedBy(connection, subject, actors);
      const made = await fetchConnectionToken(connection, exchanged, this.#egress, this.#clock);
      if (exchanged !== null) this.#tellExchanged(connection, exchanged.subject, made.token);
      return made;
    };
    const logged = async (provider: string, name: string, subject?: TokenSubject): Promise<IdentityToken> => {
      try {
        return await ask(provider, name, subject);
      } catch (error) {
        this.#log.warn("no token of a connection", {
          error: error instanceof GatewayError ? error.message : String(error),
        });
        throw error;
      }
    };
    return new TokenCache(logged, this.#clock, maxTokens);
  }

  #tellExchanged({ provider, name }: Connection, from: string, token: string): void {
    const details = { connection: `${provider}/${name}`, from: tokenDigest(from), token: tokenDigest(token) };
    this.#events.tell({ event: "token.exchanged", details });
  }

  async #exchangedBy(
    connection: Connection,
    subject: TokenSubject | undefined,
    actors: TokenCache,
  ): Promise<Exchanged | null> {
    const { provider, name, grant } = connection;
    if (grant === "client-credentials") return null;
    if (subject === undefined) throw connectionFailed(`${provider}/${name}: exchanges tokens, and there is none`);
    const token = subject.token ?? (await this.#sessionToken(subject.digest));
    if (token === null) {
      const message = `connection ${provider}/${name}: the session has no access token that is good`;
      throw new GatewayError("exchange-refused", 403, message);
    }
    if (grant !== "token-exchange" || connection.actor === "none") return { subject: token, actor: null };
    const actor = connection.actor === "client" ? await actors.token(provider, name) : (subject.actor?.token ?? null);
    return { subject: token, actor };
  }
}

/** Both names may be computed from what a client sent, so they are not repeated. */
function connectionOf(connections: readonly Connection[], provider: string, name: string): Connection {
  const found = connections.find((one) => one.provider === provider && one.name === name);
  if (found === undefined) throw connectionFailed("that was asked for is not in the definition");
  return found;
}
