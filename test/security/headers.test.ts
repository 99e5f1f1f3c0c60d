import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw, exchangeRaw, responsesOf } from "./raw-client.ts";
import { type OriginRequest, startStrictOrigin, type StrictOrigin, valuesOf } from "./strict-origin.ts";
import { startIssuer, type TokenIssuer } from "./token-issuer.ts";

const identityNames = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Preferred-Username",
  "X-Auth-Request-Access-Token",
  "X-Sallyport-Assertion",
  "X-Sallyport-Subscription",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Access-Token",
];

/** Each name in the spellings that some server takes for the same variable. */
function spoofs(): string[] {
  const spelled = identityNames.flatMap((name) => [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll("-", "_"),
    name.replaceAll("-", "."),
    name.replace("-", "_"),
    `X_${name.slice(2).toLowerCase()}`,
  ]);
  return spelled.map((name) => `${name}: forged`);
}

/** What a client says about who it is, where it comes from and which request this is must not become ours. */
describe("forged header fields", () => {
  let origin: StrictOrigin;
  let issuer: TokenIssuer;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, allowHeaderNames: [x_auth_request_user, x.sallyport.assertion, x_plain], limits: { headerCount: 200 } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  open:
    path: /open
    backend: up
    access: public
    policies: { inbound: [base, { set-header: { name: X-Tenant, values: [written] } }, { set-header: { name: X-Auth-Request-User, values: [policy] } }] }
  checked:
    path: /checked
    backend: up
    access: public
    policies: { inbound: [base, { check-header: { name: X-Level, values: [low], failedStatus: 403 } }] }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
    await origin.close();
  });

  async function seenAfter(fields: readonly string[], target: string = "/open/x"): Promise<OriginRequest> {
    origin.requests.length = 0;
    const { status, body } = await askRaw(gateway, target, fields);
    assert.equal(status, 200, body);
    assert.equal(origin.requests.length, 1);
    return origin.requests[0] as OriginRequest;
  }

  const believed = ({ fields }: { fields: readonly string[] }): string[] =>
    fields.filter(
      (name, at) =>
        at % 2 === 0 && /^x[-_.](auth[-_.]request|sallyport|forwarded[-_.](user|email|groups|pref|acc))/i.test(name),
    );

  it("identity in any spelling is taken away, allow-listed spellings and those of a policy too", async () => {
    const seen = await seenAfter(spoofs());
    assert.deepEqual(believed(seen), []);
    assert.deepEqual(
      seen.fields.filter((value) => /forged|^policy$/.test(value)),
      [],
    );
  });

  it("who has a token is told by us alone, once", async () => {
    const seen = await seenAfter([...spoofs(), `Authorization: Bearer ${await issuer.token({ sub: "ann" })}`]);
    assert.deepEqual(believed(seen), ["X-Auth-Request-User"]);
    assert.deepEqual(valuesOf(seen.fields, "x-auth-request-user"), ["ann"]);
  });

  it("Connection cannot take away our identity, nor what a policy wrote", async () => {
    const token = `Authorization: Bearer ${await issuer.token({ sub: "ann" })}`;
    const nominated = "x-auth-request-user, x-tenant, x-forwarded-for, x-request-id, via, host, content-length, x-mine";
    const { fields } = await seenAfter([token, "X-Mine: 1", `Connection: ${nominated}`]);
    assert.deepEqual(valuesOf(fields, "x-auth-request-user"), ["ann"]);
    assert.deepEqual(valuesOf(fields, "x-tenant"), ["written"]);
    assert.deepEqual(valuesOf(fields, "x-forwarded-for"), ["127.0.0.1"]);
    assert.equal(valuesOf(fields, "x-request-id").length, 1);
    assert.deepEqual(valuesOf(fields, "x-mine"), []);
    assert.deepEqual(valuesOf(fields, "connection"), []);
  });

  it("a field that Connection takes away is not there for a policy either", async () => {
    assert.equal((await askRaw(gateway, "/checked", ["X-Level: low"])).status, 200);
    assert.equal((await askRaw(gateway, "/checked", ["X-Level: low", "Connection: x-level"])).status, 403);
    assert.equal((await askRaw(gateway, "/checked", ["X-Level: low", "X-Level: high"])).status, 403);
  });

  it("where it comes from is told by us: X-Forwarded-*, Forwarded", async () => {
    const { fields } = await seenAfter([
      "X-Forwarded-For: 6.6.6.6",
      "x-forwarded-for: 7.7.7.7",
      "X_Forwarded_For: 8.8.8.8",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: evil.example",
      "Forwarded: for=6.6.6.6;proto=https",
    ]);
    assert.deepEqual(valuesOf(fields, "x-forwarded-for"), ["127.0.0.1"]);
    assert.deepEqual(valuesOf(fields, "x-forwarded-proto"), ["http"]);
    assert.deepEqual(valuesOf(fields, "x-forwarded-host"), ["localhost"]);
    assert.deepEqual(valuesOf(fields, "forwarded"), []);
    assert.equal(
      fields.some((value) => /6\.6\.6|7\.7\.7|8\.8\.8|evil/.test(value)),
      false,
    );
  });

  it("the request id is ours on both sides, and the same", async () => {
    origin.requests.length = 0;
    const answer = await askRaw(gateway, "/open/x", ["X-Request-Id: forged", "x-request-id: again"]);
    assert.match(answer.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(valuesOf(origin.requests[0]?.fields ?? [], "x-request-id"), [answer.id]);
  });

  it("nothing comes behind the body that would not be let through before it", async () => {
    origin.requests.length = 0;
    const trailers = [
      ...spoofs(),
      "Authorization: Basic eA==",
      "Host: evil.example",
      "X-Forwarded-For: 6.6.6.6",
      "Forwarded: for=6.6.6.6",
      "X-Request-Id: forged",
      "Cookie: forged=1",
    ];
    const text = await exchangeRaw(
      gateway,
      `POST /open/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n${trailers.join("\r\n")}\r\n\r\n`,
    );
    const [answer] = responsesOf(text);
    assert.ok(answer !== undefined && [200, 400].includes(answer.status));
    for (const { trailers: seen } of origin.requests) assert.deepEqual(seen, ["X-Sum", "1"]);
  });

  it("identity trailers alone do not pass either", async () => {
    for (const name of identityNames) {
      origin.requests.length = 0;
      await exchangeRaw(
        gateway,
        `POST /open/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n${name}: forged\r\n\r\n`,
      );
      assert.equal(origin.requests.length, 1, name);
      assert.deepEqual(origin.requests[0]?.trailers, [], name);
    }
  });
});
