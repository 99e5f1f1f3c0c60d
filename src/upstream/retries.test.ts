import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Retries } from "#model/retries.ts";
import {
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  ManualBody,
  rawUpstream,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import type { Forwarder } from "./forward.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const setting: Retries = {
  count: 2,
  methods: ["GET", "PUT"],
  on: { reset: true, timeout: true, statuses: [{ from: 503, to: 503 }] },
  perTryTimeoutMs: 0,
  backOff: { firstMs: 5, longestMs: 5 },
  bodyBytes: 16,
  budget: { percent: 100, minPerSecond: 1000, windowMs: 1000 },
};

function over(urls: readonly string[], retries: Partial<Retries> | null = {}, more: Partial<Backend> = {}): Forwarder {
  const rules = retries === null ? null : { ...setting, ...retries };
  return forwarder(cleanup, { backends: [backend(urls, { retries: rules, ...more })] });
}

/** Answers the first `bad` requests with 503, and says how many came. */
async function flaky(bad: number): Promise<{ readonly url: string; count(): number; readonly bodies: string[] }> {
  let count = 0;
  const bodies: string[] = [];
  const { url } = await httpUpstream(cleanup, (request, response) => {
    count += 1;
    if (count <= bad) response.statusCode = 503;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.end(`answer ${count}`);
    });
    request.on("error", () => {});
  });
  return { url, count: () => count, bodies };
}

const breaking = (): Promise<string> => rawUpstream(cleanup, (socket) => socket.once("data", () => socket.destroy()));

function attempts({ trail }: Exchange): readonly string[] {
  return trail.map(({ step, reason = "", detail = "" }) => `${step} ${reason} ${detail.replace(/127.0.0.1:\d+/, "T")}`);
}

describe("a status that is tried again", () => {
  it("until it is good, and the record says what went before", async () => {
    const upstream = await flaky(2);
    const made = exchange();
    const response = await send(over([upstream.url]), made);
    assert.equal(response.status, 200);
    assert.equal(await text(response), "answer 3");
    assert.equal(made.upstream?.tries, 3);
    assert.deepEqual(attempts(made), ["attempt  http://T: status 503", "attempt  http://T: status 503"]);
  });

  it("goes to the client when all retries are used up, and to another target first", async () => {
    const bad = await flaky(99);
    const worse = await flaky(99);
    const made = exchange();
    const response = await send(over([bad.url, worse.url], { count: 1 }), made);
    assert.equal(response.status, 503);
    assert.equal(await text(response), "answer 1");
    assert.deepEqual([bad.count(), worse.count()], [1, 1]);
    assert.equal(attempts(made).length, 1);
  });

  it("is not for methods that may not be sent twice, nor beyond the budget, nor when nothing says so", async () => {
    const upstream = await flaky(99);
    const budget = { percent: 0, minPerSecond: 0, windowMs: 1000 };
    for (const [via, method] of [
      [over([upstream.url]), "POST"],
      [over([upstream.url], { budget }), "GET"],
      [over([upstream.url], null), "GET"],
      [over([upstream.url], { on: { ...setting.on, statuses: [] } }), "GET"],
    ] as const) {
      const before = upstream.count();
      assert.equal((await send(via, exchange({ method }))).status, 503);
      assert.equal(upstream.count(), before + 1);
    }
  });
});

describe("a connection that breaks", () => {
  it("is tried again on another target", async () => {
    const made = exchange();
    assert.equal(await text(await send(over([await breaking(), (await flaky(0)).url]), made)), "answer 1");
    assert.deepEqual(attempts(made), ["attempt upstream-reset http://T: the upstream closed the connection"]);
  });

  it("is 502 at once for a method that may not be sent twice, and after all retries", async () => {
    const url = await breaking();
    const post = exchange({ method: "POST" });
    await assert.rejects(send(over([url]), post), isCode("upstream-reset", 502));
    assert.equal(post.upstream?.tries, 1);
    const get = exchange();
    await assert.rejects(send(over([url]), get), isCode("upstream-reset", 502));
    assert.equal(get.upstream?.tries, 3);
  });

  it("after the head is truncation, never a second answer", async () => {
    let count = 0;
    const url = await rawUpstream(cleanup, (socket) =>
      socket.once("data", () => {
        count += 1;
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", () => socket.destroy());
      }),
    );
    const response = await send(over([url]), exchange());
    await assert.rejects(text(response), isCode("upstream-truncated"));
    assert.equal(count, 1);
  });
});

describe("time", () => {
  it("of one attempt is bounded by perTryTimeout, of all by the route's", async () => {
    const silent = await rawUpstream(cleanup, (socket) => socket.resume());
    const quick = await flaky(0);
    const made = exchange();
    assert.equal(await text(await send(over([silent, quick.url], { perTryTimeoutMs: 60 }), made)), "answer 1");
    assert.match(attempts(made)[0] ?? "", /^attempt upstream-timeout/);

    const started = performance.now();
    const late = exchange({ timeoutMs: 150 });
    await assert.rejects(
      send(over([silent], { count: 10, perTryTimeoutMs: 60 }), late),
      isCode("upstream-timeout", 504),
    );
    assert.ok(performance.now() - started < 2000);
    assert.ok((late.upstream?.tries ?? 9) <= 3);
  });

  it("of waiting ends when the client goes away: no further attempt", async () => {
    const upstream = await flaky(99);
    const via = over([upstream.url], { backOff: { firstMs: 60_000, longestMs: 60_000 } }, {});
    const made = exchange({ timeoutMs: 120_000 });
    const pending = assert.rejects(send(via, made), isCode("client-aborted"));
    await until(() => attempts(made).length === 1, "the first attempt");
    via.abort(made);
    await pending;
    assert.equal(upstream.count(), 1);
  });
});

describe("a request body", () => {
  it("that was kept is sent again whole, also the part that comes later", async () => {
    const upstream = await flaky(0);
    const seen: string[] = [];
    const url = await rawUpstream(cleanup, (socket) =>
      socket.on("data", (bytes) => {
        seen.push(bytes.toString());
        if (seen.join("").includes("abc")) socket.destroy();
      }),
    );
    const body = new ManualBody(6);
    const made = exchange({ method: "PUT", body });
    const answer = send(over([url, upstream.url]), made);
    await until(() => body.sink !== null, "the upload");
    body.push("abc");
    await until(() => attempts(made).length === 1, "the first attempt");
    body.push("def");
    body.end();
    assert.equal(await text(await answer), "answer 1");
    assert.deepEqual(upstream.bodies, ["abcdef"]);
  });

  it("larger than what is kept is sent once", async () => {
    const upstream = await flaky(0);
    const url = await rawUpstream(cleanup, (socket) => {
      socket.on("data", (bytes) => {
        if (bytes.includes("x".repeat(17))) socket.destroy();
      });
    });
    const body = new ManualBody();
    const made = exchange({ method: "PUT", body });
    const answer = assert.rejects(send(over([url, upstream.url]), made), isCode("upstream-reset", 502));
    await until(() => body.sink !== null, "the upload");
    body.push("x".repeat(17));
    await answer;
    assert.equal(upstream.count(), 0);
  });
});
