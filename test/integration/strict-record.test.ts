import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { recordsOf } from "../support/record.ts";

interface Line {
  readonly id: string;
  readonly stage?: string;
  readonly path: string;
  readonly status: number;
  readonly bytesOut: number;
}

/** Under `audit.durability: strict`, whatever anybody has seen is in the file at that moment. */
describe("strict durability", () => {
  let upstream: TestUpstream;
  let talk: WebSocketUpstream;
  let gateway: TestGateway;
  let definition: string;
  /** What was on record when a request came to the upstream, by path. */
  const atUpstream = new Map<string, readonly Line[]>();

  const linesOf = (path: string): readonly Line[] => recordsOf(gateway).filter((record) => record.path === path);
  const stagesOf = (path: string): string =>
    linesOf(path)
      .map(({ stage }) => stage ?? "whole")
      .join(" ");

  before(async () => {
    talk = await startWebSocketUpstream();
    upstream = await startUpstream((request, response) => {
      const path = (request.url ?? "").split("?", 1)[0] as string;
      atUpstream.set(path, linesOf(`/echo${path}`));
      request.resume();
      if (path.endsWith("/chunked")) {
        response.write("one ");
        setTimeout(() => response.end("two"), 20);
      } else if (path.endsWith("/long")) {
        response.writeHead(200, { "content-length": 200_000 });
        response.write("x".repeat(100_000));
        setTimeout(() => response.end("x".repeat(100_000)), 20);
      } else if (path.endsWith("/empty")) response.writeHead(204).end();
      else if (path.endsWith("/events")) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: 1\n\n");
      } else response.end(`hello from ${path}`);
    });
    definition = `version: 1
audit: { durability: strict }
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  echo: { path: /echo, backend: echo, access: public }
  none: { path: /none, backend: echo, access: [ { allow: "false" } ] }
  talk: { path: /talk, backend: talk, access: public, upgrades: [websocket] }
  cached:
    path: /cached
    backend: echo
    access: public
    policies: { inbound: [{ cache-lookup: {} }], outbound: [{ cache-store: { duration: 60s } }] }
  own: { path: /own, access: public, policies: { inbound: [{ return-response: { body: own } }] } }
  asks:
    path: /asks
    access: public
    policies:
      inbound:
        - send-request: { responseVariable: r, policies: [ { set-url: "${upstream.url}/asked" } ] }
        - return-response: { body: asked }
backends: { echo: { url: "${upstream.url}" }, talk: { url: "${talk.url}" } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "2"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
    talk.close();
  });

  for (const [path, method, status, length] of [
    ["/echo/plain", "GET", 200, 17],
    ["/echo/chunked", "GET", 200, 7],
    ["/echo/long", "GET", 200, 200_000],
    ["/echo/empty", "GET", 204, 0],
    ["/echo/head", "HEAD", 200, 0],
    ["/echo/posted", "POST", 200, 18],
  ] as const) {
    it(`has ${method} ${path} on record before the upstream sees it, and before it ends`, async () => {
      const { status: got, text } = await call(gateway, path, { method, ...(method === "POST" && { body: "abc" }) });
      const stages = stagesOf(path);
      assert.deepEqual([got, text.length, stages], [status, length, "intent whole"]);
      assert.deepEqual(
        atUpstream.get(path.slice("/echo".length))?.map(({ stage }) => stage),
        ["intent"],
      );
      assert.deepEqual([linesOf(path)[1]?.status, linesOf(path)[1]?.bytesOut], [status, length]);
    });
  }

  it("has answers on record that no upstream gave: refusals, policies, malformed requests", async () => {
    for (const [path, status, stages] of [
      ["/none/x", 401, "whole"],
      ["/nowhere", 404, "whole"],
      ["/own/x", 200, "intent whole"],
    ] as const) {
      assert.equal((await call(gateway, path)).status, status);
      assert.equal(stagesOf(path), stages, path);
    }
    const malformed = await call(gateway, "/echo/%2f%2e", {});
    assert.equal(malformed.status, 400);
    const id = malformed.headers["x-request-id"];
    const text = readFileSync(join(gateway.data, "audit", "00000001.jsonl"), "utf8");
    assert.ok(text.includes(`{"id":"${String(id)}"`));
  });

  it("has an intent on record before a policy calls somebody", async () => {
    let seen: readonly Line[] = [];
    const look = setInterval(() => (seen = atUpstream.has("/asked") ? seen : linesOf("/asks/x")), 1);
    assert.equal((await call(gateway, "/asks/x")).text, "asked");
    clearInterval(look);
    assert.ok(atUpstream.has("/asked"));
    assert.equal(stagesOf("/asks/x"), "intent whole");
    assert.ok(seen.length <= 1);
  });

  it("holds the end of a stream of HTTP/2, and the head of one without a body", async () => {
    const session = connectHttp2(gateway.url, { ca: gateway.ca });
    for (const [path, method] of [
      ["/echo/h2", "GET"],
      ["/echo/h2/chunked", "GET"],
      ["/echo/h2/empty", "GET"],
      ["/echo/h2/head", "HEAD"],
    ] as const) {
      const stream = session.request({ ":path": path, ":method": method });
      stream.resume();
      await new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));
      assert.equal(stagesOf(path), "intent whole", path);
    }
    session.close();
  });

  it("has an event stream on record as open before its head goes out", async () => {
    const session = connectHttp2(gateway.url, { ca: gateway.ca });
    const stream = session.request({ ":path": "/echo/events" });
    await new Promise((resolve) => stream.once("response", resolve));
    assert.equal(stagesOf("/echo/events"), "intent open");
    stream.close();
    session.close();
    while (stagesOf("/echo/events") !== "intent open whole") await sleep(10);
  });

  it("has a switch of protocols on record as open before its head goes out, and its end", async () => {
    const socket = webSocketTo(gateway, "/talk/greet");
    await new Promise((resolve, reject) => socket.once("upgrade", resolve).once("error", reject));
    assert.equal(stagesOf("/talk/greet"), "intent open");
    socket.close();
    while (stagesOf("/talk/greet") !== "intent open whole") await sleep(10);
    assert.equal(linesOf("/talk/greet")[2]?.status, 101);
  });

  it("holds the end of an answer from the cache until it is on record", async () => {
    for (const stages of ["intent whole", "intent whole intent whole", "intent whole intent whole intent whole"]) {
      assert.equal((await call(gateway, "/cached/x")).text, "hello from /x");
      assert.equal(stagesOf("/cached/x"), stages);
    }
    assert.equal(upstream.seen.filter(({ url }) => url === "/x").length, 1);
  });

  it("has a call of the admin API on record before it is answered", async () => {
    assert.equal((await askAdmin(gateway, "GET /status")).status, 200);
    assert.equal(stagesOf("/status").split(" ").at(-1), "whole");
  });

  it("explains what was about to go on, and shows it once", async () => {
    const { stdout } = await runCli(["audit", "tail", "--last", "100", "--json", "--data", gateway.data]);
    const stages = stdout.split("\n").filter((line) => line.includes('"stage":"intent"'));
    assert.deepEqual(stages, [], "each has ended since");
    const [intent] = linesOf("/echo/plain");
    const explained = await runCli(["explain", intent?.id ?? "", "--data", gateway.data]);
    assert.match(explained.stdout, /allowed, status 200/);
  });

  it(
    "refuses new requests with 503 while the disk is full, and goes on when it is not",
    needsCommand("prlimit"),
    async () => {
      const { size } = statSync(join(gateway.data, "audit", "00000001.jsonl"));
      const limit = (bytes: string): void =>
        void execFileSync("prlimit", [`--pid=${gateway.process.pid}`, `--fsize=${bytes}:unlimited`]);
      limit(String(size + 300));
      const statuses: number[] = [];
      for (let count = 0; count < 20; count += 1) {
        statuses.push(
          await call(gateway, "/echo/full").then(
            ({ status }) => status,
            () => 0,
          ),
        );
      }
      assert.ok(
        statuses.every((status) => status === 503 || status === 0),
        statuses.join(" "),
      );
      assert.ok(statuses.slice(2).includes(503), statuses.join(" "));
      assert.equal(upstream.seen.filter(({ url }) => url === "/full").length, 0);
      limit("unlimited");
      const again = async (): Promise<number> =>
        call(gateway, "/echo/again").then(
          ({ status }) => status,
          () => 0,
        );
      while ((await again()) !== 200) await sleep(50);
      assert.match(gateway.output(), /write-failed/);
      assert.equal(await gateway.stop(), 0);
      const { code, stdout } = await runCli(["audit", "verify", "--data", gateway.data]);
      assert.equal(code, 0, stdout);
    },
  );
});
