import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { bodyOf, folderOf, samplesOf, spans } from "#wire/llhttp-samples.test-helper.ts";
import { type RequestHead, RequestParser } from "./http1-request-parser.ts";
import { readRequests } from "./reading.test-helper.ts";

const read = (text: string, cuts: readonly number[] = []): ReturnType<typeof readRequests> =>
  readRequests(Buffer.from(text, "latin1"), cuts);
const get = "GET /a?b HTTP/1.1\r\nHost: a\r\nX-One:\t1 \r\n\r\n";
const chunked = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("requests in memory that is only lent", () => {
  const memory = Buffer.alloc(256);
  const lent = (text: string): Buffer => memory.subarray(0, memory.write(text, "latin1"));
  const limits = { headerBytes: 200, headerCount: 10 };

  /** Has something else in that memory as soon as it is told of a head. */
  function reading(length: number, then = ""): { readonly parser: RequestParser; readonly heads: RequestHead[] } {
    const heads: RequestHead[] = [];
    const head = (one: RequestHead): number => {
      heads.push(one);
      memory.fill("x").write(then, "latin1");
      return length;
    };
    return { heads, parser: new RequestParser({ head, data: () => {}, end: () => {} }, () => limits) };
  }

  it("are what they were when they came, whatever the memory holds once somebody was told", () => {
    const other = get.replace("/a?b", "/b?a");
    const { parser, heads } = reading(0, other);
    assert.deepEqual([parser.pushLent(lent(get)), parser.pushLent(lent(other))], [true, true]);
    assert.deepEqual(
      heads.map(({ target }) => target),
      ["/a?b", "/b?a"],
    );
  });

  it("are taken as a head alone or as nothing but body, and else not begun", () => {
    for (const text of [get + get, `${get}x`, get.slice(0, -1), `\r\n${get}`, "\r\n\r\n", "abc", "a".repeat(250)]) {
      const { parser, heads } = reading(0);
      assert.deepEqual([parser.pushLent(lent(text)), parser.isBetween, heads.length], [false, true, 0], text);
    }
    const { parser, heads } = reading(5);
    assert.deepEqual([parser.pushLent(lent(get)), parser.pushLent(lent("hello!"))], [true, false]);
    assert.equal(parser.owed, 5);
    assert.deepEqual([parser.pushLent(lent("he")), parser.pushLent(lent("llo")), parser.isBetween], [true, true, true]);
    assert.equal(heads.length, 1);
  });
});

describe("requests on a connection", () => {
  it("are read one after another, with bodies and trailers", () => {
    const { requests, refusal, isUnfinished } = read(
      `\r\n${get}${get}POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello` +
        `${chunked}3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Sum: 9\r\n\r\n${get}`,
    );
    assert.equal(refusal, null);
    assert.equal(isUnfinished, false);
    const first = { method: "GET", target: "/a?b", minor: 1, fields: ["Host", "a", "X-One", "1"] };
    assert.deepEqual(requests[0], { ...first, body: "", trailers: [], whole: true });
    assert.deepEqual(requests[1], requests[0], "the second one is the same");
    assert.deepEqual(
      requests.map(({ target, body, trailers }) => [target, body, trailers]),
      [
        ["/a?b", "", []],
        ["/a?b", "", []],
        ["/l", "hello", []],
        ["/c", "abc0123456789", ["X-Sum", "9"]],
        ["/a?b", "", []],
      ],
    );
  });

  it("that are sent again are lists of their own: who changes one changes no other", () => {
    const { requests } = read(get + get + get);
    const second = requests[1]?.fields as string[];
    second.push("X-Mine", "1");
    assert.equal(requests[0]?.fields.length, 4);
    assert.equal(requests[2]?.fields.length, 4);
  });

  it("mean the same wherever they are cut", () => {
    const texts = [
      `\r\n\r\n${get}${chunked}3;x="y"\r\nabc\r\n0\r\nT: 1\r\n\r\n${get}`,
      `${get}GET  /two-blanks HTTP/1.1\r\nHost: a\r\n\r\n`,
      `${chunked}3\r\nabcX\r\n`,
      `${get}GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n`,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc${get}`,
    ];
    for (const text of texts) {
      const whole = read(text);
      for (let at = 1; at < text.length; at += 1) {
        const cut = read(text, [at]);
        assert.deepEqual(cut.requests, whole.requests, `cut at ${at}: ${JSON.stringify(text)}`);
        assert.equal(cut.refusal?.reason, whole.refusal?.reason, `cut at ${at}: ${JSON.stringify(text)}`);
      }
      const letters = read(
        text,
        Array.from(text, (_, at) => at),
      );
      assert.deepEqual(letters.requests, whole.requests);
      assert.equal(letters.refusal?.reason, whole.refusal?.reason);
    }
  });

  it("are bounded, and refused before their end comes", () => {
    const refusalOf = (text: string): string | undefined => read(text, [1]).refusal?.detail;
    assert.equal(refusalOf(`GET /${"x".repeat(17_000)}`), "header fields are too long");
    assert.equal(refusalOf(`GET / HTTP/1.1\r\n${"X: y\r\n".repeat(101)}\r\n`), "too many header fields");
    assert.equal(refusalOf("\r\n".repeat(9)), "parser: empty lines");
    assert.equal(refusalOf("GET  "), "request line is not method, target and HTTP version");
    assert.equal(refusalOf("\x16\x03"), "method is none of HTTP's");
    assert.equal(refusalOf("GET / HTTP/1.1\r\nHost: a\nX"), "parser: bare line feed");
    assert.equal(refusalOf(`${chunked}1;${"x".repeat(2000)}`), "parser: chunk extensions too long");
    assert.equal(refusalOf(`${chunked}1${"0".repeat(13)}`), "parser: chunk size too large");
    assert.equal(refusalOf(`${chunked}0\r\nHost: b\r\n\r\n`), "parser: forbidden trailer");
    // It is the end of the connection for llhttp.
    assert.equal(refusalOf(`${chunked}0\r\nConnection: close\r\n\r\n`), "parser: forbidden trailer");
    assert.equal(refusalOf(`${chunked}0\r\nX: ${"y".repeat(17_000)}`), "header fields are too long");
  });
});

const absent = existsSync(folderOf("request")) ? false : "corpora absent: ../shared/corpora/http/llhttp/request";

describe("llhttp's strict request samples", { skip: absent }, () => {
  for (const { name, input, log } of absent === false ? samplesOf("request") : []) {
    it(name, () => {
      const text = input.toString("latin1");
      // Most lack a Host, which alone would have them refused.
      const withHost = /\r\nhost:/i.test(text) ? text : text.replace(/^(\r?\n)*(\S+ [^\r\n]*\r\n)/, "$&Host: a\r\n");
      const { requests } = read(withHost);
      const whole = requests.filter((request) => request.whole);
      const fields = whole.flatMap((request) => request.fields.concat(request.trailers));
      const own = withHost === text ? fields : fields.slice(2);
      const names = spans(log, "header_field");
      const values = spans(log, "header_value").map((value) => value.replaceAll("\\t", "\t").trim());
      assert.deepEqual(own, names.flatMap((key, at) => [key, values[at] ?? ""]).slice(0, own.length));
      assert.ok(bodyOf(log).startsWith(whole.map(({ body }) => body).join("")), "the bodies are those of the log");
      assert.ok(whole.length <= log.split("message complete").length - 1, "no request more than llhttp saw");
    });
  }
});
