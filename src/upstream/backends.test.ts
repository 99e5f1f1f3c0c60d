import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import type { Clock } from "#model/ports.ts";
import type { ActiveHealth } from "#model/target-health.ts";
import {
  authority,
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  rawUpstream,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import { TargetHealth } from "./health/target-health.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function named(name: string): Promise<string> {
  return (await httpUpstream(cleanup, (_, response) => response.end(name))).url;
}

/** A port on which nobody listens any more. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

describe("several URLs", () => {
  it("are used in turn", async () => {
    const via = forwarder(cleanup, { backends: [backend([await named("a"), await named("b"), await named("c")])] });
    let seen = "";
    for (let round = 0; round < 6; round += 1) seen += await text(await send(via, exchange()));
    assert.equal(seen, "abcabc");
  });

  it("stand in for one that cannot be reached, also for POST", async () => {
    const via = forwarder(cleanup, { backends: [backend([await deadUrl(), await named("b")])] });
    const made = exchange({ method: "POST" });
    assert.equal(await text(await send(via, made)), "b");
    assert.equal(made.upstream?.tries, 2);
  });
});

describe("an upstream that cannot be reached", () => {
  it("is 502 at first, and 503 while it rests", async () => {
    const via = forwarder(cleanup, { backends: [backend([await deadUrl()])] });
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(send(via, exchange()), isCode("upstream-connect-failed", 502));
    }
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
  });

  it("is 502 when connecting takes too long", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const silent = backend([url.replace("http:", "https:")], { connectTimeoutMs: 60 });
    const via = forwarder(cleanup, { backends: [silent] });
    await assert.rejects(send(via, exchange()), isCode("upstream-connect-failed", 502));
  });

  it("is not one that this thread alone was too busy for", async () => {
    const { url } = await httpUpstream(cleanup, (_, response) => response.end("ok"));
    const via = forwarder(cleanup, { backends: [backend([url], { connectTimeoutMs: 100 })] });
    for (let round = 0; round < 3; round += 1) {
      const sent = Array.from({ length: 4 }, () => send(via, exchange()));
      for (const end = performance.now() + 400; performance.now() < end;);
      for (const answer of await Promise.all(sent)) assert.equal(await text(answer), "ok");
    }
  });

  it("can be given up while it is looked up", async () => {
    const via = forwarder(cleanup, { egress: { allow: ["http://slow.example"] }, resolve: () => {} });
    const made = exchange();
    made.request.baseUrl = "http://slow.example";
    made.request.baseUrlComputed = true;
    const refused = assert.rejects(send(via, made), isCode("client-aborted"));
    via.abort(made);
    await refused;
  });

  it("is 503 when the route has no backend", async () => {
    const via = forwarder(cleanup, {});
    const made = exchange();
    made.request.backend = -1;
    await assert.rejects(send(via, made), isCode("upstream-unavailable", 503));
  });
});

describe("TargetHealth", () => {
  let now = 0;
  const clock: Clock = { now: () => now, mono: () => now };

  it("rests after three failures in a row, each time longer, up to a bound", () => {
    const health = new TargetHealth(clock);
    now = 1;
    health.connectFailed(health.began());
    health.connectFailed(health.began());
    assert.equal(health.isUp, true);
    let rest = 1000;
    for (let round = 0; round < 12; round += 1) {
      health.connectFailed(health.began());
      now += rest - 1;
      assert.equal(health.isUp, false, `round ${round}`);
      now += 1;
      assert.equal(health.isUp, true, `round ${round}`);
      rest = Math.min(rest * 2, 30_000);
    }
    health.connectFailed(health.began());
    health.connected();
    assert.equal(health.isUp, true);
    health.connectFailed(health.began());
    assert.equal(health.isUp, true);
  });

  it("follows probes: two failures take it down, one pass brings it up", () => {
    const health = new TargetHealth(clock);
    health.probed(false);
    assert.equal(health.isUp, true);
    health.probed(false);
    assert.equal(health.isUp, false);
    health.connected();
    assert.equal(health.isUp, false);
    health.probed(true);
    assert.equal(health.isUp, true);
  });
});

const active: ActiveHealth = {
  path: "/healthz",
  method: "GET",
  headers: [],
  requestBody: null,
  statuses: [{ from: 200, to: 399 }],
  body: null,
  intervalMs: 20,
  timeoutMs: 2000,
  passes: 1,
  fails: 2,
  port: null,
};

describe("health checks", () => {
  it("take a sick target out and back in", async () => {
    let sick = true;
    let probes = 0;
    const { url } = await httpUpstream(cleanup, (request, response) => {
      if (request.url === "/base/healthz") {
        probes += 1;
        response.statusCode = sick ? 500 : 200;
      }
      response.end("a");
    });
    const health = { ...active, intervalMs: 20, timeoutMs: 500 };
    const via = forwarder(cleanup, { backends: [backend([`${url}/base`], { health })] });
    assert.equal(await text(await send(via, exchange())), "a");
    via.startHealthChecks();
    await until(() => probes >= 3, "probes");
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    sick = false;
    const before = probes;
    await until(() => probes >= before + 2, "more probes");
    assert.equal(await text(await send(via, exchange())), "a");
    via.close();
    const stopped = probes;
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.ok(probes <= stopped + 1);
  });
});

describe("update", () => {
  it("keeps the connections of backends that are the same, and exchanges with their own definition", async () => {
    const upstream = await httpUpstream(cleanup, (_, response) => response.end("a"));
    const other = await named("b");
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    const before = via.update({ backends: [backend([upstream.url])], egress: { allow: [] } });
    assert.equal(await text(await send(via, exchange())), "a");
    const after = via.update({
      backends: [backend([other], { name: "new" }), backend([upstream.url])],
      egress: { allow: [] },
    });
    const moved = exchange();
    moved.request.backend = 1;
    assert.equal(await text(await send(after, moved)), "a");
    assert.equal(await text(await send(via, exchange())), "b");
    const late = exchange();
    assert.equal(await text(await before.forward(late, authority.mint(late, late.principal))), "a");
    assert.equal(upstream.connections(), 1);
  });

  it("closes idle connections of a backend that is gone", async () => {
    let closed = false;
    const upstream = await httpUpstream(cleanup, (_, response) => response.end("a"));
    upstream.server.on("connection", (socket) => socket.on("close", () => (closed = true)));
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    await text(await send(via, exchange()));
    via.update({ backends: [], egress: { allow: [] } });
    await until(() => closed, "the close");
  });

  it("that is invalid leaves everything as it was", async () => {
    const via = forwarder(cleanup, { backends: [backend([await named("a")])] });
    assert.throws(() => via.update({ backends: [], egress: { allow: ["ftp://x"] } }), isCode("definition-invalid"));
    assert.equal(await text(await send(via, exchange())), "a");
  });
});

describe("close", () => {
  it("ends what is under way and refuses what comes", async () => {
    const { url } = await httpUpstream(cleanup, () => {});
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const pending = assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    via.close();
    await pending;
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
  });
});
