import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { CompactSign } from "jose";
import { type IssuerKey, makeKey } from "#identity/testing/issuer.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An issuer on loopback that has the metadata and keys of a provider, and signs whatever claims it is given. */
export class LocalIssuer {
  readonly origin: string;
  readonly key: IssuerKey;
  /** Members of the published key besides its own. */
  keyFields: Fields = {};
  readonly #server: Server;
  /** Metadata by the path under which it is asked for. */
  readonly #issuers = new Map<string, string>();

  static async start(tls?: { readonly cert: string; readonly key: string }): Promise<LocalIssuer> {
    const server = tls === undefined ? createHttp() : createHttps(tls);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const key = await makeKey("k1", "RS256");
    return new LocalIssuer(server as Server, `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`, key);
  }

  private constructor(server: Server, origin: string, key: IssuerKey) {
    this.#server = server;
    this.origin = origin;
    this.key = key;
    server.on("request", (request, response) => {
      const body = this.#answer(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body ?? {}));
    });
  }

  /** Publishes metadata: under `path`, calling itself `issuer`. */
  publish(path: string, issuer: string = `${this.origin}${path}`): string {
    this.#issuers.set(path, issuer);
    return issuer;
  }

  #answer(url: string): Fields | undefined {
    if (url === "/keys") return { keys: [{ ...this.key.jwk, ...this.keyFields }] };
    const issuer = this.#issuers.get(url.replace(/\/?\.well-known\/openid-configuration$/, ""));
    return issuer === undefined ? undefined : { issuer, jwks_uri: `${this.origin}/keys` };
  }

  /** Times are those of now; `header` and claims that are undefined are left out. */
  async sign(claims: Fields, header: Fields = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = Buffer.from(JSON.stringify({ iat: now, nbf: now - 1, exp: now + 3600, ...claims }));
    const fields = { alg: this.key.algorithm, kid: "k1", typ: "JWT", ...header };
    return new CompactSign(payload).setProtectedHeader(fields).sign(this.key.privateKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
