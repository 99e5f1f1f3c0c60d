import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { chunkedRequest, noBody, writeLastChunk, writeRequestHead } from "./http1-request-writer.ts";

const isInternal = (error: unknown): boolean => error instanceof GatewayError && error.code === "internal";

describe("writeRequestHead", () => {
  it("writes target, host, fields and framing", () => {
    assert.equal(
      writeRequestHead("GET", "/a?b=c", "up:8080", ["X-A", "1", "x-a", ""], noBody),
      "GET /a?b=c HTTP/1.1\r\nHost: up:8080\r\nX-A: 1\r\nx-a: \r\n\r\n",
    );
    assert.match(writeRequestHead("POST", "/", "h", [], 12), /\r\nContent-Length: 12\r\n\r\n$/);
    assert.match(writeRequestHead("POST", "/", "h", [], 0), /\r\nContent-Length: 0\r\n\r\n$/);
    assert.match(writeRequestHead("POST", "/", "h", [], chunkedRequest), /\r\nTransfer-Encoding: chunked\r\n\r\n$/);
  });

  it("alone decides framing, connection and Host", () => {
    const theirs = ["Host", "Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "Upgrade", "Expect"];
    const fields = [...theirs, "Proxy-Connection", "Trailer"].flatMap((name) => [name, "9"]);
    assert.equal(writeRequestHead("GET", "/", "h", fields, noBody), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  });

  it("says that TE is for the next hop", () => {
    assert.match(writeRequestHead("GET", "/", "h", ["TE", "trailers"], noBody), /TE: trailers\r\nConnection: TE\r\n/);
  });

  const splitting = ["a\r\nEvil: 1", "a\nb", "a\rb", "a\0b", "a\u010db", "a\u010ab", "a\u{1f600}", "a\x7f"];
  for (const text of splitting) {
    it(`refuses ${JSON.stringify(text)} everywhere`, () => {
      assert.throws(() => writeRequestHead("GET", "/", "h", ["X", text], noBody), isInternal);
      const long = ["X", `${"t".repeat(900)}${text}${"t".repeat(900)}`];
      assert.throws(() => writeRequestHead("GET", "/", "h", long, noBody), isInternal);
      assert.throws(() => writeRequestHead("GET", "/", "h", [text, "x"], noBody), isInternal);
      assert.throws(() => writeRequestHead("GET", `/${text}`, "h", [], noBody), isInternal);
      assert.throws(() => writeRequestHead("GET", "/", text, [], noBody), isInternal);
      assert.throws(() => writeRequestHead(text, "/", "h", [], noBody), isInternal);
      assert.throws(() => writeLastChunk(["X", text]), isInternal);
    });
  }

  it("refuses blanks in the request line and empty parts", () => {
    assert.throws(() => writeRequestHead("GET", "/a HTTP/1.1", "h", [], noBody), isInternal);
    assert.throws(() => writeRequestHead("GET x", "/", "h", [], noBody), isInternal);
    assert.throws(() => writeRequestHead("GET", "", "h", [], noBody), isInternal);
    assert.throws(() => writeRequestHead("GET", "/", "", [], noBody), isInternal);
    assert.throws(() => writeRequestHead("GET", "/", "h", ["", "x"], noBody), isInternal);
  });

  it("takes every other character of a field's value, however long it is", () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
    const allowed = all.slice(0x20).replace("\x7f", "\t");
    for (const value of [allowed, allowed.repeat(9), "", "x".repeat(64), "x".repeat(65)])
      assert.ok(writeRequestHead("GET", "/", "h", ["X", value], noBody).includes(`X: ${value}\r\n`));
  });

  it("keeps values out of its message", () => {
    try {
      writeRequestHead("GET", "/", "h", ["Authorization", "secret\r\n"], noBody);
      assert.fail();
    } catch (error) {
      assert.doesNotMatch(String(error), /secret/);
    }
  });
});

describe("writeLastChunk", () => {
  it("ends the body, with the trailers that may be there", () => {
    assert.equal(writeLastChunk(null), "0\r\n\r\n");
    assert.equal(writeLastChunk(["X", "1", "Content-Length", "3"]), "0\r\nX: 1\r\n\r\n");
  });
});
