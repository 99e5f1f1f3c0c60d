import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { UpstreamStates } from "#admin/ports.ts";
import { askAdmin } from "#test/support/admin.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { recordsOf } from "../support/record.ts";
import type { StoredRecord } from "#model/record.ts";

/** Three workers in front of real upstreams: what one test cannot see from inside a worker. */
describe("balancing over the whole gateway", () => {
  const upstreams: TestUpstream[] = [];
  let probes = 0;
  let sick = false;
  let failures = 0;
  let gateway: TestGateway;

  async function upstream(answer: Parameters<typeof startUpstream>[0]): Promise<string> {
    const made = await startUpstream(answer);
    upstreams.push(made);
    return made.url;
  }

  async function deadUrl(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}`;
  }

  before(async () => {
    const named = (name: string): Promise<string> => upstream((_, response) => void response.end(name));
    const [a, b, dead] = [await named("a"), await named("b"), await deadUrl()];
    const checked = await upstream((request, response) => {
      if (request.url === "/healthz") {
        probes += 1;
        response.statusCode = sick ? 500 : 200;
      }
      response.end("checked");
    });
    const shown = await upstream((request, response) => {
      const { url = "", headers } = request;
      if (url.startsWith("/one")) response.statusCode = 503;
      response.end(JSON.stringify([url, headers["x-key"] ?? null, headers.host]));
    });
    const flaky = await upstream((_, response) => {
      failures += 1;
      response.statusCode = failures % 2 === 1 ? 503 : 200;
      response.end(`answer ${failures}`);
    });
    const api = (name: string, more = ""): string =>
      `  ${name}: { path: /${name}, backend: ${name}, access: public, operations: { any: { method: "*", path: / } }${more} }`;
    gateway = await startTestGateway({
      definition: [
        "version: 1",
        'edge: { https: off, listen: { http: "127.0.0.1:0" } }',
        "apis:",
        api("sticky"),
        api("dead"),
        api("standby"),
        api("checked"),
        api("flaky", ", retries: { methods: [POST] }"),
        api("pool"),
        "backends:",
        `  sticky: { urls: ["${a}", "${b}"], sticky: { cookie: node } }`,
        `  dead: { url: "${dead}" }`,
        `  standby: { targets: [{ url: "${dead}" }, { url: "${b}", priority: 2 }] }`,
        `  checked: { url: "${checked}", health: { path: /healthz, interval: 1s, fails: 1 } }`,
        `  pool: { targets: [{ backend: first }, { backend: second, priority: 2 }], retries: { on: [503] } }`,
        `  first: { url: "${shown}/one", host: upstream, headers: { x-key: key-of-first }, circuitBreaker: { failures: 2, status: ["503"], trip: 60s } }`,
        `  second: { url: "${shown}/two", query: { code: code-of-second } }`,
        `  flaky: { url: "${flaky}", retries: { on: [503] } }`,
        "",
      ].join("\n"),
      args: ["--workers", "3"],
    });
  });

  after(async () => {
    await gateway.cleanUp();
    for (const made of upstreams) await made.close();
  });

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.url}${path}`, { ...init, headers: { connection: "close", ...init.headers } });

  async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
    for (let tries = 0; !(await holds()); tries += 1) {
      if (tries > 100) assert.fail(`never happened: ${what}\n${gateway.output()}`);
      await sleep(100);
    }
  }

  it("a cookie of one worker holds on the others", async () => {
    const first = await call("/sticky");
    const [cookie = ""] = first.headers.getSetCookie();
    assert.match(cookie, /^node=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    const target = await first.text();
    for (let round = 0; round < 12; round += 1) {
      const next = await call("/sticky", { headers: { cookie: cookie.split(";")[0] ?? "" } });
      assert.equal(await next.text(), target);
      assert.deepEqual(next.headers.getSetCookie(), []);
    }
  });

  it("a backend as a target has its own credentials and circuit breaker", async () => {
    const answers: unknown[] = [];
    for (let count = 0; count < 20; count += 1) answers.push(await (await call("/pool")).json());
    const host = gateway.url.replace("http://", "");
    for (const answer of answers) assert.deepEqual(answer, ["/two/?code=code-of-second", null, host]);
    const all = upstreams.flatMap((one) => one.seen).filter(({ url }) => url.startsWith("/one"));
    // Three workers, and two failures each until the first one is left alone.
    assert.ok(all.length >= 2 && all.length <= 6, String(all.length));
    for (const { url, headers } of all) {
      assert.deepEqual([url, headers["x-key"]], ["/one/", "key-of-first"]);
      assert.notEqual(headers.host, host);
    }
  });

  it("nobody there is 502, and 503 when that is known; a second line answers instead", async () => {
    const statuses = new Set<number>();
    for (let round = 0; round < 15; round += 1) statuses.add((await call("/dead", { method: "POST" })).status);
    assert.deepEqual([...statuses].toSorted(), [502, 503]);
    assert.equal(await (await call("/standby", { method: "POST" })).text(), "b");
  });

  it("a retry is in the record, with its target and why, and is not taken for the decision", async () => {
    const response = await call("/flaky", { method: "POST" });
    assert.equal(await response.text(), "answer 2");
    const id = response.headers.get("x-request-id") ?? assert.fail("no id");
    let record: StoredRecord | undefined;
    await eventually(async () => {
      record = recordsOf(gateway).find((one) => one.id === id);
      return record !== undefined;
    }, "the record");
    assert.equal(record?.upstream?.tries, 2);
    const attempt = record?.handovers.find(({ step }) => step === "attempt");
    assert.equal(attempt?.outcome, "retried");
    assert.match(attempt?.detail ?? "", /^http:\/\/127\.0\.0\.1:\d+: status 503$/);
  });

  it("one worker checks for all of them, and the change is told once", async () => {
    const started = performance.now();
    const earlier = probes;
    await sleep(3000);
    const due = (performance.now() - started) / 900 + 1;
    assert.ok(probes > earlier && probes - earlier <= due, `${probes - earlier} probes, due ${due}`);
    sick = true;
    const all = async (status: number): Promise<boolean> => {
      const statuses = await Promise.all(Array.from({ length: 9 }, async () => (await call("/checked")).status));
      return statuses.every((one) => one === status);
    };
    await eventually(() => all(503), "every worker to leave it alone");
    const { workers, upstreams: backends } = (
      await askAdmin(gateway, "GET /upstreams")
    ).json() as unknown as UpstreamStates;
    assert.deepEqual(workers, { asked: 3, answered: 3 });
    const target = backends.find(({ backend }) => backend === "checked")?.targets[0];
    assert.deepEqual([target?.conditions, target?.active], [{ unhealthy: 3 }, 0]);
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /^sallyport_upstream_target_up_ratio\{backend="checked",target="http:\S+"\} 0$/m);
    const shown = await runCli(["upstreams", "--data", gateway.data]);
    assert.match(shown.stdout, /^checked +http:\S+ +unhealthy +0 +1 +\d+ +yes$/m);
    assert.equal(shown.code, 1);
    sick = false;
    await eventually(() => all(200), "every worker to come back");
    const told = gateway
      .output()
      .split("\n")
      .filter((line) => line.includes('"backend":"checked"'));
    assert.deepEqual(
      told.map((line) => (JSON.parse(line) as { condition: string }).condition),
      ["unhealthy", "up"],
    );
  });
});
