import { GatewayError } from "#model/errors.ts";
import type { Connection } from "#model/connection.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { Clock, Log } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { connectionFailed, fetchConnectionToken } from "#upstream/managed-identity/client-credentials.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";

/** On main: secrets do not reach the workers, and all of them share one token of each connection. */
export class ConnectionTokens {
  readonly #clock: Clock;
  readonly #log: Log;
  #cache: TokenCache;

  constructor(connections: readonly Connection[], clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#cache = this.#cacheOf(connections);
  }

  /** Tokens that were had with credentials that are gone are not given any more. */
  use(connections: readonly Connection[]): void {
    this.#cache = this.#cacheOf(connections);
  }

  find(provider: string, name: string): IdentityToken | Promise<IdentityToken> {
    return this.#cache.find(provider, name);
  }

  #cacheOf(connections: readonly Connection[]): TokenCache {
    const egress = createEgress({ allow: [], ownAddresses: [], clock: this.#clock });
    return new TokenCache(async (provider, name) => {
      try {
        const connection = connections.find((one) => one.provider === provider && one.name === name);
        // Both may be computed from what a client sent, so they are not repeated.
        if (connection === undefined) throw connectionFailed("that was asked for is not in the definition");
        return await fetchConnectionToken(connection, egress, this.#clock);
      } catch (error) {
        this.#log.warn("no token of a connection", {
          error: error instanceof GatewayError ? error.message : String(error),
        });
        throw error;
      }
    }, this.#clock);
  }
}
