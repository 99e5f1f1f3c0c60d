import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { closing, dial, eventually, raw, readBody, reply, run, type Running } from "./harness.test.ts";

/** Answers every exchange with its method and path, after reading its body. */
function echo(limits: { headersTimeoutMs?: number; idleTimeoutMs?: number } = {}): Promise<Running> {
  return run({
    limits,
    onExchange: (exchange) => {
      void closing(exchange);
      readBody(exchange.facts.body).then(
        ({ bytes }) =>
          reply(exchange, 200, `<${exchange.facts.method} ${exchange.facts.path} ${bytes.toString("latin1")}>`),
        () => reply(exchange, 400, "body"),
      );
    },
  });
}

const refused: readonly (readonly [what: string, status: number, request: string])[] = [
  ["two Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
  ["two equal Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"],
  ["no Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["Host with user information", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"],
  ["Host with a bad port", 400, "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"],
  ["Host with two values", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"],
  ["HTTP/1.0 without Host", 400, "GET / HTTP/1.0\r\n\r\n"],
  ["HTTP/0.9", 505, "GET /\r\n\r\n"],
  ["HTTP/2.0 in the line", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"],
  ["a method of RTSP, as such", 400, "ANNOUNCE /a RTSP/1.0\r\nHost: a\r\n\r\n"],
  ["a method of RTSP, as HTTP", 400, "SETUP /a HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["SOURCE of Icecast", 400, "SOURCE /a ICE/1.0\r\nHost: a\r\n\r\n"],
  ["the HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["CONNECT", 405, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"],
  ["TRACE", 405, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["OPTIONS *", 404, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["GET *", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["other scheme", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["authority as target", 400, "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["user information in the target", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["fragment in the query", 400, "GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["angle bracket in the query", 400, "GET /a?<script HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["closing angle bracket in the query", 400, "GET /a?b> HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["quote in the query", 400, 'GET /a?b=" HTTP/1.1\r\nHost: a\r\n\r\n'],
  ["angle brackets", 400, 'GET /<">\\^ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ["malformed percent", 400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["encoded NUL", 400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["encoded slash", 400, "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["0x80 in the target", 400, "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["gzip, chunked", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
  [
    "identity, then chunked",
    501,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["chunked twice", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"],
  ["unknown coding", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
  ["coding on HTTP/1.0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  [
    "both framings",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["two lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["two equal lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"],
  ["length with zeros", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00001\r\n\r\na"],
  ["length with a sign", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na"],
  ["space before colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"],
  ["folded line", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"],
  ["bare LF", 400, "GET / HTTP/1.1\nHost: a\n\n"],
  ["NUL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"],
  ["bare CR in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"],
  ["lower-case method", 400, "get / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["unknown expectation", 417, "GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n"],
  ["two expectations", 417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue, x\r\n\r\na"],
  ["too many fields", 431, `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(100)}\r\n`],
  ["fields over the limit", 431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(17_000)}\r\n\r\n`],
];

describe("requests that are refused", () => {
  let running: Running;
  before(async () => {
    running = await echo();
  });
  after(() => running.stop());

  for (const [what, status, request] of refused) {
    test(`${status} ${what}`, async () => {
      running.refusals.length = 0;
      running.exchanges.length = 0;
      // A good request behind the bad one must not run either: it may be the bad one's body.
      const text = await raw(
        running.http,
        Buffer.from(`${request}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`, "latin1"),
      );
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(text, /Connection: close\r\n/);
      assert.match(text, /application\/problem\+json/);
      assert.equal(running.exchanges.length, 0, "nothing reached the pipeline");
      assert.equal(running.refusals.length, 1);
      assert.equal(running.refusals[0]?.status, status);
      const problem = JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) as { requestId: string };
      assert.equal(problem.requestId, running.refusals[0]?.id);
    });
  }

  test("a valid request with odd but harmless spelling passes", async () => {
    const text = await raw(
      running.http,
      "\r\nM-SEARCH /a?<x> HTTP/1.1\r\nhOsT: [::1]:80\r\nConnection: close\r\n\r\n".replace("<x>", "x[]=|"),
    );
    assert.match(text, /<M-SEARCH \/a >$/);
    assert.equal(running.exchanges.at(-1)?.facts.host, "::1");
  });

  test("an upgrade that nobody serves is a plain request", async () => {
    const text = await raw(
      running.http,
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      />$/,
    );
    assert.match(text, /<GET \/ws >$/);
  });

  test("garbage behind a good request does not take its answer", async () => {
    const text = await raw(running.http, "GET /good HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n");
    assert.match(text, /^HTTP\/1.1 200 [^]*<GET \/good >$/);
  });

  test("bytes behind Connection: close do not take the answer", async () => {
    const text = await raw(
      running.http,
      "GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert.match(text, /^HTTP\/1.1 200 [^]*<GET \/good >$/);
  });
});

describe("what a chunked body carries beside its data", () => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  test("400 when extensions outweigh it, and the connection ends", async () => {
    const running = await echo();
    const chunk = `1;${"x".repeat(16_000)}\r\na\r\n`;
    const text = await raw(running.http, `${head}${chunk.repeat(100)}0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.match(text, /^HTTP\/1.1 400 /);
    assert.doesNotMatch(text, /HTTP\/1.1 200 /);
    await running.stop();
  });

  test("chunks of one byte and small extensions pass, however many", async () => {
    const running = await echo();
    const text = await raw(
      running.http,
      `${head}${"1\r\na\r\n".repeat(60_000)}${"1;a\r\nb\r\n".repeat(1000)}0\r\n\r\n`,
      />$/,
    );
    assert.ok(text.endsWith(`<POST / ${"a".repeat(60_000)}${"b".repeat(1000)}>`));
    await running.stop();
  });
});

describe("a slow answer keeps its place when the client sends garbage", () => {
  test("the response in flight is delivered, then the connection ends", async () => {
    const running = await run({ onExchange: (exchange) => void closing(exchange) });
    const pending = raw(running.http, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n\x01\x02\x03\r\n\r\n");
    await eventually(() => running.exchanges.length === 1, "the exchange");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const exchange = running.exchanges[0];
    assert.ok(exchange !== undefined);
    reply(exchange, 200, "slow answer");
    assert.match(await pending, /^HTTP\/1.1 200 [^]*slow answer$/);
    assert.equal(running.refusals.length, 1);
    await running.stop();
  });
});

describe("slow clients", () => {
  test("headers that do not end are answered 408, silence is cut", async () => {
    const running = await run({ limits: { headersTimeoutMs: 80 } });
    const slow = await raw(running.http, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    assert.match(slow, /^HTTP\/1.1 408 /);
    assert.equal(running.refusals[0]?.reason, "headers-timeout");
    const silent = await dial(running.http);
    silent.resume();
    await once(silent, "close");
    await running.stop();
  });

  test("an idle connection is closed", async () => {
    const running = await run({ limits: { idleTimeoutMs: 50 } });
    const text = await raw(running.http, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(text, /ok$/);
    await running.stop();
  });

  test("connections over the limit are closed at once", async () => {
    const running = await run({ limits: { connections: 2 } });
    const first = await dial(running.http);
    const second = await dial(running.http);
    await eventually(() => running.edge.stats().connections === 2, "two connections");
    assert.equal(await raw(running.http, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
    first.destroy();
    await eventually(() => running.edge.stats().connections === 1, "one less");
    assert.match(await raw(running.http, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), /ok$/);
    second.destroy();
    await running.stop();
  });
});

const corpus = join(import.meta.dirname, "../../../shared/corpora/http/llhttp/request");

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  /** `request`, or that with the leniency that its log is of. */
  readonly type: string;
  readonly refused: boolean;
  /** Whole messages that the parser saw before it gave up. */
  readonly whole: number;
}

/** The fences of one file: heading, meta comment, `http` input, `log` of the parser's events. */
function samplesOf(file: string, text: string): Sample[] {
  const samples: Sample[] = [];
  const pattern = /<!-- meta=(\{.*?\}) -->\s*```http\n([^]*?)```(?:(?!<!-- meta)[^])*?```log\n([^]*?)```/g;
  for (const match of text.matchAll(pattern)) {
    const [, meta = "", input = "", log = ""] = match;
    const type = (JSON.parse(meta) as { type: string }).type;
    if (!type.startsWith("request")) continue;
    const heading =
      text
        .slice(0, match.index)
        .match(/^#+ (.*)$/gm)
        ?.at(-1) ?? "";
    const error = /error code=(\d+)/.exec(log)?.[1];
    const isRefused = error !== undefined && !["21", "22", "23"].includes(error);
    const whole = log.split("message complete").length - 1;
    samples.push({ name: `${file}: ${heading}`, bytes: bytesOf(input), type, refused: isRefused, whole });
  }
  return samples;
}

function bytesOf(input: string): Buffer {
  const joined = input.replace(/\n$/, "").replaceAll("\\\n", "").replaceAll("\n", "\r\n");
  const text = joined.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([rntf]))/g, (_all, hex, octal, letter) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return { r: "\r", n: "\n", t: "\t", f: "\f" }[letter as "r" | "n" | "t" | "f"];
  });
  return Buffer.from(text, "latin1");
}

describe("llhttp request samples", { skip: existsSync(corpus) ? false : `corpora absent: ${corpus}` }, () => {
  let running: Running;
  before(async () => {
    running = await echo({ headersTimeoutMs: 500, idleTimeoutMs: 500 });
  });
  after(() => running.stop());

  const samples = existsSync(corpus)
    ? readdirSync(corpus).flatMap((file) => samplesOf(file, readFileSync(join(corpus, file), "utf8")))
    : [];

  const strict = samples.filter(({ type }) => type === "request");
  const others = samples.filter(({ type }) => type !== "request");

  test("the corpus is whole", () => assert.deepEqual([strict.length, others.length], [134, 32]));

  /** Sends a sample as it is, and with the Host that most lack: that alone would refuse them. */
  async function assertGood(bytes: Buffer, most: number): Promise<void> {
    const text = bytes.toString("latin1");
    const withHost = Buffer.from(text.replace(/^(\S+ [^\r\n]*\r\n)/, "$1Host: a\r\n"), "latin1");
    for (const sent of [bytes, withHost]) {
      const answer = await raw(running.http, sent);
      const good = answer.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
      assert.ok(good <= most, `answered ${good} requests, but at most ${most} are valid: ${answer}`);
    }
  }

  for (const { name, bytes, whole } of strict.filter((sample) => sample.refused)) {
    test(name, () => assertGood(bytes, whole));
  }

  // Their logs are of a lenient parser, and the last message that it took is the one that it should not have. What is
  // lenient about connections is only what may come behind a last message.
  for (const { name, type, bytes, whole } of others) {
    const isValid = type === "request-finish" || type === "request-lenient-keep-alive";
    test(`${name}, ${type}`, () => assertGood(bytes, isValid ? whole : Math.max(0, whole - 1)));
  }

  // The parser takes them; RFC 9112 §2.3 knows no protocol but HTTP.
  const foreign = strict.filter(({ bytes }) => /^[A-Z]+ +\S+ +(?:RTSP|ICE)\//.test(bytes.toString("latin1")));
  test("samples of other protocols are there", () => assert.equal(foreign.length, 5));
  for (const { name, bytes } of foreign) test(`${name}, by the RFC`, () => assertGood(bytes, 0));
});
