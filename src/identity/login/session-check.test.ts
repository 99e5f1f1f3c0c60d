import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { ManualClock, providerOf } from "#identity/testing/doubles.ts";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Egress } from "#model/ports.ts";
import { Secret } from "#model/secret.ts";
import { OidcClient } from "./oidc-client.ts";
import { checkSession } from "./session-check.ts";
import type { SessionContent } from "./session-content.ts";

interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = (status: number, body: unknown): Said => ({ status, body: JSON.stringify(body) });
const tokens = json(200, { access_token: "new", token_type: "Bearer", expires_in: 300 });
const takenBack: Said = { status: 401, body: "", headers: { "www-authenticate": 'Bearer error="invalid_token"' } };
const no = (error: string): Said => json(400, { error });
const isAda = json(200, { sub: "ada", groups: ["staff"] });

/** Of the Egress port, over fetch. */
const egress: Egress = {
  fetch: async ({ url, method = "GET", headers = [], body }) => {
    const fields = headers.flatMap((name, at) =>
      at % 2 === 0 ? [[name, headers[at + 1] ?? ""] as [string, string]] : [],
    );
    const asked = body === undefined ? {} : { body: Buffer.from(body) };
    const answer = await fetch(url, { method, headers: fields, ...asked }).catch((cause: unknown) => {
      throw new GatewayError("upstream-connect-failed", 502, "connection failed", { cause });
    });
    const list = new HeaderList([...answer.headers].flat());
    return { status: answer.status, headers: list, body: new Uint8Array(await answer.arrayBuffer()) };
  },
};

describe("a look after a session at its provider", () => {
  let server: Server;
  let issuer = "";
  let client: OidcClient;
  let said: { token: Said | null; userInfo: Said | null } = { token: null, userInfo: null };
  const clock = new ManualClock();

  let keys: Awaited<ReturnType<typeof generateKeyPair>>;

  before(async () => {
    keys = await generateKeyPair("ES256", { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256", use: "sig" }] };
    server = createServer((request, response) => {
      const metadata = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        id_token_signing_alg_values_supported: ["ES256"],
        jwks_uri: `${issuer}/jwks`,
      };
      const answer =
        request.url === "/token"
          ? said.token
          : request.url === "/userinfo"
            ? said.userInfo
            : json(200, request.url === "/jwks" ? jwks : metadata);
      if (answer === null) return void response.destroy();
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(answer.body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credential = { kind: "secret", secret: new Secret("test", "s") } as const;
    const settings = {
      name: "corp",
      label: "",
      issuer,
      clientId: "gateway",
      credential,
      scopes: ["openid"],
      prompt: null,
    };
    const source = { issuer, base: issuer, keyOrigins: [], trusted: true as const };
    client = await OidcClient.discover(settings, source, egress);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    said = { token: tokens, userInfo: isAda };
  });

  const content = (more: Partial<SessionContent> = {}): SessionContent => ({
    tokenClaims: { iss: issuer, sub: "ada" },
    userInfo: { sub: "ada", groups: ["staff"] },
    toldNames: ["sub", "groups"],
    accessToken: "old",
    accessEndsAt: clock.now() + 10_000_000,
    refreshToken: "again",
    idToken: null,
    ...more,
  });
  const look = async (more: Partial<SessionContent> = {}): Promise<string | undefined> => {
    const checked = await checkSession(content(more), { client, mapping: providerOf(issuer), clock, aheadMs: 1000 });
    return checked.trouble?.kind;
  };
  const soon = { accessEndsAt: 0 };

  it("finds nothing wrong where the provider says yes", async () => {
    assert.equal(await look(), undefined);
    assert.equal(await look(soon), undefined);
  });

  it("takes every no at a refresh for one", async () => {
    for (const error of ["access_denied", "unauthorized_client", "login_required", "interaction_required"]) {
      said.token = no(error);
      assert.equal(await look(soon), "refused", error);
    }
    said.token = no("invalid_grant");
    assert.equal(await look(soon), "gone");
    said.token = { status: 403, body: "" };
    assert.equal(await look(soon), "gone");
  });

  it("takes what says nothing of the person for a provider that is down", async () => {
    const busy = [503, 500, 502, 429, 408, 404].map((status) => json(status, {}));
    busy.push(json(429, { error: "access_denied" }));
    const page = { status: 200, body: "<h1>Be right back</h1>", headers: { "content-type": "text/html" } };
    for (const answer of [...busy, no("temporarily_unavailable"), json(503, { error: "invalid_grant" }), page, null]) {
      said.token = answer;
      assert.equal(await look(soon), "down", JSON.stringify(answer));
    }
  });

  it("takes what it says of this gateway for nothing that it says of the person", async () => {
    const basic = { "www-authenticate": 'Basic realm="tokens"' };
    const body = JSON.stringify({ error: "invalid_client" });
    for (const answer of [no("invalid_client"), { status: 401, body }, { status: 401, body, headers: basic }]) {
      said.token = answer;
      assert.equal(await look(soon), "down", JSON.stringify(answer));
    }
    said.token = { status: 401, body: "" };
    assert.equal(await look(soon), "down");
  });

  it("keeps the userinfo endpoint's no unless a refresh brings a yes", async () => {
    for (const answer of [no("access_denied"), no("temporarily_unavailable"), json(503, {}), null]) {
      said = { token: answer, userInfo: takenBack };
      assert.equal(await look(), "gone", JSON.stringify(answer));
    }
  });

  it("believes no word on somebody else", async () => {
    const tokenOf = async (subject: string): Promise<Said> => {
      const token = new SignJWT().setProtectedHeader({ alg: "ES256", kid: "k" });
      token.setIssuer(issuer).setSubject(subject).setAudience("gateway").setIssuedAt().setExpirationTime("1h");
      const id_token = await token.sign(keys.privateKey);
      return json(200, { access_token: "new", token_type: "Bearer", expires_in: 300, id_token });
    };
    said.token = await tokenOf("ada");
    assert.equal(await look(soon), undefined);
    said.token = await tokenOf("bob");
    assert.equal(await look(soon), "refused");
    said.token = tokens;
    said.userInfo = json(200, { sub: "bob", groups: ["admins"] });
    assert.equal(await look(), "refused");
  });
});
