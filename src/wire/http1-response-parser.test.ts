import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultResponseLimits, ResponseParser } from "./http1-response-parser.ts";
import { readResponses, type Reading, type ReadOptions } from "./reading.test-helper.ts";

const read = (text: string, options: ReadOptions = {}): Reading => readResponses(Buffer.from(text, "latin1"), options);

const ignore = (): void => {};
const head = (fields: string): string => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`;

describe("a good response", () => {
  it("keeps order, spelling and repetition of fields", () => {
    const { responses } = read(
      "HTTP/1.1 200 All good\r\nX-b:  1 \r\nSet-Cookie: a\r\nset-cookie:\tb\r\nContent-Length: 2\r\n\r\nok",
    );
    const [only] = responses;
    assert.equal(only?.statusText, "All good");
    assert.deepEqual(only?.fields, ["X-b", "1", "Set-Cookie", "a", "set-cookie", "b", "Content-Length", "2"]);
    assert.equal(only?.body, "ok");
    assert.equal(only?.complete, true);
  });

  it("keeps bytes above 0x7f in values as they are", () => {
    const { responses } = read("HTTP/1.1 200 \xe9\r\nX: caf\xe9\r\nContent-Length: 0\r\n\r\n");
    assert.deepEqual(responses[0]?.fields.slice(0, 2), ["X", "caf\xe9"]);
  });

  it("takes chunks and trailers apart", () => {
    const { responses } = read(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b;c="d\\"e"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Sum: 9\r\nX-B:\r\n\r\n',
    );
    assert.equal(responses[0]?.body, "abc0123456789");
    assert.deepEqual(responses[0]?.trailers, ["X-Sum", "9", "X-B", ""]);
    assert.equal(responses[0]?.complete, true);
  });

  it("ends at the close when nothing says otherwise", () => {
    assert.equal(read("HTTP/1.1 200 OK\r\n\r\nabc").responses[0]?.complete, true);
    assert.equal(read("HTTP/1.1 200 OK\r\n\r\nabc", { close: false }).responses[0]?.complete, false);
  });

  it("has no body for HEAD, 204 and 304, whatever the fields say", () => {
    const twice = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".repeat(2);
    assert.equal(read(twice, { bodyless: true }).responses.length, 2);
    assert.equal(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").responses[0]?.complete, true);
    assert.equal(read("HTTP/1.1 204 No Content\r\n\r\n").responses[0]?.complete, true);
  });

  it("passes interim responses before the final one", () => {
    const { responses } = read(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    );
    assert.deepEqual(
      responses.map(({ status }) => status),
      [103, 100, 200],
    );
  });

  it("is told apart from a truncated one", () => {
    for (const text of [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n",
    ]) {
      assert.equal(read(text).responses[0]?.complete, false, text);
    }
  });
});

describe("keep-alive", () => {
  it("follows version and Connection", () => {
    assert.equal(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0"), true);
    assert.equal(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close"), false);
    assert.equal(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0"), false);
    assert.equal(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive"), true);
    assert.equal(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nConnection: keep-alive"), false);
  });

  it("is not for bodies that end at the close, nor for bodies that must not be there", () => {
    assert.equal(keeps("HTTP/1.1 200 OK"), false);
    assert.equal(keeps("HTTP/1.1 204 No Content\r\nContent-Length: 3"), false);
    assert.equal(keeps("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked"), false);
    assert.equal(keeps("HTTP/1.1 204 No Content\r\nContent-Length: 0"), true);
    assert.equal(keeps("HTTP/1.1 200 OK\r\nContent-Length: 3", true), true);
  });
});

describe("refused", () => {
  const chunked = (rest: string): string => `${head("Transfer-Encoding: chunked")}${rest}`;
  const cases: Readonly<Record<string, string>> = {
    "content-length with transfer-encoding": head("Content-Length: 3\r\nTransfer-Encoding: chunked"),
    "transfer-encoding with content-length": head("Transfer-Encoding: chunked\r\nContent-Length: 3"),
    "content-length with transfer-encoding on 304":
      "HTTP/1.1 304 X\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "differing lengths": head("Content-Length: 3\r\nContent-Length: 4"),
    "the same length twice": head("Content-Length: 3\r\nContent-Length: 3"),
    "a list of lengths": head("Content-Length: 3, 3"),
    "a negative length": head("Content-Length: -3"),
    "a signed length": head("Content-Length: +3"),
    "a hexadecimal length": head("Content-Length: 0x3"),
    "an empty length": head("Content-Length:"),
    "a length beyond exact integers": head("Content-Length: 9007199254740993"),
    "another coding": head("Transfer-Encoding: gzip, chunked"),
    identity: head("Transfer-Encoding: identity"),
    "chunked twice": head("Transfer-Encoding: chunked, chunked"),
    "chunked in two fields": head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    "an empty coding": head("Transfer-Encoding:"),
    "a coding with a vertical tab": head("Transfer-Encoding: \x0bchunked"),
    "a coding on HTTP/1.0": "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a folded field": head("X: a\r\n b"),
    "a folded first field": head(" X: a"),
    "a bare line feed": "HTTP/1.1 200 OK\nX: a\r\n\r\n",
    "a bare line feed in a value": head("X: a\nY: b"),
    "a bare carriage return": head("X: a\rY: b"),
    "NUL in a value": head("X: a\0b"),
    "a control character": head("X: a\x1bb"),
    DEL: head("X: a\x7fb"),
    "NUL in a name": head("X\0: a"),
    "a blank before the colon": head("X : a"),
    "no colon": head("X"),
    "an empty name": head(": a"),
    "a name above ASCII": head("\xe9: a"),
    "version 2": "HTTP/2.0 200 OK\r\n\r\n",
    "version 1.2": "HTTP/1.2 200 OK\r\n\r\n",
    "lower case http": "http/1.1 200 OK\r\n\r\n",
    "a status of two digits": "HTTP/1.1 20 OK\r\n\r\n",
    "a status of four digits": "HTTP/1.1 2000 OK\r\n\r\n",
    "a status below 100": "HTTP/1.1 099 OK\r\n\r\n",
    "101 unasked": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "an interim response with a length": "HTTP/1.1 103 X\r\nContent-Length: 3\r\n\r\n",
    "an interim response with a coding": "HTTP/1.1 103 X\r\nTransfer-Encoding: chunked\r\n\r\n",
    "endless interim responses": "HTTP/1.1 100 Continue\r\n\r\n".repeat(17),
    "an empty chunk size": chunked("\r\nabc"),
    "a chunk size with a prefix": chunked("0x3\r\nabc\r\n0\r\n\r\n"),
    "a signed chunk size": chunked("+3\r\nabc\r\n0\r\n\r\n"),
    "a chunk size that overflows": chunked("FFFFFFFFFFFFF\r\n"),
    "a chunk size of 2^64 + 3": chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"),
    "a blank after the chunk size": chunked("3 \r\nabc\r\n0\r\n\r\n"),
    "a line feed after the chunk size": chunked("3\nabc\r\n0\r\n\r\n"),
    "a chunk longer than its size": chunked("3\r\nabcd\r\n0\r\n\r\n"),
    "a line feed after the chunk": chunked("3\r\nabc\n0\r\n\r\n"),
    "a line feed in an extension": chunked("3;a=\nb\r\nabc\r\n0\r\n\r\n"),
    "an extension without a name": chunked("3;\r\nabc\r\n0\r\n\r\n"),
    "an extension that is too long": chunked(`3;a=${"b".repeat(300)}\r\nabc\r\n0\r\n\r\n`),
    "extensions too long together": chunked(`1;a=${"b".repeat(200)}\r\nx\r\n`.repeat(90)),
    "a trailer that reframes": chunked("0\r\nContent-Length: 3\r\n\r\n"),
    "a malformed trailer": chunked("0\r\nX : 3\r\n\r\n"),
    "a bare line feed in the trailers": chunked("0\r\nX: 3\n\r\n"),
    "trailers that are too large": chunked(`0\r\nX: ${"a".repeat(9000)}\r\n\r\n`),
    "too many fields": head(Array.from({ length: 201 }, (_, at) => `X${at}: 1`).join("\r\n")),
    "a header section that is too large": head(`X: ${"a".repeat(66_000)}`),
    "another protocol": "SSH-2.0-OpenSSH_9.6\r\n",
  };
  for (const [name, text] of Object.entries(cases)) {
    it(name, () => {
      assert.notEqual(read(text, { close: false }).problem, null, "in one read");
      const cuts = Array.from({ length: Math.min(text.length, 3000) - 1 }, (_, at) => at + 1);
      assert.notEqual(read(text, { close: false, cuts }).problem, null, "byte by byte");
    });
  }

  it("lets no handler call follow", () => {
    const { responses } = read(`${chunked("3\r\nabcX\r\n")}4\r\nevil\r\n`);
    assert.equal(responses[0]?.body, "abc");
    assert.equal(responses[0]?.complete, false);
  });
});

describe("limits", () => {
  it("hold to the byte, in one read and in many", () => {
    const section = "HTTP/1.1 200 OK\r\nX: aaaaaaaaaa\r\nContent-Length: 0";
    const fits = { ...defaultResponseLimits, headerBytes: section.length };
    const tight = { ...defaultResponseLimits, headerBytes: section.length - 1 };
    const text = `${section}\r\n\r\n`;
    const cuts = Array.from({ length: text.length - 1 }, (_, at) => at + 1);
    for (const split of [[], cuts]) {
      assert.equal(read(text, { limits: fits, cuts: split }).problem, null);
      assert.match(read(text, { limits: tight, cuts: split }).problem ?? "", /too large/);
    }
  });
});

describe("any way of cutting", () => {
  const messages: readonly string[] = [
    "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No\r\n\r\nHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: u\r\n\r\n",
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX : bad\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcgarbage",
  ];

  it("gives the same result at every offset, at every pair of offsets, and byte by byte", () => {
    for (const text of messages) {
      const whole = outcome(read(text));
      for (let first = 1; first < text.length; first += 1) {
        assert.deepEqual(outcome(read(text, { cuts: [first] })), whole, `cut at ${first}: ${text}`);
        const second = Math.min(text.length, first + 1 + (first % 7));
        assert.deepEqual(outcome(read(text, { cuts: [first, second] })), whole, `cut at ${first}, ${second}: ${text}`);
      }
      const cuts = Array.from({ length: text.length - 1 }, (_, at) => at + 1);
      assert.deepEqual(outcome(read(text, { cuts })), whole, text);
    }
  });

  it("never crashes on mutations, and they are read alike whole and cut", () => {
    const random = generator(20_260_101);
    for (let round = 0; round < 4000; round += 1) {
      const bytes = Buffer.from(messages[random(messages.length)] as string, "latin1");
      for (let change = random(4); change >= 0; change -= 1) mutate(bytes, random);
      const whole = outcome(readResponses(bytes));
      const cut = outcome(readResponses(bytes, { cuts: [1 + random(bytes.length - 1)] }));
      assert.deepEqual(cut, whole, `round ${round}: ${JSON.stringify(bytes.toString("latin1"))}`);
    }
  });
});

function keeps(section: string, bodyless = false): boolean | undefined {
  let keepAlive: boolean | undefined;
  const parser = new ResponseParser();
  parser.begin({ interim: ignore, data: ignore, head: ({ framing }) => (keepAlive = framing.keepAlive) }, bodyless);
  parser.push(Buffer.from(`${section}\r\n\r\n`, "latin1"));
  return keepAlive;
}

/** Which rule refused a doubly wrong message may depend on where it was cut; what was accepted may not. */
function outcome({ responses, problem }: Reading): unknown {
  return { refused: problem !== null, responses };
}

function mutate(bytes: Buffer, random: (below: number) => number): void {
  const interesting = "\r\n\0 \t:;,0129aFx\x7f\xff";
  const at = random(bytes.length);
  const kind = random(3);
  if (kind === 0) bytes[at] = interesting.charCodeAt(random(interesting.length));
  else if (kind === 1) bytes.copyWithin(at, random(bytes.length));
  else bytes[at] = random(256);
}

/** Seeded, so that a failure can be repeated (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
