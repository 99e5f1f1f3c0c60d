import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import {
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import type { Forwarder } from "./forward.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function named(name: string): Promise<string> {
  return (await httpUpstream(cleanup, (_, response) => response.end(name))).url;
}

async function deadUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

function over(more: Partial<Backend>): Forwarder {
  return forwarder(cleanup, { backends: [backend([], more)] });
}

describe("priorities", () => {
  it("keep the second line idle until none of the first is up, whatever the order", async () => {
    const dead = await deadUrl();
    const standby = await named("standby");
    const first = await named("first");
    const via = over({
      targets: [
        { url: standby, weight: 1, priority: 2 },
        { url: dead, weight: 1, priority: 1 },
        { url: first, weight: 1, priority: 1 },
      ],
    });
    for (let round = 0; round < 6; round += 1) assert.equal(await text(await send(via, exchange())), "first");
    const alone = over({
      targets: [
        { url: dead, weight: 1, priority: 1 },
        { url: standby, weight: 1, priority: 2 },
      ],
    });
    assert.equal(await text(await send(alone, exchange({ method: "POST" }))), "standby");
  });

  it("end in 502 when every line has been tried", async () => {
    const targets = [
      { url: await deadUrl(), weight: 1, priority: 1 },
      { url: await deadUrl(), weight: 1, priority: 2 },
    ];
    const made = exchange();
    await assert.rejects(send(over({ targets }), made), isCode("upstream-connect-failed", 502));
    assert.equal(made.upstream?.tries, 2);
  });
});

describe("least-conn over real connections", () => {
  it("counts what is under way, and forgets what is over", async () => {
    const held: Record<string, ServerResponse[]> = { a: [], b: [] };
    const holding = async (name: "a" | "b"): Promise<string> =>
      (await httpUpstream(cleanup, (_, response) => held[name]?.push(response))).url;
    const targets = [await holding("a"), await holding("b")].map((url) => ({ url, weight: 1, priority: 1 }));
    const via = over({ targets, balance: { policy: "least-conn", choices: 2, name: "" } });
    const counts = (): string => `${held["a"]?.length} ${held["b"]?.length}`;
    const calls = Array.from({ length: 4 }, () => send(via, exchange()));
    await until(() => counts() === "2 2", "two each");
    let done = 0;
    for (const call of calls) void call.then(text).then(() => (done += 1));
    for (const response of held["a"]?.splice(0) ?? []) response.end("a");
    await until(() => done === 2, "the answers of a");
    const more = Array.from({ length: 2 }, () => send(via, exchange()));
    await until(() => counts() === "2 2", "both at a");
    for (const response of Object.values(held).flat()) response.end();
    await Promise.all(more.map((call) => call.then(text)));
    await until(() => done === 4, "the answers of b");
  });
});

describe("sticky", () => {
  const sticky = { cookie: "lb", ttlMs: 0, sameSite: "lax", path: "/" } as const;
  const cookieOf = (headers: readonly string[]): string =>
    /^lb=[^;]+/.exec(headers[headers.indexOf("Set-Cookie") + 1] ?? "")?.[0] ?? assert.fail("no cookie");

  it("keeps a client with its target, and moves it when that is gone", async () => {
    const a = await httpUpstream(cleanup, (_, response) => response.end("a"));
    const b = await named("b");
    const via = over({ targets: [a.url, b].map((url) => ({ url, weight: 1, priority: 1 })), sticky });
    const first = await send(via, exchange());
    const cookie = cookieOf(first.headers.raw);
    assert.equal(await text(first), "a");
    for (let round = 0; round < 4; round += 1) {
      const next = await send(via, exchange({ headers: ["Cookie", cookie] }));
      assert.equal(next.headers.has("set-cookie"), false);
      assert.equal(await text(next), "a");
    }
    a.server.close();
    a.server.closeAllConnections();
    const moved = await send(via, exchange({ headers: ["Cookie", cookie] }));
    const other = cookieOf(moved.headers.raw);
    assert.equal(await text(moved), "b");
    assert.notEqual(other, cookie);
    assert.doesNotMatch(other, /127|0\.0|http/);
  });

  it("takes a forged cookie for none", async () => {
    const via = over({
      targets: [await named("a"), await named("b")].map((url) => ({ url, weight: 1, priority: 1 })),
      sticky,
    });
    const seen = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const made = await send(via, exchange({ headers: ["Cookie", "lb=AAAAAAAAAAAAAAAAAAAAAA"] }));
      assert.ok(made.headers.has("set-cookie"));
      seen.add(await text(made));
    }
    assert.deepEqual([...seen].toSorted(), ["a", "b"]);
  });
});
