import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { HttpFileProblem, parseRequest, parseResponse } from "./http-file.ts";

describe(".http files", () => {
  it("hold a request with fields and a body", () => {
    const { method, target, headers, body } = parseRequest(
      "# one\r\nPOST /a?b=c HTTP/1.1\r\nA: 1\r\nB:  2 \r\n\r\nx\r\ny\r\n",
    );
    assert.deepEqual([method, target, headers], ["POST", "/a?b=c", ["A", "1", "B", "2"]]);
    assert.equal(Buffer.from(body ?? []).toString(), "x\ny");
  });

  it("may name no method, and hold more requests than the first", () => {
    assert.deepEqual(parseRequest("\n### first\nhttps://a.example/b\n\n### second\nPOST /c\n"), {
      method: "GET",
      target: "https://a.example/b",
      headers: [],
      body: null,
    });
  });

  it("hold a response", () => {
    const { status, reason, headers, body } = parseResponse("HTTP/1.1 404\nA: 1\n\nnone");
    assert.deepEqual([status, reason, headers], [404, "Not Found", ["A", "1"]]);
    assert.equal(Buffer.from(body ?? []).toString(), "none");
  });

  for (const [text, says] of [
    ["", /line 1: a method/],
    ["GET", /line 1: a method/],
    ["GET /a\nno field\n", /line 2: a header field/],
  ] as const) {
    it(`that are none are told: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseRequest(text),
        (error: unknown) => error instanceof HttpFileProblem && says.test(error.message),
      );
    });
  }

  it("without a status line are no responses", () => {
    assert.throws(() => parseResponse("GET /"), HttpFileProblem);
  });
});
