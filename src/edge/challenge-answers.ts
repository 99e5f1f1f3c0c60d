import { createSecureContext, type SecureContext } from "node:tls";
import { secureOptions } from "./certificate-set.ts";
import type { PendingChallenges } from "./edge-types.ts";

const wellKnown = "/.well-known/acme-challenge/";
/** The one protocol that a validating authority offers. @see RFC 8737 §4 */
export const alpnChallengeProtocol = "acme-tls/1";

/** What a certificate authority that validates one of our names gets to see, and nobody else. */
export class ChallengeAnswers {
  readonly #http = new Map<string, string>();
  readonly #alpn = new Map<string, SecureContext>();

  /** Replaces all of them. */
  set({ http, alpn }: PendingChallenges): void {
    this.#http.clear();
    this.#alpn.clear();
    for (const { host, token, keyAuthorization } of http)
      this.#http.set(`${host}${wellKnown}${token}`, keyAuthorization);
    for (const { serverName, certPem, keyPem } of alpn) {
      this.#alpn.set(serverName, createSecureContext({ ...secureOptions, cert: certPem, key: keyPem }));
    }
  }

  /** @see RFC 8555 §8.3 */
  http(method: string, host: string, path: string): string | undefined {
    return this.#http.size > 0 && method === "GET" ? this.#http.get(`${host}${path}`) : undefined;
  }

  /** Only for a client that offers this protocol and no other: a visitor never does. */
  alpn(serverName: string, offered: readonly string[]): SecureContext | undefined {
    if (this.#alpn.size === 0 || offered.length !== 1 || offered[0] !== alpnChallengeProtocol) return undefined;
    return this.#alpn.get(serverName.toLowerCase());
  }
}
