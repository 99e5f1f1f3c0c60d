import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import type { Retries } from "#model/retries.ts";
import type { Forwarder } from "./forward.ts";
import {
  backend,
  Cleanup,
  exchange,
  forwarder,
  isCode,
  ManualBody,
  rawUpstream,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import { http2Upstream } from "./http2-upstream.test-helper.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
const done = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
const again: Retries = {
  count: 2,
  methods: ["GET", "PUT"],
  on: { reset: true, timeout: true, statuses: [{ from: 503, to: 503 }] },
  perTryTimeoutMs: 0,
  backOff: { firstMs: 5, longestMs: 5 },
  bodyBytes: 16,
  budget: { percent: 100, minPerSecond: 1000, windowMs: 1000 },
};

const over = (urls: readonly string[], more: Partial<Backend> = {}): Forwarder =>
  forwarder(cleanup, { backends: [backend(urls, more)] });

interface Peer {
  readonly url: string;
  readonly seen: string[];
  readonly open: () => number;
}

/** Calls `answer` with all that has come on a connection, each time more has, and writes what that gives. */
async function peer(answer: (text: string, nth: number) => string | null): Promise<Peer> {
  const seen: string[] = [];
  let open = 0;
  const url = await rawUpstream(cleanup, (socket, nth) => {
    open += 1;
    socket.on("close", () => (open -= 1));
    socket.on("data", (chunk) => {
      seen[nth - 1] = (seen[nth - 1] ?? "") + chunk.toString("latin1");
      const said = answer(seen[nth - 1] as string, nth);
      if (said === null) socket.destroy();
      else socket.write(said);
    });
  });
  return { url, seen, open: () => open };
}

const expects = /^POST \/ HTTP\/1\.1\r\n[^]*\r\nExpect: 100-continue\r\n[^]*Content-Length: 4\r\n\r\n$/;

describe("a body that its client holds back", () => {
  it("is asked for when the upstream asks for it", async () => {
    let ask = (): void => {};
    const url = await rawUpstream(cleanup, (socket) => {
      ask = () => void socket.write(goOn);
      socket.on("data", (chunk) => chunk.toString().endsWith("body") && socket.write(done));
    });
    const body = new ManualBody(4, true);
    const made = exchange({ method: "POST", body });
    const response = send(over([url]), made);
    await until(() => made.forwarding !== null, "the call");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(body.sink, null);
    ask();
    await until(() => body.sink !== null, "the upload");
    body.push("body");
    body.end();
    assert.equal(await text(await response), "ok");
  });

  it("stays where it is when the upstream answers without it, whatever the answer, and the connection is not kept", async () => {
    for (const status of ["200 OK", "302 Found", "401 Unauthorized", "417 Expectation Failed"]) {
      const { url, seen, open } = await peer(() => `HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`);
      const body = new ManualBody(4, true);
      const response = await send(over([url]), exchange({ method: "POST", body }));
      assert.equal(response.status, Number(status.slice(0, 3)));
      assert.equal(await text(response), "no");
      assert.equal(body.sink, null);
      await until(() => open() === 0, "the connection is closed");
      assert.match(seen[0] as string, expects);
    }
  });

  it("is asked for after a second when the upstream knows nothing of it", async () => {
    const { url } = await peer((all) => (all.endsWith("body") ? done : ""));
    const body = new ManualBody(4, true);
    const began = performance.now();
    const response = send(over([url]), exchange({ method: "POST", body }));
    await until(() => body.sink !== null, "the upload");
    assert.ok(performance.now() - began >= 990);
    body.push("body");
    body.end();
    assert.equal(await text(await response), "ok");
  });

  it("is never asked for once the client has gone away", async () => {
    const { url, open, seen } = await peer(() => "");
    const body = new ManualBody(4, true);
    const made = exchange({ method: "POST", body });
    const response = send(over([url]), made);
    await until(() => seen.length > 0, "the head");
    made.forwarding?.abort();
    await assert.rejects(response, isCode("client-aborted"));
    await until(() => open() === 0, "the connection is closed");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    assert.equal(body.sink, null);
  });

  it("is not mentioned to the upstream when a policy has replaced it, or when it has begun to come", async () => {
    const { url, seen } = await peer(() => done);
    const replaced = exchange({ method: "POST", body: new ManualBody(4, true), headers: ["Expect", "100-continue"] });
    replaced.request.body = Buffer.from("mine");
    await text(await send(over([url]), replaced));
    assert.doesNotMatch(seen[0] as string, /expect/i);
    const begun = new ManualBody(4);
    const response = send(over([url]), exchange({ method: "POST", body: begun, headers: ["Expect", "100-continue"] }));
    await until(() => begun.sink !== null, "the upload");
    begun.push("body");
    begun.end();
    await response;
    assert.doesNotMatch(seen[1] as string, /expect/i);
  });
});

describe("a body that its client holds back, towards HTTP/2", () => {
  it("is asked for when the upstream asks for it", async () => {
    const heard: (string | undefined)[] = [];
    const { url } = await http2Upstream(cleanup, (stream, { expect }) => {
      heard.push(expect);
      stream.additionalHeaders({ ":status": 100 });
      stream.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
      stream.on("end", () => {
        stream.respond({ ":status": 200 });
        stream.end("ok");
      });
    });
    const body = new ManualBody(4, true);
    const response = send(over([url], { protocol: "h2c" }), exchange({ method: "POST", body }));
    await until(() => body.sink !== null, "the upload");
    body.push("body");
    body.end();
    assert.equal(await text(await response), "ok");
    assert.deepEqual(heard, ["100-continue", "body"]);
  });

  it("stays where it is when the upstream answers without it: the stream ends, the session goes on", async () => {
    let ended = 0;
    let whole = false;
    const { url, sessions } = await http2Upstream(cleanup, (stream) => {
      stream.on("close", () => (ended += 1));
      stream.on("end", () => (whole ||= !stream.closed));
      stream.resume();
      stream.respond({ ":status": 401 });
      stream.end("no");
    });
    const via = over([url], { protocol: "h2c" });
    for (let nth = 1; nth <= 2; nth += 1) {
      const body = new ManualBody(4, true);
      const response = await send(via, exchange({ method: "POST", body }));
      assert.equal(response.status, 401);
      assert.equal(await text(response), "no");
      assert.equal(body.sink, null);
      await until(() => ended === nth, "the stream's end");
    }
    assert.equal(whole, false);
    assert.equal(sessions.length, 1);
  });
});

describe("a request whose body has not begun", () => {
  it("is tried again whatever its method and size where the backend has retries", async () => {
    const bad = await peer(() => null);
    const good = await peer((all) => (all.endsWith("\r\n\r\n") ? goOn : done));
    const body = new ManualBody(1000, true);
    const made = exchange({ method: "POST", body });
    const response = send(over([bad.url, good.url], { retries: again }), made);
    await until(() => body.sink !== null, "the upload");
    assert.match(good.seen[0] as string, /Expect: 100-continue/);
    body.push("x".repeat(1000));
    body.end();
    assert.equal((await response).status, 200);
    assert.equal(made.upstream?.tries, 2);
  });

  it("is tried again after a status only if its method may be", async () => {
    const full = await peer(() => "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n");
    const good = await peer(() => refusal);
    const statuses: number[] = [];
    for (const method of ["PUT", "POST"]) {
      const body = new ManualBody(1000, true);
      const via = over([full.url, good.url], { retries: again });
      statuses.push((await send(via, exchange({ method, body }))).status);
      assert.equal(body.sink, null);
    }
    assert.deepEqual(statuses, [401, 503]);
  });

  it("is sent again when its upstream was closing the connection that it had kept", async () => {
    const { url, seen } = await peer((all, nth) => {
      if (nth > 1) return all.endsWith("\r\n\r\n") ? goOn : done;
      return all.includes("POST") ? null : done;
    });
    const via = over([url]);
    await text(await send(via, exchange()));
    const body = new ManualBody(4, true);
    const response = send(via, exchange({ method: "POST", body }));
    await until(() => body.sink !== null, "the upload");
    body.push("body");
    body.end();
    assert.equal((await response).status, 200);
    assert.match(seen[0] as string, /Expect: 100-continue/);
    assert.match(seen[1] as string, /Expect: 100-continue/);
  });

  it("is another call's to send when a policy forwards once more", async () => {
    const { url } = await peer((all, nth) => {
      if (nth === 1) return "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n";
      return all.endsWith("\r\n\r\n") ? goOn : done;
    });
    const body = new ManualBody(4, true);
    const made = exchange({ method: "POST", body });
    const via = over([url]);
    assert.equal((await send(via, made)).status, 503);
    const response = send(via, made);
    await until(() => body.sink !== null, "the upload");
    body.push("body");
    body.end();
    assert.equal((await response).status, 200);
    assert.equal(body.cancelled, false);
  });

  it("is 502 when a connection breaks and nothing says that it may be tried again", async () => {
    const { url, seen } = await peer(() => null);
    const body = new ManualBody(4, true);
    await assert.rejects(send(over([url]), exchange({ method: "POST", body })), isCode("upstream-reset", 502));
    assert.equal(seen.length, 1);
    assert.equal(body.sink, null);
  });

  it("is not waited for once it has begun: another attempt sends what was kept at once", async () => {
    const bad = await peer((all) => (all.endsWith("\r\n\r\n") ? goOn : null));
    const good = await peer((all) => (all.endsWith("body") ? done : ""));
    const body = new ManualBody(4, true);
    const response = send(over([bad.url, good.url], { retries: again }), exchange({ method: "PUT", body }));
    await until(() => body.sink !== null, "the upload");
    body.push("body");
    body.end();
    assert.equal((await response).status, 200);
    assert.doesNotMatch(good.seen[0] as string, /Expect/);
  });
});
