import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { closing, dial, makeCa, readBody, reply, run, type Running } from "./harness.test.ts";

/** Answers every exchange with its path and body. */
function echo(options: Parameters<typeof run>[0] = {}): Promise<Running> {
  return run({
    ...options,
    onExchange: (exchange) => {
      void closing(exchange);
      readBody(exchange.facts.body).then(
        ({ bytes }) => reply(exchange, 200, `<${exchange.facts.path} ${bytes.toString("latin1")}>`),
        () => reply(exchange, 400, "body"),
      );
    },
  });
}

const host = "\r\nHost: localhost\r\n";
const none = `${host}\r\n`;
const withBody = `${host}Content-Length: 3\r\n\r\nabc`;
const chunked = `${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;

/** RFC 9112 §2.3 and §3 know none of them; Node's parser takes all. */
const bad: readonly string[] = [
  `GET /bad RTSP/1.0${none}`,
  `POST /bad RTSP/1.0${withBody}`,
  `OPTIONS /bad RTSP/1.0${none}`,
  `OPTIONS /bad RTSP/1.1${none}`,
  `GET  /bad HTTP/1.1${none}`,
  `GET /bad  HTTP/1.1${none}`,
  `GET    /bad   HTTP/1.1${none}`,
  `GET  /bad HTTP/1.0${none}`,
  `POST /bad  HTTP/1.1${withBody}`,
  `POST  /bad HTTP/1.1${chunked}`,
  `OPTIONS  /bad HTTP/1.1${none}`,
];
/** Refused by the parser or by us, whatever it is that we see of them. */
const refusedAnyway: readonly string[] = [
  `GET /bad ICE/1.0${none}`,
  `GET\t/bad HTTP/1.1${none}`,
  `GET /bad\tHTTP/1.1${none}`,
  `GET \t/bad HTTP/1.1${none}`,
  `GET /bad \tHTTP/1.1${none}`,
  `GET /bad HTTP/1.1 ${none}`,
  ` GET /bad HTTP/1.1${none}`,
];

/** Good ones, in every spelling that a head and a body may have. */
const good: readonly string[] = [
  `GET /good HTTP/1.1${none}`,
  `GET /good HTTP/1.1\r\nHost:localhost\r\nX:  y \t\r\nEmpty:\r\n\r\n`,
  `\r\n\r\nGET /good HTTP/1.1${none}`,
  `OPTIONS /good HTTP/1.1${none}`,
  `POST /good HTTP/1.1${withBody}`,
  `POST /good HTTP/1.1\r\nHost:localhost\r\nContent-Length:   3\r\n\r\n\r\n\r`,
  `POST /good HTTP/1.1${chunked}`,
  `POST /good HTTP/1.1\r\nHost:localhost\r\nTransfer-Encoding:chunked\r\n\r\n4;x=y\r\n\r\n\r\n\r\n0\r\nT: x\r\n\r\n`,
];

/** Sends pieces as reads of their own, and reads until the connection ends. */
async function send(socket: Socket, pieces: readonly string[]): Promise<string> {
  let text = "";
  socket.setNoDelay(true);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  const closed = once(socket, "close");
  for (const piece of pieces) {
    if (!socket.writable) break;
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await closed;
  return text;
}

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = ""]) => status);

function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function cut(text: string, parts: number, next: (below: number) => number): string[] {
  const at = Array.from({ length: parts - 1 }, () => next(text.length)).toSorted((a, b) => a - b);
  return [0, ...at].map((from, part) => text.slice(from, at[part])).filter((piece) => piece !== "");
}

describe("request lines that are none of HTTP's", () => {
  let running: Running;
  before(async () => {
    running = await echo();
  });
  after(() => running.stop());

  async function assertRefused(pieces: readonly string[], goodOnes: number): Promise<void> {
    running.refusals.length = 0;
    running.exchanges.length = 0;
    const text = await send(await dial(running.http), pieces);
    const expected = [...Array.from({ length: goodOnes }, () => "200"), "400"];
    assert.deepEqual(statuses(text), expected, JSON.stringify(pieces));
    assert.equal(running.exchanges.length, goodOnes);
    assert.equal(running.refusals.length, 1, JSON.stringify(pieces));
    assert.equal(running.refusals[0]?.reason, "malformed-request");
  }

  for (const request of [...bad, ...refusedAnyway]) {
    const shown = JSON.stringify(request.split("\r\n", 1)[0]);
    test(`${shown} first, behind another, and with one behind it`, async () => {
      await assertRefused([request], 0);
      await assertRefused([good[0] as string, request], 1);
      await assertRefused([`${request}GET /bad HTTP/1.1${none}`], 0);
    });
  }

  test("in a read with others, whatever they are, and in pieces", async () => {
    const next = seeded(91_120);
    for (let round = 0; round < 150; round += 1) {
      const ahead = Array.from({ length: next(4) }, () => good[next(good.length)] as string);
      const text = [...ahead, bad[next(bad.length)]].join("");
      await assertRefused(cut(text, 1 + next(5), next), ahead.length);
    }
  });

  test("one letter at a time", () =>
    assertRefused([...`${good[1]}${good[4]}GET  /bad HTTP/1.1\r\nHost: localhost\r\n\r\n`], 2));

  test("a line without an end is cut off", async () => {
    const strict = await echo({ limits: { headersTimeoutMs: 300 } });
    const socket = await dial(strict.http);
    const text = await send(socket, [`GET ${" ".repeat(60_000)}`, " ".repeat(60_000), `/bad HTTP/1.1${none}`]);
    assert.deepEqual(statuses(text), ["400"]);
    await strict.stop();
  });
});

describe("request lines that are HTTP's", () => {
  const last = `GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

  async function assertAnswered(running: Running, dialled: () => Promise<Socket>, rounds: number): Promise<void> {
    const next = seeded(31_337);
    for (let round = 0; round < rounds; round += 1) {
      const requests = Array.from({ length: 1 + next(5) }, () => good[next(good.length)] as string);
      const pieces = cut([...requests, last].join(""), 1 + next(6), next);
      const text = await send(await dialled(), pieces);
      const expected = Array.from({ length: requests.length + 1 }, () => "200");
      assert.deepEqual(statuses(text), expected, JSON.stringify(pieces));
    }
    assert.deepEqual(running.refusals, []);
  }

  test("pass in any spelling, order and piece", async () => {
    const running = await echo();
    await assertAnswered(running, () => dial(running.http), 150);
    await running.stop();
  });

  test("over TLS, where a bad one is refused as well", async (context) => {
    const { ca, remove } = await makeCa();
    context.after(remove);
    const { chain, key } = await ca.issue(["localhost"]);
    const certificates = [{ hosts: ["localhost"], certPem: chain, keyPem: key }];
    const running = await echo({ tls: "internal", edge: { certificates } });
    context.after(() => running.stop());
    const dialled = async (): Promise<Socket> => {
      const socket = connectTls({
        port: running.https,
        host: "127.0.0.1",
        servername: "localhost",
        ca: ca.rootCertificatePem,
      });
      socket.on("error", () => {});
      await once(socket, "secureConnect");
      return socket;
    };
    await assertAnswered(running, dialled, 30);
    for (const request of bad)
      assert.deepEqual(statuses(await send(await dialled(), [good[1] as string, request])), ["200", "400"]);
  });

  test("behind a PROXY header, where a bad one is refused as well", async (context) => {
    const running = await echo({ proxyProtocol: ["http"], trustedProxies: ["127.0.0.1"] });
    context.after(() => running.stop());
    const header = "PROXY TCP4 192.0.2.7 192.0.2.1 4000 80\r\n";
    const next = seeded(4711);
    for (let round = 0; round < 60; round += 1) {
      const one = good[next(good.length)] as string;
      const pieces = cut(`${header}${one}${last}`, 1 + next(6), next);
      assert.deepEqual(statuses(await send(await dial(running.http), pieces)), ["200", "200"], JSON.stringify(pieces));
      const worse = cut(`${header}${bad[next(bad.length)]}`, 1 + next(4), next);
      assert.deepEqual(statuses(await send(await dial(running.http), worse)), ["400"], JSON.stringify(worse));
    }
  });

  test("hundreds of them, with answers that fill the connection", async () => {
    const running = await run({ onExchange: (exchange) => reply(exchange, 200, "x".repeat(100_000)) });
    const requests = `${(good[1] as string).repeat(60)}${last}`;
    const text = await send(await dial(running.http), [requests]);
    assert.equal(statuses(text).length, 61);
    assert.deepEqual(running.refusals, []);
    await running.stop();
  });
});
