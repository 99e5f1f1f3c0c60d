import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredRecord } from "#model/record.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { recordsOf } from "#test/support/record.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const get = (path: string, more = ""): string => `GET /open/${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const post = (path: string, more: string): string => `POST /open/${path} HTTP/1.1\r\nHost: localhost\r\n${more}`;
const chunked = "Transfer-Encoding: chunked\r\n\r\n";

interface Behaviour {
  readonly name: string;
  /** With a pause between them. */
  readonly sends: readonly string[];
  /** And an answer. */
  readonly awaits?: true;
  /** What the client does behind the last of them. Default: waits for the gateway to end the connection. */
  readonly leaving?: "half-closes" | "resets";
  /** Statuses of what it is answered. */
  readonly answers: string;
  /** As {@link shown}. What is no request has no path, and so is told by what it is. */
  readonly records: readonly string[];
}

const malformed = "  deny 400 malformed-request";
const late = "  deny 408 headers-timeout";

const behaviours: readonly Behaviour[] = [
  {
    name: "two in a row",
    sends: [get("slow-a1") + get("a2", "Connection: close\r\n")],
    answers: "200 200",
    records: ["GET slow-a1 allow 200", "GET a2 allow 200"],
  },
  {
    name: "no request behind one that is being answered",
    sends: [`${get("slow-b")}GET /open/b2 HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n`],
    answers: "200",
    records: ["GET slow-b allow 200", malformed],
  },
  {
    name: "a request behind the last one",
    sends: [get("slow-c", "Connection: close\r\n") + get("c2")],
    answers: "200",
    records: ["GET slow-c allow 200", malformed],
  },
  {
    name: "half closed while it waits",
    sends: [get("stall-d")],
    leaving: "half-closes",
    answers: "",
    records: ["GET stall-d allow 499 client-aborted"],
  },
  {
    name: "two in a row, and gone",
    sends: [get("stall-e1") + get("stall-e2")],
    leaving: "resets",
    answers: "",
    records: ["GET stall-e1 allow 499 client-aborted", "GET stall-e2 allow 499 client-aborted"],
  },
  // One event for many such connections: `connections.ended`.
  { name: "gone within a head", sends: ["GET /open/f HTTP/1.1\r\nHo"], leaving: "resets", answers: "", records: [] },
  { name: "half closed within a head", sends: ["GET /op"], leaving: "half-closes", answers: "", records: [] },
  { name: "silent within a head", sends: ["GET /open/f HTTP/1.1\r\nHo"], answers: "408", records: [late] },
  { name: "silent from the beginning", sends: [], answers: "408", records: [late] },
  { name: "idle", sends: [get("g")], answers: "200", records: ["GET g allow 200"] },
  {
    name: "silent within the next head",
    sends: [get("h"), "GET /op"],
    awaits: true,
    answers: "200 408",
    records: ["GET h allow 200", late],
  },
  {
    name: "no request behind one that was answered",
    sends: [get("i"), "NO REQUEST\r\n\r\n"],
    awaits: true,
    answers: "200 400",
    records: ["GET i allow 200", malformed],
  },
  {
    name: "gone within an upload",
    sends: [post("j", "Content-Length: 100\r\n\r\nabc")],
    leaving: "resets",
    answers: "",
    records: ["POST j allow 499 client-aborted"],
  },
  {
    name: "half closed within an upload",
    sends: [post("k", "Content-Length: 100\r\n\r\nabc")],
    leaving: "half-closes",
    answers: "",
    records: ["POST k allow 499 client-aborted"],
  },
  {
    name: "silent within an upload",
    sends: [post("l", "Content-Length: 100\r\n\r\nabc")],
    answers: "408",
    records: ["POST l deny 408 body-timeout"],
  },
  {
    name: "a chunk that is none",
    sends: [post("m", chunked), "3\r\nabc\r\n", "XX\r\n"],
    answers: "400",
    records: ["POST m deny 400 malformed-request"],
  },
  {
    name: "a chunk that is none, behind the answer",
    sends: [post("early-n", `${chunked}3\r\nabc\r\n`), "XX\r\n"],
    awaits: true,
    answers: "200",
    records: ["POST early-n allow 200"],
  },
  {
    name: "an upload of chunks that is too large",
    sends: [post("o", `${chunked}fff\r\n${"x".repeat(0xfff)}\r\n0\r\n\r\n`)],
    answers: "413",
    records: ["POST o deny 413 body-too-large"],
  },
  {
    name: "a body that waits to be asked for",
    sends: [post("p", "Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"), "abc"],
    awaits: true,
    answers: "100 200",
    records: ["POST p allow 200"],
  },
  {
    name: "a body that was asked for and never comes",
    sends: [post("q", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")],
    answers: "100 408",
    records: ["POST q deny 408 body-timeout"],
  },
  {
    name: "more in a row than are taken",
    sends: [Array.from({ length: 102 }, (_, at) => get(`slow-r${at}`)).join("")],
    answers: `${"200 ".repeat(100)}503`,
    records: [
      ...Array.from({ length: 100 }, (_, at) => `GET slow-r${at} allow 200`),
      "GET slow-r100 deny 503 overloaded",
    ],
  },
  {
    name: "HTTP/1.0",
    sends: ["GET /open/s HTTP/1.0\r\nHost: localhost\r\n\r\n"],
    answers: "200",
    records: ["GET s allow 200"],
  },
  {
    name: "HTTP/2.0 in a request line",
    sends: ["GET /open/t HTTP/2.0\r\nHost: localhost\r\n\r\n"],
    answers: "505",
    records: ["  deny 505 malformed-request"],
  },
  { name: "TLS where there is none", sends: ["\x16\x03\x01\x02\x00\x01"], answers: "400", records: [malformed] },
  {
    name: "two lengths",
    sends: [post("u", `Content-Length: 3\r\n${chunked}0\r\n\r\n`)],
    answers: "400",
    records: ["POST u deny 400 malformed-request"],
  },
  {
    name: "too long a head",
    sends: [get("v", `X: ${"y".repeat(100_000)}\r\n`)],
    answers: "431",
    records: ["  deny 431 headers-too-large"],
  },
];

/** Method, name, decision, status and reasons of one. */
function shown({ method, path, decision, status, reasons }: StoredRecord): string {
  return [method, path.replace("/open/", ""), decision, status, ...reasons].join(" ");
}

describe("the record of what HTTP/1.1 connections carry", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      const { url = "" } = request;
      request.resume();
      if (url.startsWith("/stall")) return;
      if (url.startsWith("/early")) response.end("early");
      else request.once("end", () => setTimeout(() => response.end("ok"), url.startsWith("/slow") ? 150 : 0));
    });
    const limits = "{ headersTimeout: 1s, idleTimeout: 1s, bodyIdleTimeout: 1s }";
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" }, limits: ${limits} }
audit: { flush: 10ms }
apis: { open: { path: /open, backend: up, access: public, bodySize: 1KiB } }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  async function behave({ sends, awaits, leaving }: Behaviour): Promise<string> {
    const socket: Socket = connect({ port: gateway.port, host: "127.0.0.1", allowHalfOpen: true });
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => (answer += bytes.toString("latin1")));
    socket.on("end", () => socket.end());
    const closed = once(socket, "close");
    await once(socket, "connect");
    for (const bytes of sends) {
      socket.write(bytes, "latin1");
      if (awaits && answer === "") await once(socket, "data");
      await sleep(50);
    }
    if (leaving === "half-closes") socket.end();
    if (leaving === "resets") socket.resetAndDestroy();
    await closed;
    return [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status).join(" ");
  }

  it("has one for each request, however its connection ends, and one for what is none", async () => {
    const answers = await Promise.all(behaviours.map(behave));
    assert.deepEqual(
      answers.map((answer, at) => `${behaviours[at]?.name}: ${answer}`),
      behaviours.map(({ name, answers: expected }) => `${name}: ${expected}`),
    );
    assert.equal(await gateway.stop(), 0);
    const expected = behaviours.flatMap(({ records }) => records);
    const found = recordsOf(gateway).filter(({ route }) => route?.api !== "sallyport:admin");
    assert.deepEqual(found.map(shown).toSorted(), expected.toSorted());
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  });
});
