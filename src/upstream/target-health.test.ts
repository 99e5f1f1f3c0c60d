import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { ActiveHealth, CircuitBreaker } from "#model/target-health.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import {
  backend,
  Cleanup,
  clock as realClock,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  rawUpstream,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import type { Forwarder, ForwarderOptions } from "./forward.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

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
  fails: 1,
  port: null,
};
const serverErrors = [{ from: 500, to: 599 }];
const breaker: CircuitBreaker = {
  failures: 2,
  percent: 0,
  minRequests: 1,
  intervalMs: 10_000,
  statuses: serverErrors,
  onErrors: true,
  tripMs: 5000,
  acceptRetryAfter: false,
};

function over(urls: readonly string[], more: Partial<Backend>, options: Partial<ForwarderOptions> = {}): Forwarder {
  return forwarder(cleanup, { backends: [backend(urls, more)], ...options });
}

function recordingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string, fields: Readonly<Record<string, unknown>> = {}): number =>
    lines.push(`${message}: ${String(fields["before"])} > ${String(fields["condition"])}`);
  return { log: { info: keep, warn: keep, error: keep }, lines };
}

/** Time that a test moves, over real sockets. */
function movable(): { readonly clock: Clock; move(ms: number): void } {
  let ahead = 0;
  return {
    clock: { now: () => realClock.now() + ahead, mono: () => realClock.mono() + ahead },
    move: (ms) => (ahead += ms),
  };
}

describe("an active check", () => {
  async function verdict(health: Partial<ActiveHealth>, answer: Parameters<typeof httpUpstream>[1]): Promise<boolean> {
    let probes = 0;
    const { url } = await httpUpstream(cleanup, (request, response) => {
      probes += 1;
      answer(request, response);
    });
    const via = over([url], { health: { ...active, ...health } });
    via.startHealthChecks();
    await until(() => probes >= 2, "two probes");
    const [status] = via.targetStatus();
    via.close();
    return status?.condition === "up";
  }

  it("sends what it is told to, and takes the statuses and the body that it is told", async () => {
    const heads: string[] = [];
    const echo: Parameters<typeof httpUpstream>[1] = (request, response) => {
      heads.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers["x-probe"]}`);
      response.statusCode = 218;
      response.end('{"status": "green", "nodes": 12}');
    };
    const headers = ["Host", "inner.example", "X-Probe", "1"];
    const more = { method: "OPTIONS", path: "/up?deep=1", headers };
    assert.equal(await verdict({ ...more, statuses: [{ from: 218, to: 218 }] }, echo), true);
    assert.equal(heads[0], "OPTIONS /up?deep=1 inner.example 1");
    assert.equal(await verdict({ statuses: [{ from: 200, to: 200 }] }, echo), false);
    assert.equal(await verdict({ body: { kind: "contains", text: '"green"' } }, echo), true);
    assert.equal(await verdict({ body: { kind: "contains", text: '"red"' } }, echo), false);
    assert.equal(await verdict({ body: { kind: "matches", text: String.raw`nodes": [1-9]\d` } }, echo), true);
    assert.equal(await verdict({ body: { kind: "matches", text: "^green" } }, echo), false);
  });

  it("sends a body, of the length that it has", async () => {
    const bodies: string[] = [];
    const echo: Parameters<typeof httpUpstream>[1] = (request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        const { "content-length": length, "content-type": type } = request.headers;
        bodies.push(`${request.method} ${type} ${length} ${body}`);
        response.statusCode = body === '{"ping":"é"}' ? 200 : 500;
        response.end();
      });
    };
    const headers = ["Content-Type", "application/json", "Content-Length", "1"];
    assert.equal(await verdict({ method: "POST", headers, requestBody: '{"ping":"é"}' }, echo), true);
    assert.equal(bodies[0], 'POST application/json 13 {"ping":"é"}');
    assert.equal(await verdict({ method: "POST", requestBody: "{}" }, echo), false);
    assert.equal(await verdict({ method: "POST" }, echo), false);
    assert.equal(bodies.at(-1), "POST undefined undefined ");
  });

  it("fails for an answer that is too late or too large", async () => {
    assert.equal(await verdict({ timeoutMs: 60 }, (request) => void request.resume()), false);
    assert.equal(await verdict({}, (_, response) => void response.end("x".repeat(70_000))), false);
  });

  it("may ask another port", async () => {
    let sick = true;
    const { port } = await httpUpstream(cleanup, (_, response) => {
      response.statusCode = sick ? 500 : 200;
      response.end();
    });
    const { url } = await httpUpstream(cleanup, (_, response) => response.end("a"));
    const via = over([url], { health: { ...active, port } });
    via.startHealthChecks();
    await until(() => via.targetStatus()[0]?.condition === "unhealthy", "down");
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    sick = false;
    await until(() => via.targetStatus()[0]?.condition === "up", "up");
    assert.equal(await text(await send(via, exchange())), "a");
  });

  it("is made by one worker, whose word the others take", async () => {
    let probes = 0;
    const { url } = await httpUpstream(cleanup, (request, response) => {
      if (request.url === "/healthz") probes += 1;
      response.statusCode = 500;
      response.end();
    });
    const health = { ...active };
    const heard: [string, boolean][] = [];
    const other = over([url], { health }, { probeShare: { isMine: () => false, publish: () => {} } });
    other.startHealthChecks();
    const publish = (key: string, up: boolean): void => {
      heard.push([key, up]);
      other.learnProbe(key, up);
    };
    const mine = over([url], { health }, { probeShare: { isMine: () => true, publish } });
    mine.startHealthChecks();
    await until(() => heard.length >= 2, "the news, again and again");
    assert.deepEqual(heard[0], [`up ${url}`, false]);
    assert.equal(other.targetStatus()[0]?.condition, "unhealthy");
    assert.ok(probes <= heard.length + 1);
    other.learnProbe("up http://elsewhere", false);
    other.learnProbe(`up ${url}`, true);
    assert.equal(other.targetStatus()[0]?.condition, "up");
  });
});

describe("passive checks", () => {
  it("take out a target whose answers are failures, for a while, and say so once", async () => {
    let status = 500;
    const { url } = await httpUpstream(cleanup, (_, response) => {
      response.statusCode = status;
      response.end("a");
    });
    const { clock, move } = movable();
    const { log, lines } = recordingLog();
    const passiveHealth = { maxFails: 2, failDurationMs: 10_000, statuses: serverErrors, latencyMs: 0 };
    const via = over([url], { passiveHealth }, { clock, log });
    for (let round = 0; round < 2; round += 1) assert.equal((await send(via, exchange())).status, 500);
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    }
    status = 200;
    move(10_000);
    assert.equal((await send(via, exchange())).status, 200);
    assert.deepEqual(lines, ["target is down: up > failing", "target is up: failing > up"]);
  });

  it("count broken and late answers, and not clients that went away", async () => {
    const silent = await rawUpstream(cleanup, (socket) => socket.resume());
    const passiveHealth = { maxFails: 1, failDurationMs: 60_000, statuses: [], latencyMs: 0 };
    const via = over([silent], { passiveHealth });
    const gone = exchange();
    const refused = assert.rejects(send(via, gone), isCode("client-aborted"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    via.abort(gone);
    await refused;
    assert.equal(via.targetStatus()[0]?.condition, "up");
    await assert.rejects(send(via, exchange({ timeoutMs: 50 })), isCode("upstream-timeout", 504));
    assert.equal(via.targetStatus()[0]?.condition, "failing");
  });

  it("bound the requests under way at a target", async () => {
    const held: (() => void)[] = [];
    const { url } = await httpUpstream(cleanup, (_, response) => void held.push(() => response.end("a")));
    const via = over([url], { maxActive: 1 });
    const first = send(via, exchange());
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    await until(() => held.length === 1, "the request");
    held[0]?.();
    assert.equal(await text(await first), "a");
    const second = send(via, exchange());
    await until(() => held.length === 2, "the next request");
    held[1]?.();
    await second;
  });
});

describe("a circuit breaker", () => {
  it("is 503 without a request while open, and lets one through afterwards", async () => {
    let status = 500;
    let count = 0;
    const { url } = await httpUpstream(cleanup, (_, response) => {
      count += 1;
      response.statusCode = status;
      response.end();
    });
    const { clock, move } = movable();
    const { log, lines } = recordingLog();
    const via = over([url], { circuitBreaker: breaker }, { clock, log });
    for (let round = 0; round < 2; round += 1) assert.equal((await send(via, exchange())).status, 500);
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    assert.equal(count, 2);
    move(5000);
    status = 200;
    assert.equal((await send(via, exchange())).status, 200);
    assert.equal((await send(via, exchange())).status, 200);
    assert.deepEqual(lines, [
      "target is down: up > open",
      "target is on trial: open > half-open",
      "target is up: half-open > up",
    ]);
  });

  it("of one target leaves the others their requests", async () => {
    const bad = await httpUpstream(cleanup, (_, response) => {
      response.statusCode = 500;
      response.end();
    });
    const good = await httpUpstream(cleanup, (_, response) => response.end("good"));
    const via = over([bad.url, good.url], { circuitBreaker: breaker });
    const statuses: number[] = [];
    for (let round = 0; round < 8; round += 1) statuses.push((await send(via, exchange())).status);
    assert.deepEqual(statuses, [500, 200, 500, 200, 200, 200, 200, 200]);
  });
});

describe("a target that comes back", () => {
  it("gets its weight little by little", async () => {
    const seen: string[] = [];
    const named = async (name: string): Promise<string> =>
      (await httpUpstream(cleanup, (_, response) => void response.end(name))).url;
    const urls = [await named("a"), await named("b")];
    const { clock, move } = movable();
    const wheel = cleanup.add(new TimerWheel(clock, { tickMs: 10 }), (made) => made.close());
    const balance = { policy: "weighted-round-robin", choices: 2, name: "" } as const;
    const probeShare = { isMine: () => false, publish: () => undefined };
    const via = over(urls, { health: active, slowStartMs: 100_000, balance }, { clock, wheel, probeShare });
    const run = async (count: number): Promise<number> => {
      seen.length = 0;
      for (let round = 0; round < count; round += 1) seen.push(await text(await send(via, exchange())));
      return seen.filter((name) => name === "a").length;
    };
    assert.equal(await run(10), 5);
    via.learnProbe(`up ${urls[0]}`, false);
    assert.equal(await run(4), 0);
    via.learnProbe(`up ${urls[0]}`, true);
    assert.equal(await run(11), 1);
    move(50_000);
    const half = await run(12);
    assert.ok(half >= 3 && half <= 5, `${half} of 12`);
    move(50_000);
    assert.equal(await run(10), 5);
  });
});
