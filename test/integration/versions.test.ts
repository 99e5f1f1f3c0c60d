import assert from "node:assert/strict";
import { connect } from "node:tls";
import { after, before, describe, it } from "node:test";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const serves = (what: string): string =>
  `access: public, policies: { outbound: [base, { set-header: { name: X-Api, values: [${what}] } }] }`;

const key = "key-of-one-api-and-its-revisions";

function definition(url: string): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
versionSets:
  by-header: { header: Api-Version }
  by-query: { query: api-version, default: "2024-01" }
  by-segment: { segment: true }
apis:
  orders: { path: /orders, versionSet: by-header, backend: up, ${serves("original")} }
  orders-v2: { path: /orders, versionSet: by-header, version: v2, backend: up, ${serves("v2")}, operations: { one: { method: GET, path: "/{id}" } } }
  beside: { path: /orders/special, backend: up, ${serves("special")} }
  stock-old: { path: /stock, versionSet: by-query, version: "2024-01", backend: up, ${serves("old")} }
  stock-new: { path: /stock, versionSet: by-query, version: "2025-01", backend: up, ${serves("new")} }
  users-v1: { path: /users, versionSet: by-segment, version: v1, backend: up, ${serves("u1")} }
  users-v2: { path: /users, versionSet: by-segment, version: v2, revision: 3, backend: up, ${serves("u2")} }
  shop: { path: /shop, revision: 2, backend: up, ${serves("shop2")} }
  shop-next: { path: /shop, revision: 3, current: false, backend: up, access: [{ allow: '"x-preview" in request.headers' }], policies: { outbound: [base, { set-header: { name: X-Api, values: [shop3] } }] } }
  keyed: { path: /keyed, revision: 1, backend: up, policies: { outbound: [base, { set-header: { name: X-Api, values: [keyed1] } }] } }
  keyed-next: { path: /keyed, revision: 2, current: false, backend: up, policies: { outbound: [base, { set-header: { name: X-Api, values: [keyed2] } }] } }
  other: { path: /other, revision: 2, backend: up }
  named: { path: /named, backend: up, ${serves("named")}, operations: { one: { method: GET, path: "/{id}" } } }
backends: { up: { url: "${url}/base" } }
products: { keyed: { apis: [keyed, keyed-next, other] } }
subscriptions: { of-keyed: { api: keyed, key: { env: KEYED } } }
`;
}

/** Several versions and revisions of one API, each with operations and policies of its own. */
describe("versions and revisions", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startUpstream();
    const options = { definition: definition(upstream.url), env: { KEYED: key } };
    gateway = await startTestGateway({ ...options, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  /** Which API answered, and what its backend was asked for. */
  function shown({ status, headers, text }: TestResponse): string {
    return status === 200
      ? `${String(headers["x-api"])} ${(JSON.parse(text) as { path: string }).path}`
      : String(status);
  }

  for (const [path, headers, expected] of [
    ["/orders/7", {}, "original /base/7"],
    ["/orders/7", { "Api-Version": "v2" }, "v2 /base/7"],
    ["/orders/7", { "Api-Version": "v9" }, "404"],
    ["/orders/7", { "Api-Version": ["v2", "v2"] }, "404"],
    ["/orders/7/lines", { "Api-Version": "v2" }, "404"],
    ["/orders/7/lines", {}, "original /base/7/lines"],
    ["/orders/special/7", { "Api-Version": "v2" }, "special /base/7"],
    ["/stock/a", {}, "old /base/a"],
    ["/stock/a?api-version=2024-01", {}, "old /base/a?api-version=2024-01"],
    ["/stock/a?x=1&api-version=2025-01", {}, "new /base/a?x=1&api-version=2025-01"],
    ["/stock/a?api-version=2025-01&api-version=2024-01", {}, "404"],
    ["/stock?api-version=2025-01", {}, "new /base/?api-version=2025-01"],
    ["/stock/?api-version=2025-01", {}, "new /base/?api-version=2025-01"],
    ["/users/v1/a", {}, "u1 /base/a"],
    ["/users/v2/a", {}, "u2 /base/a"],
    ["/users/v2;rev=3/a", {}, "u2 /base/a"],
    ["/users/a", {}, "404"],
    ["/shop/a", {}, "shop2 /base/a"],
    ["/shop;rev=2/a", {}, "shop2 /base/a"],
    ["/shop;rev=3/a", {}, "401"],
    ["/shop;rev=3/a", { "x-preview": "1" }, "shop3 /base/a"],
    ["/shop;rev=3", { "x-preview": "1" }, "shop3 /base/"],
    ["/shop;rev=4/a", {}, "404"],
    ["/shop;rev=03/a", {}, "400"],
    ["/shop;rev=3x/a", {}, "400"],
    ["/shop;rev=3;rev=2/a", {}, "400"],
    ["/shop;rev=2/a;rev=2", {}, "400"],
    ["/named/7;rev=2", {}, "400"],
    ["/named/7;admin", {}, "400"],
    ["/shop%3Brev=3/a", {}, "404"],
  ] as const) {
    it(`${path} ${JSON.stringify(headers)}: ${expected}`, async () => {
      assert.equal(shown(await call(gateway, path, { headers })), expected);
    });
  }

  it("a key for an API is one for all its revisions, and for no other API", async () => {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    const answers = ["/keyed/a", "/keyed;rev=2/a", "/other/a"].map((path) => call(gateway, path, { headers }));
    assert.deepEqual((await Promise.all(answers)).map(shown), ["keyed1 /base/a", "keyed2 /base/a", "401"]);
  });

  it("a method that another version has is not allowed here", async () => {
    const refused = await call(gateway, "/orders/7", { method: "POST", headers: { "Api-Version": "v2" } });
    assert.deepEqual([refused.status, refused.headers.allow], [405, "GET, HEAD"]);
  });

  it("what cannot be told apart is not loaded", async () => {
    for (const [change, message] of [
      [
        "  also: { path: /orders, backend: up, access: public }",
        /the APIs orders-v2 and also are both at \/orders on any host/,
      ],
      [
        "  also: { path: /orders, versionSet: by-header, version: v2, backend: up, access: public }",
        /both at \/orders with version v2/,
      ],
      ["  also: { path: /shop, revision: 3, current: false, backend: up, access: public }", /both at \/shop;rev=3/],
      ["  also: { path: /x, versionSet: none, backend: up, access: public }", /there is no version set none/],
      ["  also: { path: /x, version: v2, backend: up, access: public }", /has a version, but no versionSet/],
      ["  also: { path: /x, current: false, backend: up, access: public }", /is not current and has no revision/],
    ] as const) {
      const text = definition(upstream.url).replace("backends:", `${change}\nbackends:`);
      const failed = await startTestGateway({ definition: text, env: { KEYED: key } }).catch((error: Error) => error);
      assert.ok(failed instanceof Error, change);
      assert.match(failed.message, message);
    }
  });

  it("the edge still closes where a semicolon could mean more", async () => {
    const socket = connect({ port: gateway.port, host: "127.0.0.1", servername: "localhost", ca: gateway.ca });
    socket.write("GET /shop;rev=2\\..\\x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 400 /);
  });
});
