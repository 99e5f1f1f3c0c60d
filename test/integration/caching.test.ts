import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** The caching policies through a gateway of two workers; every request comes on a connection of its own. */
describe("caching", () => {
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let isDown = false;

  before(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream((request, response) => {
      if (isDown) return void response.socket?.destroy();
      const url = new URL(request.url ?? "", "http://up");
      for (const [name, value] of url.searchParams) if (name.startsWith("h-")) response.setHeader(name.slice(2), value);
      request.resume();
      const { accept = "", "x-auth-request-user": user = "" } = request.headers;
      return void response.end(`${request.method} ${upstream.seen.length} ${accept} ${String(user)}`);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
cache: { size: 8MiB, entrySize: 16KiB }
identity: { providers: { test: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
policies: { outbound: [{ set-header: { name: X-Always, values: ["1"] } }] }
apis:
  fixed:
    path: /fixed
    backend: up
    access: public
    policies:
      inbound: [{ cache-lookup: { varyByHeader: [Accept], varyByQueryParameter: [q], downstreamCaching: private } }]
      outbound:
        - set-header: { name: X-Before, values: ["1"] }
        - cache-store: { duration: 60s }
        - base
  http:
    path: /http
    backend: up
    access: public
    policies:
      inbound: [{ cache-lookup: { semantics: http } }]
      outbound: [{ cache-store: 0s }, base]
  mine:
    path: /mine
    backend: up
    access: [{ allow: principal.authenticated }]
    policies:
      inbound: [{ cache-lookup: { allowPrivate: true, varyByDeveloper: true } }]
      outbound: [{ cache-store: 60s }, base]
  values:
    path: /values
    backend: up
    access: public
    policies:
      inbound:
        - choose:
            when:
              - condition: request.method == "PUT"
                policies: [{ cache-store-value: { key: k, value: "\${1 + 1}", duration: 60s } }]
              - condition: request.method == "DELETE"
                policies: [{ cache-remove-value: k }]
        - cache-lookup-value: { key: k, variable: found, default: nothing }
        - return-response: { status: 200, body: "\${string(variables.found)}" }
  made:
    path: /made
    backend: up
    access: public
    policies:
      inbound:
        - cache-value:
            key: made
            variable: it
            policies: [{ send-request: { responseVariable: it, policies: [{ set-url: "${upstream.url}/made?h-x-a=b" }] } }]
        - return-response: { responseVariable: it }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
    await upstream.close();
  });

  const get = (path: string, headers: Record<string, string> = {}): Promise<TestResponse> =>
    call(gateway, path, { headers: { connection: "close", ...headers } });

  /** Asks until an answer repeats: a write to the cache does not hold up its request. */
  async function repeated(path: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    let last = await get(path, headers);
    for (let tries = 0; tries < 50; tries += 1) {
      const next = await get(path, headers);
      if (next.text === last.text) return next;
      last = next;
      await sleep(10);
    }
    throw new Error(`${path} is not answered from the cache`);
  }

  it("answers every worker's clients from one copy, by the parameters and fields that count", async () => {
    const first = await repeated("/fixed/a?q=1&other=x", { accept: "a" });
    assert.equal((await get("/fixed/a?q=1&other=y", { accept: "a" })).text, first.text);
    assert.notEqual((await get("/fixed/a?q=2", { accept: "a" })).text, first.text);
    assert.notEqual((await get("/fixed/a?q=1", { accept: "b" })).text, first.text);
    assert.notEqual((await get("/fixed/b?q=1", { accept: "a" })).text, first.text);
    assert.match(first.headers["cache-control"] ?? "", /^private, max-age=\d+, must-revalidate$/);
  });

  it("goes on behind cache-store: what stands after it is done each time, broader scopes too", async () => {
    const { headers } = await repeated("/fixed/c");
    assert.deepEqual([headers["x-before"], headers["x-always"]], ["1", "1"]);
  });

  it("keeps nothing that carries a cookie, is another's error, or is larger than an entry", async () => {
    for (const path of ["/fixed/cookie?h-set-cookie=a%3Db", "/http/large?h-cache-control=no-store"]) {
      assert.notEqual((await get(path)).text, (await get(path)).text, path);
    }
  });

  it("what carries an identity is not shared, unless the policy or the response says so", async () => {
    const ann = { authorization: `Bearer ${await issuer.token({ sub: "ann" })}` };
    const bob = { authorization: `Bearer ${await issuer.token({ sub: "bob" })}` };
    assert.notEqual((await get("/fixed/id", ann)).text, (await get("/fixed/id", ann)).text);
    const path = "/http/id?h-cache-control=max-age%3D60";
    assert.notEqual((await get(path, ann)).text, (await get(path, ann)).text);
    const mine = await repeated("/mine/x", ann);
    assert.match(mine.text, /ann/);
    const his = await repeated("/mine/x", bob);
    assert.match(his.text, /bob/);
    assert.equal((await get("/mine/x", ann)).text, mine.text);
    assert.equal((await get("/mine/x")).status, 401);
  });

  it("a value is made once, a response to a call among them, and all workers have it", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => get("/made")));
    const last = await get("/made");
    assert.equal(last.headers["x-a"], "b");
    const made = upstream.seen.filter(({ url }) => url.startsWith("/made")).length;
    assert.ok(made >= 1 && made <= 2, `${made} times`);
    assert.equal(new Set([...answers, last].map(({ status }) => status)).size, 1);
  });

  it("a response that varies by who calls is never another's", async () => {
    const path = "/http/vary?h-cache-control=public%2Cmax-age%3D60&h-vary=X-Auth-Request-User";
    const ann = { authorization: `Bearer ${await issuer.token({ sub: "ann" })}` };
    const bob = { authorization: `Bearer ${await issuer.token({ sub: "bob" })}` };
    for (let times = 0; times < 3; times += 1) {
      assert.match((await get(path, ann)).text, /ann/);
      assert.match((await get(path, bob)).text, /bob/);
    }
  });

  it("a field that names another method or path keeps a request out of the cache", async () => {
    const path = "/http/poison?h-cache-control=max-age%3D60";
    await get(path, { "x-http-method-override": "DELETE" });
    assert.match(String((await repeated(path)).headers["cache-status"]), /hit/);
    const count = upstream.seen.length;
    await get(path, { "x-original-url": "/admin" });
    assert.equal(upstream.seen.length, count + 1);
  });

  it("a change that succeeds empties what is kept of the resource", async () => {
    const path = "/http/changed?h-cache-control=max-age%3D60";
    const first = await repeated(path);
    assert.equal((await call(gateway, path, { method: "POST" })).status, 200);
    assert.notEqual((await get(path)).text, first.text);
  });

  it("a stale copy stands in for an upstream that is down, where the response allows it", async () => {
    const path = "/http/sie?h-cache-control=max-age%3D1%2Cstale-if-error%3D60";
    const first = await repeated(path);
    await sleep(1100);
    isDown = true;
    const stale = await get(path);
    const other = await get("/http/never");
    isDown = false;
    assert.deepEqual([stale.status, stale.text], [200, first.text]);
    assert.equal(other.status, 502);
  });

  it("a value is seen by every worker, with its type, and by none once it is removed", async () => {
    const ask = async (): Promise<readonly string[]> => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => get("/values")));
      return [...new Set(answers.map(({ text }) => text))];
    };
    assert.deepEqual(await ask(), ["nothing"]);
    await call(gateway, "/values", { method: "PUT" });
    for (let tries = 0; (await ask()).join() !== "2"; tries += 1) assert.ok(tries < 50);
    assert.equal((await call(gateway, "/values", { method: "DELETE" })).text, "nothing");
    assert.deepEqual(await ask(), ["nothing"]);
  });
});
