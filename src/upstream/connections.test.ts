import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  answering,
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  ManualBody,
  rawUpstream,
  readAll,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A server that answers the first request of its first connection, and then closes that one when the second comes. */
function staleOnce(seen: string[]): (socket: Socket, nth: number) => void {
  return (socket, nth) => {
    let requests = 0;
    socket.on("data", (bytes) => {
      requests += 1;
      seen.push(`${nth}:${String(bytes).split(" ")[0]}`);
      if (nth === 1 && requests > 1) socket.destroy();
      else socket.write(ok);
    });
  };
}

describe("keep-alive", () => {
  it("uses one connection for requests in turn", async () => {
    const upstream = await httpUpstream(cleanup, (_, response) => response.end("ok"));
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    for (let round = 0; round < 20; round += 1) assert.equal(await text(await send(via, exchange())), "ok");
    assert.equal(upstream.connections(), 1);
  });

  it("uses the most recently used one first", async () => {
    const served: number[] = [];
    const url = await rawUpstream(cleanup, (socket, nth) =>
      socket.on("data", (bytes) => {
        served.push(nth);
        setTimeout(() => socket.write(ok), String(bytes).includes("/slow") ? 60 : 0);
      }),
    );
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const both = [send(via, exchange({ path: "/slow" })), send(via, exchange({ path: "/fast" }))];
    for (const response of await Promise.all(both)) await text(response);
    const lastServed = served[0];
    await text(await send(via, exchange()));
    assert.equal(served[2], lastServed);
  });

  const single: Readonly<Record<string, string>> = {
    "Connection: close": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "surplus bytes": `${ok}HTTP/1.1 200 OK\r\n\r\nevil`,
    "HTTP/1.0": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a 204 with a body": "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n",
  };
  for (const [name, answer] of Object.entries(single)) {
    it(`ends with ${name}`, async () => {
      let connections = 0;
      const url = await rawUpstream(cleanup, (socket) => {
        connections += 1;
        answering(answer)(socket);
      });
      const via = forwarder(cleanup, { backends: [backend([url])] });
      for (let round = 0; round < 3; round += 1) {
        const received = await text(await send(via, exchange()));
        assert.equal(received, name.startsWith("a 204") ? "" : "ok");
      }
      assert.equal(connections, 3);
    });
  }

  it("drops an idle connection on which the server speaks, so that its words answer nobody", async () => {
    let connections = 0;
    const sockets: Socket[] = [];
    const url = await rawUpstream(cleanup, (socket) => {
      connections += 1;
      sockets.push(socket);
      answering(ok)(socket);
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    await text(await send(via, exchange()));
    let closed = false;
    sockets[0]?.on("close", () => (closed = true));
    sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await until(() => closed, "the close");
    assert.equal(await text(await send(via, exchange())), "ok");
    assert.equal(connections, 2);
  });

  for (const [what, resumes, expected] of [
    ["goes on", true, 1],
    ["ends", false, 2],
  ] as const) {
    it(`${what} after an answer to a request whose last bytes ${resumes ? "leave later" : "never leave"}`, async () => {
      const size = 16 * 2 ** 20;
      let connections = 0;
      const url = await rawUpstream(cleanup, (socket, nth) => {
        connections = nth;
        let read = 0;
        socket.on("data", (bytes) => {
          read += bytes.length;
          if (String(bytes).startsWith("GET")) socket.write(ok);
          // Into the body, so that the whole request has been handed over, and far from its end.
          else if (read > 10_000 && read - bytes.length <= 10_000) {
            socket.write(ok);
            socket.pause();
            if (resumes) setTimeout(() => socket.resume(), 20);
          }
        });
      });
      const via = forwarder(cleanup, { backends: [backend([url])] });
      const big = new ManualBody(size);
      const first = send(via, exchange({ method: "POST", body: big }));
      await until(() => big.sink !== null, "the upload");
      big.push(Buffer.alloc(size, "b"));
      big.end();
      assert.equal(await text(await first), "ok");
      await sleep(resumes ? 300 : 1500);
      assert.equal(await text(await send(via, exchange())), "ok");
      assert.equal(connections, expected);
    });
  }

  it("ends after the idle time, or before the server's own", async () => {
    for (const [idleTimeoutMs, keepAlive, atMost] of [
      [50, "", 900],
      [60_000, "Keep-Alive: timeout=0\r\n", 100],
      [60_000, "Keep-Alive: max=5, timeout=1\r\n", 950],
    ] as const) {
      let closed = false;
      const url = await rawUpstream(cleanup, (socket) => {
        socket.on("close", () => (closed = true));
        answering(ok.replace("Content", `${keepAlive}Content`))(socket);
      });
      const via = forwarder(cleanup, { backends: [backend([url], { idleTimeoutMs })] });
      await text(await send(via, exchange()));
      const startedAt = performance.now();
      await until(() => closed, "the close");
      assert.ok(performance.now() - startedAt < atMost, "kept longer than the server does");
    }
  });
});

describe("a kept-alive connection that dies under a request", () => {
  it("is replaced once when the request may be repeated", async () => {
    const seen: string[] = [];
    const url = await rawUpstream(cleanup, staleOnce(seen));
    const via = forwarder(cleanup, { backends: [backend([url])] });
    await text(await send(via, exchange()));
    const made = exchange();
    assert.equal(await text(await send(via, made)), "ok");
    assert.deepEqual(seen, ["1:GET", "1:GET", "2:GET"]);
    assert.equal(made.upstream?.tries, 2);
  });

  it("is not when the method is not idempotent, or a body was streamed", async () => {
    for (const plan of [{ method: "POST" }, { method: "PUT", body: new ManualBody(3) }]) {
      const seen: string[] = [];
      const url = await rawUpstream(cleanup, staleOnce(seen));
      const via = forwarder(cleanup, { backends: [backend([url])] });
      await text(await send(via, exchange()));
      await assert.rejects(send(via, exchange(plan)), isCode("upstream-reset", 502));
      assert.equal(seen.length, 2);
    }
  });

  it("is not when the connection was fresh", async () => {
    let connections = 0;
    const url = await rawUpstream(cleanup, (socket) => {
      connections += 1;
      socket.on("data", () => socket.destroy());
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    await assert.rejects(send(via, exchange()), isCode("upstream-reset"));
    assert.equal(connections, 1);
  });

  it("is not a second time, nor after the first byte of a response", async () => {
    let connections = 0;
    const url = await rawUpstream(cleanup, (socket, nth) => {
      connections += 1;
      let requests = 0;
      socket.on("data", () => {
        requests += 1;
        if (nth === 1 && requests === 1) socket.write(ok);
        else socket.destroy();
      });
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    await text(await send(via, exchange()));
    await assert.rejects(send(via, exchange()), isCode("upstream-reset"));
    assert.equal(connections, 2);
    let second = 0;
    const half = await rawUpstream(cleanup, (socket, nth) => {
      second = nth;
      let requests = 0;
      socket.on("data", () => ((requests += 1) === 1 ? socket.write(ok) : socket.end("HTTP/1.1 2")));
    });
    const other = forwarder(cleanup, { backends: [backend([half])] });
    await text(await send(other, exchange()));
    await assert.rejects(send(other, exchange()), isCode("upstream-reset"));
    assert.equal(second, 1);
  });
});

describe("the number of connections", () => {
  it("is bounded; the rest waits, in order, and is then served", async () => {
    let open = 0;
    let most = 0;
    const upstream = await httpUpstream(cleanup, (_, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end("ok");
      }, 5);
    });
    const via = forwarder(cleanup, { backends: [backend([upstream.url], { maxConnections: 3, maxWaiting: 40 })] });
    const all = await Promise.all(Array.from({ length: 40 }, async () => text(await send(via, exchange()))));
    assert.deepEqual(new Set(all), new Set(["ok"]));
    assert.equal(most, 3);
    assert.equal(upstream.connections(), 3);
  });

  it("with too many waiting, or for too long, is 503", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const via = forwarder(cleanup, { backends: [backend([url], { maxConnections: 1, maxWaiting: 1 })], waitMs: 50 });
    const first = exchange();
    const held = assert.rejects(send(via, first), isCode("client-aborted"));
    const waiting = assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    await waiting;
    via.abort(first);
    await held;
  });

  it("passes on when a connection closes instead of coming back", async () => {
    const url = await rawUpstream(
      cleanup,
      answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
    );
    const via = forwarder(cleanup, { backends: [backend([url], { maxConnections: 1 })] });
    const all = await Promise.all(Array.from({ length: 5 }, async () => text(await send(via, exchange()))));
    assert.deepEqual(all, ["ok", "ok", "ok", "ok", "ok"]);
  });
});

describe("a response that nobody has started", () => {
  it("is whole when it came in one read, and its connection is free already", async () => {
    const upstream = await httpUpstream(cleanup, (_, response) => response.end("ok"));
    const via = forwarder(cleanup, { backends: [backend([upstream.url], { maxConnections: 1, maxWaiting: 0 })] });
    const first = await send(via, exchange());
    const second = await send(via, exchange());
    assert.equal((await readAll(first.body)).bytes.toString(), "ok");
    assert.equal(await text(second), "ok");
  });
});
