import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { queryObjects } from "node:v8";
import { llhttpRequests } from "./llhttp.ts";

const { HTTPParser } = createRequire(import.meta.url)("_http_common") as { readonly HTTPParser: new () => object };

// The runtime holds a parser until it is closed: eight kilobytes a case, four gigabytes after half a million.
test("a reading by llhttp leaves no parser behind", () => {
  const inputs = ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHo", "no request\r\n\r\n"];
  // The first one makes what all of them share.
  llhttpRequests(Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "latin1"));
  const before = queryObjects(HTTPParser, { format: "count" });
  for (let round = 0; round < 20; round += 1) for (const input of inputs) llhttpRequests(Buffer.from(input, "latin1"));
  assert.equal(queryObjects(HTTPParser, { format: "count" }), before);
});
