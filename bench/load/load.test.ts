import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { LoadProcess } from "./process.ts";
import { requestsOf } from "./requests.ts";
import { Schedule } from "./schedule.ts";

test("a number in a request goes through all its variants in turn", () => {
  const next = requestsOf({ path: "/a/{n}", headers: ["X: {d}"], variants: 12 });
  const seen = Array.from({ length: 13 }, () => /\/a\/(\d+).*X: (\d+)/s.exec(next().toString())?.slice(1));
  assert.deepEqual(seen.slice(-3), [
    ["10", "0"],
    ["11", "1"],
    ["0", "0"],
  ]);
});

test("requests of an open load are due at the rate that was asked for, whatever became of those before", () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const schedule = new Schedule(1000, 0, random);
  assert.equal(schedule.due(0), 0);
  const due = schedule.due(10_000);
  assert.ok(Math.abs(due - 10_000) < 500, `${due} in ten seconds`);
  assert.equal(schedule.due(10_000), 0);
});

test("a load process keeps its connections from turn to turn, and counts what was no 200", async () => {
  let [asked, connections] = [0, 0];
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 500 : 200, { "content-length": 2 }).end("ok");
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const what = { port, tls: false, ca: "", path: "/", headers: [], variants: 1, connections: 3 };
  const load = new LoadProcess(what, new AbortController().signal);
  try {
    const first = await load.run({ seconds: 0.2, rate: null });
    assert.deepEqual([first.failures, first.firstFailure.slice(0, 12)], [1, "HTTP/1.1 500"]);
    const second = await load.run({ seconds: 0.3, rate: 100 });
    assert.equal(second.failures, 0);
    assert.ok(second.requests > 5 && second.requests < 80, `${second.requests} at 100 a second for 0.3 s`);
    assert.equal(first.requests + first.failures + second.requests, asked);
    assert.equal(connections, 3);
    assert.ok((second.p50 ?? 0) > 0 && (second.p99 ?? 0) >= (second.p50 ?? 0));
  } finally {
    await load.stop();
    server.close();
  }
});

test("a body is sent along, and one that comes is read to its end", async () => {
  const [up, down] = [3_000_000, 2_000_000];
  const got: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.on("end", () => {
      got.push(bytes);
      response.writeHead(200, { "content-length": down }).end(Buffer.alloc(down));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const shape = { path: "/", headers: [], variants: 1, bodyBytes: up };
  const load = new LoadProcess({ port, tls: false, ca: "", connections: 2, ...shape }, new AbortController().signal);
  try {
    const { requests, failures, firstFailure } = await load.run({ seconds: 0.2, rate: null });
    assert.deepEqual([failures, firstFailure], [0, ""]);
    assert.ok(requests >= 2);
    assert.deepEqual(got, Array(requests).fill(up));
  } finally {
    await load.stop();
    server.close();
  }
});

test("a load that is called off ends its turn with an error", async () => {
  const controller = new AbortController();
  const what = { port: 1, tls: false, ca: "", path: "/", headers: [], variants: 1, connections: 1 };
  const load = new LoadProcess(what, controller.signal);
  const turn = load.run({ seconds: 60, rate: null });
  controller.abort();
  await assert.rejects(turn, /ended in the middle/);
  await load.stop();
});
