import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";

interface Report {
  readonly apis: readonly { readonly api: string; readonly [outcome: string]: string | number }[];
  readonly differences: readonly {
    readonly api: string;
    readonly operation: string;
    readonly kind: string;
    readonly place: string;
    readonly old: string;
    readonly new: string;
    readonly count: number;
    readonly example: string;
  }[];
}

const key = "key-of-the-team-0123456789";

/** The gateway asks an old one as well; both have servers behind them that tests see into. */
describe("an old gateway that is asked as well", { skip: opensslAbsent }, () => {
  let upstream: TestUpstream;
  let old: TestUpstream;
  /** Takes connections, and never answers. */
  let silent: Server;
  /** With a certificate of a private CA. */
  let secure: SecureServer;
  let gateway: TestGateway;

  const body = (path: string, isOld: boolean): object => {
    if (path.endsWith("/shape")) return isOld ? { id: "1", name: "x" } : { id: 1 };
    return { of: path.split("/").at(-1), items: [{ id: 1 }], text: path.endsWith("/long") ? "x".repeat(100_000) : "" };
  };

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      response.writeHead(200, { "content-type": "application/json", "x-secret": "ours", "x-ignored": "1" });
      response.end(JSON.stringify(body(path, false)));
    });
    old = await startUpstream((request, response) => {
      request.resume();
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      if (path.endsWith("/gone")) return response.writeHead(301, { location: "/items/gone/" }).end();
      const bytes = gzipSync(JSON.stringify(body(path, true)));
      const fields = {
        "content-type": "application/json",
        "content-encoding": "gzip",
        date: "x",
        "x-secret": "theirs",
      };
      response.writeHead(200, fields).end(bytes);
      return undefined;
    });
    silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const ca = new TestCa();
    secure = createSecureServer(ca.issue("DNS:localhost"), (request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json", "x-secret": "ours", "x-ignored": "1" });
      response.end(JSON.stringify(body(request.url ?? "", false)));
    }).listen(0, "127.0.0.1");
    await once(secure, "listening");
    const secureUrl = `https://localhost:${(secure.address() as AddressInfo).port}`;
    gateway = await startTestGateway({
      files: { "ca.pem": ca.pem },
      args: ["--workers", "1"],
      env: { TEAM_KEY: key },
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, forwardAuth: { path: /auth, callers: [127.0.0.1] } }
apis:
  items:
    path: /items
    backend: ours
    access: public
    shadow: { to: "${old.url}", credentials: as-sent, ignoreHeaders: [X-Ignored] }
  private: { path: /private, backend: ours, access: public, shadow: { to: "${secureUrl}", ca: ca.pem, credentials: none } }
  keyed: { path: /keyed, backend: ours, shadow: { to: "${old.url}", credentials: none, methods: [GET] } }
  held: { path: /held, backend: ours, access: public, shadow: { to: "${silentUrl}", credentials: none, timeout: 300ms, concurrency: 2 } }
  narrow: { path: /narrow, backend: ours, access: public, shadow: { to: "${old.url}", credentials: none, concurrency: 1 } }
  none: { path: /none, backend: ours, access: public, shadow: { to: "${old.url}", credentials: none, sample: 0 } }
  asked: { path: /asked, backend: ours, access: public, forwardAuth: true, shadow: { to: "${old.url}", credentials: none } }
  unasked:
    path: /unasked
    backend: ours
    access: public
    shadow: { to: "${old.url}", credentials: as-sent, methods: [GET, OPTIONS] }
    policies: { inbound: [base, { cors: { allowedOrigins: ["https://app.test"], allowedMethods: [GET] } }] }
    operations:
      open: { method: GET, path: /open }
      off: { method: GET, path: /off, shadow: false }
      answered:
        method: GET
        path: /answered
        policies: { inbound: [base, { return-response: { status: 403, body: "not you" } }] }
      whole: { method: "*", path: "/{*rest}" }
products: { starter: { apis: [keyed], subscription: key } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
backends: { ours: { url: "${upstream.url}" } }
`,
    });
  });
  after(async () => {
    silent?.close();
    secure?.close();
    secure?.closeAllConnections();
    await gateway?.cleanUp();
    await Promise.all([upstream?.close(), old?.close()]);
  });

  async function report(holds: (report: Report) => boolean): Promise<Report> {
    for (let tries = 0; ; tries += 1) {
      const found = (await askAdmin(gateway, "GET /shadow")).json() as unknown as Report;
      if (holds(found)) return found;
      assert.ok(tries < 200, JSON.stringify(found));
      await sleep(50);
    }
  }

  const total = (found: Report, api: string, outcome: string): number =>
    Number(found.apis.find((one) => one.api === api)?.[outcome] ?? 0);

  it("is asked what the client has asked, once the client has its answer, and found the same but for a field", async () => {
    const answer = await call(gateway, "/items/7?a=%20b&c", { headers: { authorization: "Bearer t", "x-team": "me" } });
    assert.equal(answer.status, 200);
    const { differences } = await report((one) => total(one, "items", "different") === 1);
    assert.deepEqual(
      differences.map(({ kind, place, old: was, new: is, example }) => [kind, place, was, is, example]),
      [["header-value", "x-secret", "", "", answer.headers["x-request-id"]]],
    );
    const [seen] = old.seen;
    assert.deepEqual(
      [seen?.method, seen?.url, seen?.headers["authorization"], seen?.headers["x-team"]],
      ["GET", "/items/7?a=%20b&c", "Bearer t", "me"],
    );
    assert.equal(seen?.headers["sallyport-shadow"], answer.headers["x-request-id"]);
    const explained = await runCli(["explain", String(answer.headers["x-request-id"]), "--data", gateway.data]);
    assert.match(explained.stdout, /shadow/, explained.stdout);
  });

  it("may have a certificate of a private authority", async () => {
    await call(gateway, "/private/1");
    await report((one) => total(one, "private", "same") === 1);
  });

  it("that differs is told with where and what to do, once for all requests that show it", async () => {
    await askAdmin(gateway, "DELETE /shadow");
    for (let count = 0; count < 3; count += 1) await call(gateway, "/items/shape");
    await call(gateway, "/items/gone");
    const { differences } = await report((one) => total(one, "items", "different") === 4);
    assert.deepEqual(
      differences.map(({ operation, kind, place, count }) => `${operation} ${kind} ${place} ${count}`).toSorted(),
      ["all field-missing /name 3", "all field-type /id 3", "all header-value x-secret 3", "all status  1"],
    );
    const { stdout } = await runCli(["shadow", "report", "--data", gateway.data]);
    assert.match(stdout, /^API +SAME +DIFFERENT +UNANSWERED +SKIPPED\nitems +0 +4 +0 +0$/m);
    assert.match(stdout, /items all: the old gateway answers 301 to the path with a slash, the new one 200 \(1 times/);
    assert.match(stdout, /\/name \(string\) is missing in the new gateway's body \(3 times/);
    assert.doesNotMatch(stdout, /theirs|ours/);
    const metrics = await askAdmin(gateway, "GET /metrics");
    assert.match(metrics.text, /sallyport_shadow_requests_total\{api="items",outcome="different"\} 5/);
  });

  it("is not told who calls where it is not to be, and not asked for what was refused, or may change something", async () => {
    const first = old.seen.length;
    assert.equal((await call(gateway, "/keyed/1")).status, 401);
    assert.equal((await call(gateway, "/items/1", { method: "POST", body: "x" })).status, 200);
    assert.equal((await call(gateway, "/none/1")).status, 200);
    assert.equal((await call(gateway, "/items/1", { headers: { "sallyport-shadow": "x" } })).status, 200);
    const keyed = await call(gateway, `/keyed/2?x=1&subscription-key=${key}&y=2`, { headers: { cookie: "s=1" } });
    assert.equal(keyed.status, 200);
    const both = await call(gateway, "/keyed/3", { headers: { "ocp-apim-subscription-key": key, cookie: "s=1" } });
    assert.equal(both.status, 200);
    await report((one) => total(one, "keyed", "different") === 2);
    const seen = old.seen.slice(first);
    assert.deepEqual(seen.map(({ url }) => url).toSorted(), ["/keyed/2?x=1&y=2", "/keyed/3"]);
    assert.doesNotMatch(JSON.stringify(seen), new RegExp(`${key}|s=1`));
  });

  it("is not asked for what has no permit: a preflight, another proxy's question, an answer of a policy; nor where an operation says so", async () => {
    const first = old.seen.length;
    const preflight = { origin: "https://app.test", "access-control-request-method": "GET" };
    assert.equal((await call(gateway, "/unasked/x", { method: "OPTIONS", headers: preflight })).status, 200);
    const question = {
      "x-forwarded-method": "GET",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "localhost",
      "x-forwarded-uri": "/asked/question",
      "x-forwarded-for": "203.0.113.7",
      authorization: "Bearer t",
    };
    assert.equal((await call(gateway, "/auth", { headers: question })).status, 200);
    assert.equal((await call(gateway, "/unasked/answered")).status, 403);
    assert.equal((await call(gateway, "/unasked/off")).status, 200);
    const session = "__Host-sallyport-session=of-this-gateway";
    const claims = { cookie: `a=1; ${session}`, "x-forwarded-for": "203.0.113.9", "x-auth-request-user": "root" };
    assert.equal((await call(gateway, "/unasked/open", { headers: claims })).status, 200);
    await report((one) => total(one, "unasked", "different") === 1);
    const seen = old.seen.slice(first);
    assert.deepEqual(
      seen.map(({ url, headers }) => [url, headers.cookie, headers["x-forwarded-for"], headers["x-auth-request-user"]]),
      [["/unasked/open", "a=1", "127.0.0.1", undefined]],
    );
  });

  it("that does not answer holds up nobody, and at most so many requests wait for it", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => call(gateway, `/held/${at}`)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    // Another gateway has places of its own.
    assert.equal((await call(gateway, "/narrow/1")).status, 200);
    const narrow = await report((one) => total(one, "narrow", "different") + total(one, "narrow", "skipped") === 1);
    assert.equal(total(narrow, "narrow", "skipped"), 0);
    const found = await report((one) => total(one, "held", "unanswered") + total(one, "held", "skipped") === 8);
    assert.ok(
      total(found, "held", "unanswered") >= 2 && total(found, "held", "skipped") >= 1,
      JSON.stringify(found.apis),
    );
    assert.deepEqual(
      found.differences.filter(({ api }) => api === "held").map(({ kind, old: was, new: is }) => [kind, was, is]),
      [["no-answer", "upstream-timeout", "200"]],
    );
  });

  it("whose answer is long is compared as far as it is kept, and the client gets all of it", async () => {
    await askAdmin(gateway, "DELETE /shadow");
    const { text, headers } = await call(gateway, "/items/long");
    const id = headers["x-request-id"];
    assert.equal((JSON.parse(text) as { text: string }).text.length, 100_000);
    const { differences } = await report(({ differences: told }) => told.some(({ example }) => example === id));
    assert.deepEqual(
      differences.filter(({ api }) => api === "items").map(({ place }) => place),
      ["x-secret"],
    );
  });

  it("is given up by a stop, which waits for nobody there", async () => {
    await Promise.all([call(gateway, "/held/a"), call(gateway, "/held/b")]);
    assert.equal(await gateway.stop(), 0);
  });
});
