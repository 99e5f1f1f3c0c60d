import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const definition = (upstream: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
policies:
  outbound: [{ set-header: { name: X-Everywhere, values: ["yes"] } }]
apis:
  status:
    path: /status
    access: public
    respond: { body: "up at \${request.host}\\n", headers: { Cache-Control: no-store } }
    operations:
      all: { method: GET, path: "/" }
      page: { method: GET, path: /page, respond: { status: 410, file: gone.html } }
      empty: { method: DELETE, path: "/", respond: { status: 204 } }
      old: { method: GET, path: "/old/{*rest}", redirect: { to: '/status/new/\${parameters["rest"]}?\${request.queryString}', status: 301 } }
      proxied: { method: GET, path: /proxied, backend: up }
      held: { method: GET, path: /held, access: [{ deny: "true" }] }
      again: { method: GET, path: /again, policies: { backend: [{ forward-request: {} }, { forward-request: {} }] } }
  www:
    hosts: [old.localhost]
    path: /
    access: [{ allow: principal.authenticated }]
    redirect: https://www.localhost\${request.path}
backends: { up: { url: "${upstream}" } }
`;

/** A route that ends here instead of at a backend. */
describe("static answers and redirects", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    const files = { "gone.html": "<h1>${not} an expression</h1>" };
    gateway = await startTestGateway({ definition: definition(upstream.url), files, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  it("answers with text that is computed, and outbound policies run on it", async () => {
    const { status, text, headers } = await call(gateway, "/status");
    assert.deepEqual([status, text], [200, "up at localhost\n"]);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["x-everywhere"], "yes");
    assert.equal(headers["content-length"], "16");
    assert.equal(headers["via"], undefined);
  });

  it("answers HEAD as GET, without the body", async () => {
    const { status, text, headers } = await call(gateway, "/status/again", { method: "HEAD" });
    assert.deepEqual([status, text, headers["content-length"]], [200, "", "16"]);
  });

  it("answers with a file as it stands, typed by its name", async () => {
    const { status, text, headers } = await call(gateway, "/status/page");
    assert.deepEqual([status, text], [410, "<h1>${not} an expression</h1>"]);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
  });

  it("answers without a body", async () => {
    const { status, text, headers } = await call(gateway, "/status", { method: "DELETE" });
    assert.deepEqual([status, text, headers["content-type"]], [204, "", undefined]);
  });

  it("redirects with the rest of the path and the query", async () => {
    const { status, headers } = await call(gateway, "/status/old/a/b%20c?q=1&r=%2F");
    assert.deepEqual([status, headers.location], [301, "/status/new/a/b%20c?q=1&r=%2F"]);
    assert.equal(headers["x-everywhere"], "yes");
  });

  it("an operation's backend comes before the API's answer", async () => {
    assert.deepEqual((await call(gateway, "/status/proxied")).json(), { path: "/proxied" });
  });

  it("is given to nobody who is not let through", async () => {
    const held = await call(gateway, "/status/held");
    assert.deepEqual([held.status, held.json()["reason"]], [401, "credentials-missing"]);
    const redirect = await call(gateway, "/x", { headers: { host: "old.localhost" } });
    assert.deepEqual([redirect.status, redirect.headers.location], [401, undefined]);
  });

  it("a backend section runs it through forward-request", async () => {
    assert.equal((await call(gateway, "/status/again")).text, "up at localhost\n");
  });
});
