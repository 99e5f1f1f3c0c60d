import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { type Configuration, Provider } from "oidc-provider";
import type { TokenVerdict } from "#model/ports.ts";
import { FetchEgress, KeptLog, ManualClock, providerOf } from "./testing/doubles.ts";
import { createTokenVerifier, type ManagedTokenVerifier } from "./token-verifier.ts";

const audience = "urn:example:orders";
const secret = randomBytes(24).toString("hex");

function configuration(keys: readonly object[]): Configuration {
  return {
    jwks: { keys: [...keys] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    clients: [
      {
        client_id: "billing",
        client_secret: secret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        scope: "orders.read",
        id_token_signed_response_alg: "ES256",
      },
    ],
    scopes: ["openid", "orders.read"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
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
  };
}

function signingKey(kid: string): object {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "ES256" };
}

/** A certified provider on loopback, whose keys can be replaced as by a restart. */
class RunningProvider {
  readonly #server: Server = createServer((request, response) => this.#handler(request, response));
  #handler: ReturnType<Provider["callback"]> = () => Promise.reject(new Error("not started"));
  issuer = "";

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.serve([signingKey("first")]);
  }

  serve(keys: readonly object[]): void {
    this.#handler = new Provider(this.issuer, configuration(keys)).callback();
  }

  async token(): Promise<string> {
    const body = new URLSearchParams({ grant_type: "client_credentials", scope: "orders.read", resource: audience });
    const authorization = `Basic ${Buffer.from(`billing:${secret}`).toString("base64")}`;
    const response = await fetch(`${this.issuer}/token`, { method: "POST", body, headers: { authorization } });
    const answer = (await response.json()) as { access_token?: string };
    assert.ok(answer.access_token !== undefined, JSON.stringify(answer));
    return answer.access_token;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Its tokens carry the real time. */
class SystemPlusClock extends ManualClock {
  ahead = 0;

  override now(): number {
    return Date.now() + this.ahead;
  }
}

function accepted(verdict: TokenVerdict): asserts verdict is Extract<TokenVerdict, { ok: true }> {
  assert.ok(verdict.ok, verdict.ok ? "" : `${verdict.reason}: ${verdict.detail}`);
}

describe("a real provider", () => {
  const provider = new RunningProvider();
  const clock = new SystemPlusClock();
  const egress = new FetchEgress();
  let verifier: ManagedTokenVerifier;

  before(async () => {
    await provider.start();
    const settings = providerOf(provider.issuer, { audiences: [audience] });
    verifier = createTokenVerifier({ providers: [settings], egress, clock, log: new KeptLog() });
    await verifier.ready();
  });

  after(async () => {
    verifier.close();
    await provider.stop();
  });

  it("is discovered, and its client's token makes a service", async () => {
    const token = await provider.token();
    const verdict = await verifier.verify(token);
    accepted(verdict);
    const { principal } = verdict;
    assert.equal(principal.id, `${provider.issuer}||billing`);
    assert.deepEqual([principal.kind, principal.clientId, principal.scopes], ["service", "billing", ["orders.read"]]);
    assert.match(principal.tokenId ?? "", /./);
    assert.equal(verifier.verify(token), verdict);
  });

  it("may change its keys", async () => {
    const old = await provider.token();
    accepted(await verifier.verify(old));
    provider.serve([signingKey("second")]);
    accepted(await verifier.verify(await provider.token()));
    const verdict = await verifier.verify(old);
    assert.ok(!verdict.ok);
    assert.equal(verdict.reason, "token-key-unknown");
  });

  it("gives tokens that end", async () => {
    const token = await provider.token();
    accepted(await verifier.verify(token));
    clock.ahead = 601_000;
    const verdict = await verifier.verify(token);
    assert.ok(!verdict.ok);
    assert.equal(verdict.reason, "token-expired");
    clock.ahead = 0;
  });

  it("is asked with bounds, and never again for a remembered token", () => {
    assert.ok(egress.requests.every(({ declared, timeoutMs, maxBytes }) => declared && timeoutMs > 0 && maxBytes > 0));
    // Two documents each: at the start, for the new key, and for the token of the old one.
    assert.equal(egress.requests.length, 6);
  });
});
