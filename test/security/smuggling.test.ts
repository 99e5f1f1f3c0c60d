import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { exchangeRaw, responsesOf, seeded } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

/** A request that ends in nothing special, and one that is hidden in the body of others. */
const plain = "GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n";
const hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
const last = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

const chunkedBody = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const post = (fields: string, body: string): string => `POST /post HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n${body}`;

/** The classic ways to have two readers disagree about where a request ends. */
const written: readonly string[] = [
  plain,
  post(`Content-Length: ${hidden.length}\r\n`, hidden),
  post("Transfer-Encoding: chunked\r\n", chunkedBody(hidden)),
  post(`Content-Length: ${chunkedBody("x").length}\r\nTransfer-Encoding: chunked\r\n`, chunkedBody("x") + hidden),
  post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunkedBody("x") + hidden),
  post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden),
  post(`Content-Length: ${hidden.length}, ${hidden.length}\r\n`, hidden),
  post(`Content-Length: +${hidden.length}\r\n`, hidden),
  post(`Content-Length: 0x${hidden.length.toString(16)}\r\n`, hidden),
  post(`Content-Length: 0${hidden.length}\r\n`, hidden),
  post(`Content-Length : ${hidden.length}\r\n`, hidden),
  post(`Content-Length:\t${hidden.length}\t\r\n`, hidden),
  post(`Content_Length: ${hidden.length}\r\n`, hidden),
  ...[
    "xchunked",
    "chunked, identity",
    "identity, chunked",
    "chunked, chunked",
    " chunked",
    "Chunked",
    '"chunked"',
    "chunked;x",
    "\vchunked",
    "cow",
  ].map((coding) => post(`Transfer-Encoding: ${coding}\r\n`, chunkedBody(hidden))),
  post("Transfer-Encoding : chunked\r\n", chunkedBody(hidden)),
  post("Transfer-Encoding\r\n : chunked\r\n", chunkedBody(hidden)),
  post("X: y\r\n Transfer-Encoding: chunked\r\n", chunkedBody(hidden)),
  post("X: y\nTransfer-Encoding: chunked\r\n", chunkedBody(hidden)),
  post("X: y\rTransfer-Encoding: chunked\r\n", chunkedBody(hidden)),
  post("Transfer_Encoding: chunked\r\n", chunkedBody(hidden)),
  post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", chunkedBody(hidden)),
  post("Transfer-Encoding: chunked\r\n", `2;${"a".repeat(20)}=b\r\nhi\r\n0\r\n\r\n`),
  post("Transfer-Encoding: chunked\r\n", `2\nhi\r\n0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", `2;\nhi\r\n0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", `2\r\nhiXX0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", `0x2\r\nhi\r\n0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", `-2\r\nhi\r\n0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", `10000000000000002\r\nhi\r\n0\r\n\r\n${hidden}`),
  post("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\nContent-Length: 40\r\nHost: x\r\n\r\n"),
  post("Transfer-Encoding: chunked\r\nTrailer: X\r\n", "2\r\nhi\r\n0\r\nX: 1\r\nTransfer-Encoding: cow\r\n\r\n"),
  post("Connection: Content-Length\r\nContent-Length: 3\r\n", "abc"),
  post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", chunkedBody(hidden)),
  post("Connection: Host, close\r\nContent-Length: 3\r\n", "abc"),
  post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"),
  post("Expect: 100-continue, x\r\nContent-Length: 3\r\n", "abc"),
  post(
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 3\r\n",
    "abc",
  ),
  post("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n", hidden),
  `GET /get HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  `GET /get HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody(hidden)}`,
  `HEAD /head HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  `DELETE /delete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody(hidden)}`,
  `POST /old HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc`,
  `POST /old HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody(hidden)}`,
  `POST /post HTTP/1.2\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`,
  `GET /a HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /a\tHTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `\r\n\r\nGET /a HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /a HTTP/1.1\nHost: localhost\n\n`,
  `GET /a?x\u0000y HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /a?x%0d%0aHost:%20x HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET http://localhost/absolute HTTP/1.1\r\nHost: other\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: localhost\r\nX: ${"\u00e9".repeat(3)}\u0085\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: localhost\r\n: empty\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: localhost\r\nX\u0000Y: 1\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\u0000b\r\n\r\n`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
];

/** Pieces that tear at framing when they are put somewhere. */
const tears = [
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  "\0",
  ":",
  ",",
  ";",
  "0",
  "\r\n\r\n",
  "chunked",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 5\r\n",
  "\u00a0",
  "\u000b",
  "-",
  "+",
  "x",
  hidden,
];

function mutated(text: string, next: (below: number) => number): string {
  let made = text;
  for (let count = 1 + next(3); count > 0; count -= 1) {
    const at = next(made.length + 1);
    const cut = next(3) === 0 ? next(4) : 0;
    const put = next(4) === 0 ? "" : (tears[next(tears.length)] ?? "");
    made = made.slice(0, at) + put + made.slice(at + cut);
  }
  return made;
}

/**
 * Many bytes over one client connection, and an origin that reads to the letter: it must see the requests that the
 * gateway has answered for it and no other. One more is a smuggled request.
 */
describe("request smuggling", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, limits: { headersTimeout: 100ms, bodyIdleTimeout: 100ms, idleTimeout: 1s } }
apis: { all: { path: /, backend: up, access: public, timeout: 2s } }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await origin.close();
  });

  interface Seen {
    readonly forwarded: number;
    readonly reached: number;
    readonly hidden: number;
  }

  /** One connection at a time, since the origin's requests are counted by connection. */
  async function send(bytes: string): Promise<Seen> {
    origin.requests.length = 0;
    origin.violations.length = 0;
    const text = await exchangeRaw(gateway, bytes, 3000);
    // HEAD has no body, so lengths do not help there: what is counted is heads.
    const heads = text.match(/HTTP\/1\.1 200 OK\r\n/g)?.length ?? 0;
    const hiddenOnes = origin.requests.filter(({ target }) => target === "/hidden").length;
    assert.deepEqual(origin.violations, [], JSON.stringify(bytes));
    return { forwarded: heads, reached: origin.requests.length, hidden: hiddenOnes };
  }

  it("written ones: the origin sees what was answered for it, and never the hidden one as a part of another", async () => {
    let refused = 0;
    for (const bytes of written) {
      const { forwarded, reached } = await send(`${bytes}${last}`);
      assert.equal(reached, forwarded, JSON.stringify(bytes));
      if (forwarded < 2) refused += 1;
    }
    assert.ok(refused > 30, `${refused} were cut off`);
  });

  it("a body that looks like a request is a body", async () => {
    for (const bytes of [written[1], written[2]]) {
      const seen = await send(`${bytes}${last}`);
      assert.deepEqual(seen, { forwarded: 2, reached: 2, hidden: 0 });
      assert.equal(origin.requests.find(({ target }) => target === "/post")?.body, hidden);
    }
  });

  it("hundreds of seeded mutations: never one request more at the origin than was answered", async () => {
    const next = seeded(20_260_301);
    let through = 0;
    for (let round = 0; round < 500; round += 1) {
      const base = written[next(written.length)] ?? plain;
      const bytes = `${plain}${mutated(base, next)}${last}`;
      const { forwarded, reached } = await send(bytes);
      assert.equal(reached, forwarded, `round ${round}: ${JSON.stringify(bytes)}`);
      if (forwarded === 3) through += 1;
    }
    assert.ok(through > 10, `${through} went through whole`);
  });

  it("a response that nobody asked for is not given to the next client", async () => {
    const seen = await send(`${plain}${plain}${last}`);
    assert.deepEqual(seen, { forwarded: 3, reached: 3, hidden: 0 });
    const answers = responsesOf(await exchangeRaw(gateway, `${plain}${last}`));
    assert.deepEqual(
      answers.map(({ body }) => body),
      ["ok", "ok"],
    );
  });
});
