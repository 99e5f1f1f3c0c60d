import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { createEgress } from "#upstream/egress-fetch.ts";
import { createTokenSource } from "./token-source.ts";
import type { FetchToken } from "./token-cache.ts";

const now = Date.UTC(2026, 0, 1);
const clock = { now: () => now, mono: () => performance.now() };

interface Asked {
  readonly method: string | undefined;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A local stand-in of Azure's token endpoints, which answer from inside Azure alone; a real HTTP server. */
describe("tokens of a managed identity", () => {
  const asked: Asked[] = [];
  let answers: (readonly [status: number, body: unknown])[] = [];
  const paused: number[] = [];
  const egress = createEgress({ allow: [], ownAddresses: [], clock });
  let server: Server;
  let at: string;

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked.push({ method: request.method, url: new URL(request.url ?? "", at), headers: request.headers, body });
        const [status, answer] = answers.shift() ?? [200, {}];
        response.writeHead(status).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
    paused.length = 0;
  });
  after(() => void server.close());

  function source(env: Record<string, string>): FetchToken {
    const readFile = async (path: string): Promise<string> => {
      if (path !== "/var/token") throw new Error("no such file");
      return "assertion.of.kubernetes\n";
    };
    return createTokenSource({ env, egress, clock, readFile, pause: async (ms) => void paused.push(ms) });
  }

  it("come from the endpoint of App Service and Container Apps, which asks for its secret", async () => {
    answers = [[200, { access_token: "abc", expires_on: String(now / 1000 + 86_400) }]];
    const token = await source({ IDENTITY_ENDPOINT: `${at}/msi/token`, IDENTITY_HEADER: "s3cret" })(
      "https://vault.azure.net",
      "",
    );
    assert.deepEqual(token, { token: "abc", expiresAt: now + 86_400_000, refreshAt: now + 43_200_000 });
    assert.deepEqual(
      [asked[0]?.method, asked[0]?.url.pathname, asked[0]?.headers["x-identity-header"]],
      ["GET", "/msi/token", "s3cret"],
    );
    assert.deepEqual(Object.fromEntries(asked[0]?.url.searchParams ?? []), {
      "api-version": "2019-08-01",
      resource: "https://vault.azure.net",
    });
  });

  it("come from the metadata service of a machine, which is asked again while it is busy", async () => {
    answers = [
      [429, {}],
      [500, {}],
      [200, { access_token: "abc", expires_in: "3600", refresh_in: 1800 }],
    ];
    const token = await source({ AZURE_POD_IDENTITY_AUTHORITY_HOST: at })("api://a&b", "id-1");
    assert.deepEqual(token, { token: "abc", expiresAt: now + 3_600_000, refreshAt: now + 1_800_000 });
    const [first] = asked;
    assert.deepEqual([first?.url.pathname, first?.headers.metadata], ["/metadata/identity/oauth2/token", "true"]);
    assert.deepEqual(Object.fromEntries(first?.url.searchParams ?? []), {
      "api-version": "2018-02-01",
      resource: "api://a&b",
      client_id: "id-1",
    });
    assert.deepEqual(paused, [500, 1000]);
  });

  it("come from Entra ID for the token that Kubernetes wrote into a file", async () => {
    const env = {
      AZURE_FEDERATED_TOKEN_FILE: "/var/token",
      AZURE_TENANT_ID: "t-1",
      AZURE_CLIENT_ID: "c-1",
      AZURE_AUTHORITY_HOST: `${at}/`,
    };
    answers = [[200, { access_token: "abc", expires_in: 3600 }]];
    const token = await source(env)("https://storage.azure.com/", "");
    assert.deepEqual(token, { token: "abc", expiresAt: now + 3_600_000, refreshAt: now + 3_300_000 });
    assert.deepEqual([asked[0]?.method, asked[0]?.url.pathname], ["POST", "/t-1/oauth2/v2.0/token"]);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(asked[0]?.body)), {
      grant_type: "client_credentials",
      client_id: "c-1",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "assertion.of.kubernetes",
      scope: "https://storage.azure.com//.default",
    });
  });

  for (const [what, env, answer, message] of [
    [
      "a refusal, by its code alone",
      {},
      [400, { error: "invalid_request", error_description: "no identity s3cret" }],
      /^managed identity: the metadata service answered 400 \(invalid_request\)$/,
    ],
    ["an answer without a token", {}, [200, {}], /gave no token/],
    ["a token that would break the header", {}, [200, { access_token: "a\r\nX: y", expires_in: 60 }], /gave no token/],
    ["a token that is over", {}, [200, { access_token: "a", expires_on: "1" }], /no time to live/],
    [
      "a file that is not there",
      { AZURE_FEDERATED_TOKEN_FILE: "/x", AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c" },
      [200, {}],
      /cannot be read/,
    ],
    [
      "a tenant that would be another path",
      { AZURE_FEDERATED_TOKEN_FILE: "/var/token", AZURE_TENANT_ID: "../x", AZURE_CLIENT_ID: "c" },
      [200, {}],
      /do not say whose/,
    ],
  ] as const) {
    it(`say of ${what}`, async () => {
      answers = [answer as [number, unknown]];
      const fetch = source({ AZURE_POD_IDENTITY_AUTHORITY_HOST: at, ...env });
      await assert.rejects(fetch("r", ""), (error: { code?: string; message: string }) => {
        assert.equal(error.code, "managed-identity-failed");
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("say when nobody is there", async () => {
    const fetch = source({ AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:1" });
    await assert.rejects(fetch("r", ""), { code: "managed-identity-failed", message: /gave no answer/ });
  });
});
