import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccessLine } from "#audit/read/access-line.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const key = "sp_key_0123456789abcdef0123456789abcdef";
const secret = "a-value-that-is-nobodys-3391";

/** Logs in files and on standard output, of a gateway with two workers. */
describe("logs", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const definition = (logs: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit: { redact: { query: [pin] } }
logs: ${logs}
apis:
  orders: { path: /orders, backend: echo, operations: { read: { method: GET, path: "/{id}" } } }
  told: { path: /told, access: public, policies: ./told.xml }
products: { starter: { apis: [orders], subscription: key } }
subscriptions: { one: { product: starter, key: { env: TEST_KEY } } }
backends: { echo: { url: "${upstream.url}" } }
`;
  const told = `<policies><inbound><base />
<trace source="told" severity="verbose"><message>every step</message></trace>
<trace source="told" severity="information"><message>once a call</message></trace>
<return-response><set-status code="200" /></return-response>
</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;

  before(async () => {
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: definition("{ access: {}, operational: { maxSize: 64KiB, keep: 3 } }"),
      files: { "told.xml": told },
      args: ["--workers", "2"],
      env: { TEST_KEY: key },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const logFile = (name: string): string => join(gateway.data, "logs", name);
  const linesOf = (name: string): readonly string[] =>
    existsSync(logFile(name))
      ? readFileSync(logFile(name), "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
  const accessLines = (): readonly AccessLine[] => linesOf("access.log").map((line) => JSON.parse(line) as AccessLine);

  async function until<T>(what: () => T | undefined | false): Promise<T> {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = what();
      if (found !== undefined && found !== false) return found;
      await sleep(25);
    }
    throw new Error(`it did not come: ${gateway.output()}`);
  }

  async function reload(logs: string): Promise<void> {
    const seen = gateway.output().length;
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(logs));
    await until(() => gateway.output().slice(seen).includes('"message":"reloaded"'));
  }

  /** The thread of the access log hears of a reload a moment later, and begins with what comes then. */
  async function callUntil(path: string, isThere: () => boolean): Promise<void> {
    for (let tries = 0; !isThere(); tries += 1) {
      if (tries > 100) throw new Error(`it did not come: ${gateway.output()}`);
      await call(gateway, path);
      await sleep(100);
    }
  }

  it("has a line for each request that is over, with who, where, how and how long", async () => {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    await call(gateway, `/orders/7?pin=${secret}&page=2`, { headers });
    await call(gateway, `/orders/8?subscription-key=${secret}`);
    await call(gateway, "/nowhere");
    const lines = await until(() => accessLines().length >= 3 && accessLines());
    const [read, denied, lost] = ["/orders/7", "/orders/8", "/nowhere"].map((path) =>
      lines.find((line) => line.path === path),
    );
    assert.ok(read !== undefined && denied !== undefined && lost !== undefined);
    assert.deepEqual(
      [read.method, read.status, read.decision, read.api, read.operation, read.product, read.subscription],
      ["GET", 200, "allow", "orders", "read", "starter", "one"],
    );
    assert.deepEqual([read.upstream, read.upstreamStatus, read.client], ["echo", 200, "127.0.0.1"]);
    assert.match(read.query ?? "", /page=2/);
    assert.ok(read.durationMs > 0 && read.headersMs !== undefined && !Number.isNaN(Date.parse(read.time)));
    assert.deepEqual([denied.status, denied.decision, denied.upstream], [401, "deny", undefined]);
    assert.deepEqual([lost.status, lost.api, lost.reason], [404, undefined, "route-not-found"]);
    const text = readFileSync(logFile("access.log"), "utf8");
    assert.ok(!text.includes(secret) && !text.includes(key), "what the record redacts is not here either");
    assert.equal(statSync(logFile("access.log")).mode & 0o777, 0o600);
  });

  it("has the operational log in a file too, which begins anew by size", async () => {
    await call(gateway, "/told");
    await until(() => linesOf("gateway.log").some((line) => line.includes("once a call")));
    await until(() => gateway.output().includes("once a call"));
    const first = linesOf("gateway.log").length;
    for (let calls = 0; calls < 800; calls += 40) {
      await Promise.all(Array.from({ length: 40 }, () => call(gateway, "/told")));
    }
    await until(() => linesOf("gateway.log").length < first + 700);
    assert.ok(statSync(logFile("gateway.log")).size <= 64 * 1024);
  });

  it("has another level for one API, on all workers at once, and for a while", async () => {
    const run = (...args: string[]) => runCli(["logs", "level", ...args, "--data", gateway.data]);
    const verbose = (): number => gateway.output().split("every step").length - 1;
    await call(gateway, "/told");
    assert.equal(verbose(), 0);
    const set = await run("--api", "told", "debug", "--for", "15m");
    assert.match(set.stdout, /^told: debug until 2/);
    await Promise.all(Array.from({ length: 20 }, () => call(gateway, "/told", { headers: { Connection: "close" } })));
    await until(() => verbose() === 20);
    assert.ok(gateway.output().includes('"level":"debug","message":"every step","api":"told"'));
    assert.match((await run()).stdout, /usual level: info\n\nAPI +OPERATION +LEVEL +UNTIL\ntold +- +debug +2/);
    await run("--api", "told", "error");
    const quiet = gateway.output().length;
    await call(gateway, "/told");
    assert.deepEqual([(await run("--api", "told", "usual")).stdout], ["told: info, as usual\n"]);
    await call(gateway, "/told");
    await until(() => gateway.output().slice(quiet).includes("once a call"));
    assert.equal(gateway.output().slice(quiet).split("once a call").length, 2);
    await run("--api", "told", "debug", "--for", "1s");
    await sleep(1100);
    await call(gateway, "/told");
    await sleep(100);
    assert.equal(verbose(), 20);
    assert.deepEqual([(await run("--api", "nothing", "debug")).code, (await run("debug")).code], [1, 2]);
  });

  it("has another level for one operation, which goes before that of its API", async () => {
    const run = (...args: string[]) => runCli(["logs", "level", ...args, "--data", gateway.data]);
    const verbose = (): number => gateway.output().split("every step").length - 1;
    const already = verbose();
    await run("--api", "told", "error");
    const set = await run("--api", "told", "--operation", "all", "debug", "--for", "15m");
    assert.match(set.stdout, /^told, all: debug until 2/);
    assert.match((await run()).stdout, /told +- +error +2.*\ntold +all +debug +2/);
    await call(gateway, "/told");
    await until(() => verbose() === already + 1);
    assert.ok(gateway.output().includes('"message":"every step","api":"told","operation":"all"'));
    assert.equal((await run("--api", "told", "--operation", "all", "usual")).stdout, "told, all: info, as usual\n");
    await call(gateway, "/told");
    await run("--api", "told", "usual");
    await call(gateway, "/told");
    await sleep(100);
    assert.equal(verbose(), already + 1);
    const unknown = await run("--api", "told", "--operation", "nothing", "debug");
    assert.match(`${unknown.code} ${unknown.stderr}`, /^1 [^]*operation-unknown/);
    assert.equal((await run("--operation", "all")).code, 2);
  });

  it("goes to standard output, off and on, when the definition says so", async () => {
    await reload("{ access: { to: stdout } }");
    await callUntil("/told/out", () => gateway.output().includes('"path":"/told/out"'));
    assert.ok(!accessLines().some(({ path }) => path === "/told/out"));
    await reload("{}");
    await call(gateway, "/told/off");
    await reload("{ access: {} }");
    await callUntil("/told/on", () => accessLines().some(({ path }) => path === "/told/on"));
    assert.ok(!accessLines().some(({ path }) => path === "/told/off"), "it begins where it is turned on");
  });

  it("has what came last when the gateway stops", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, at) => call(gateway, `/told/last-${at}`)));
    await gateway.stop();
    assert.equal(accessLines().filter(({ path }) => path.startsWith("/told/last-")).length, 50);
  });
});
