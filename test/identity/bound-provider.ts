import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import type { ProofMaker } from "#identity/testing/dpop.ts";

const audience = "urn:example:orders";
const secret = randomBytes(24).toString("hex");

/** The certified provider on loopback, whose tokens are bound: by DPoP, or to a client's certificate. */
export class BoundProvider {
  readonly issuer: string;
  readonly audience: string = audience;
  readonly #server: Server;

  static async start(): Promise<BoundProvider> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new BoundProvider(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = { ...privateKey.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "ES256" };
    const provider = new Provider(this.issuer, {
      jwks: { keys: [key] },
      cookies: { keys: [randomBytes(32).toString("base64url")] },
      clients: [
        client("by-key", { dpop_bound_access_tokens: true }),
        client("by-certificate", { tls_client_certificate_bound_access_tokens: true }),
        client("bearer", {}),
      ],
      scopes: ["openid", "orders.read"],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        dPoP: { enabled: true },
        // The certificate of the token request; the provider's own TLS is not what is tested.
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          getCertificate: (ctx) => decodeURIComponent(ctx.get("x-certificate")) || undefined,
        },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: "orders.read",
            audience,
            accessTokenFormat: "jwt",
            accessTokenTTL: 600,
            jwt: { sign: { alg: "ES256" } },
          }),
        },
      },
      ttl: { ClientCredentials: 600 },
    });
    server.on("request", provider.callback());
  }

  bearerToken(): Promise<string> {
    return this.#token("bearer", {});
  }

  async boundToKey(maker: ProofMaker): Promise<string> {
    const proof = await maker.proof("", { htm: "POST", htu: `${this.issuer}/token`, ath: undefined });
    return this.#token("by-key", { dpop: proof });
  }

  /** @param pem of the client's certificate */
  boundToCertificate(pem: string): Promise<string> {
    return this.#token("by-certificate", { "x-certificate": encodeURIComponent(pem) });
  }

  async #token(id: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ grant_type: "client_credentials", scope: "orders.read", resource: audience });
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
    const sent = { method: "POST", body, headers: { ...headers, authorization } };
    const response = await fetch(`${this.issuer}/token`, sent);
    const answer = (await response.json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
    return answer.access_token;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function client(id: string, more: Readonly<Record<string, unknown>>): { client_id: string } & Record<string, unknown> {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    scope: "orders.read",
    id_token_signed_response_alg: "ES256",
    ...more,
  };
}
