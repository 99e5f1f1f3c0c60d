import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { bodyOf, folderOf, type Sample, samplesOf, spans } from "./llhttp-samples.test-helper.ts";
import { readResponses } from "./reading.test-helper.ts";

const absent = existsSync(folderOf("response")) ? false : "corpora absent: ../shared/corpora/http/llhttp/response";

/** Where this parser refuses what the corpus' parser takes, and why. */
const stricter: Readonly<Record<string, string>> = {
  "transfer-encoding.md: `chunked` before other transfer-encoding": "a coding other than one final chunked",
  "transfer-encoding.md: multiple transfer-encoding where chunked is not the last one": "repeated Transfer-Encoding",
  "transfer-encoding.md: `chunkedchunked` transfer-encoding does not enable chunked enconding": "unknown coding",
  "connection.md: HTTP 101 response with Upgrade and Content-Length header": "a switch of protocols nobody asked for",
  "connection.md: HTTP 101 response with Upgrade and Transfer-Encoding header":
    "a switch of protocols nobody asked for",
  "connection.md: HTTP 304 with Content-Length": "an empty line before the status line",
  "connection.md: HTTP 100 first, then 400": "an empty line before the status line",
  "pipelining.md: Should parse multiple events": "an empty line before the status line",
  "sample.md: Response starting with CRLF": "an empty line before the status line",
  "sample.md: RTSP response": "not HTTP",
  "sample.md: ICE response": "not HTTP",
  "sample.md: HTTP version 0.9": "not HTTP/1",
};

/** Where the corpus' parser refuses the surplus of a connection; here the response stands and the connection is dropped. */
const surplus: ReadonlySet<string> = new Set([
  "connection.md: HTTP/1.1 with keep-alive disabled and 204 status",
  "connection.md: HTTP/1.1 with keep-alive disabled, content-length",
]);

describe("llhttp's strict response samples", { skip: absent }, () => {
  const samples = absent === false ? samplesOf("response") : [];

  it("has them all", () => {
    assert.ok(samples.length >= 45, `${samples.length} samples`);
    for (const name of [...Object.keys(stricter), ...surplus]) {
      assert.ok(
        samples.some((sample) => sample.name === name),
        `${name} is listed, but is not in the corpus`,
      );
    }
  });

  for (const sample of samples) {
    it(sample.name, () => check(sample));
  }
});

function check(sample: Sample): void {
  const read = readResponses(sample.input);
  const refused = /error code=(?!2[123]\b)\d+/.test(sample.log) && !surplus.has(sample.name);
  if (sample.name in stricter) {
    assert.equal(refused, false, "no longer a deviation");
    assert.notEqual(read.problem, null, "listed as stricter, but accepted");
    return;
  }
  assert.equal(read.problem !== null, refused, read.problem ?? "accepted");
  if (refused) return;
  const fields = spans(sample.log, "header_field");
  const statuses = [...sample.log.matchAll(/headers complete status=(\d+)/g)].map((match) => Number(match[1]));
  assert.deepEqual(
    read.responses.map(({ status }) => status),
    statuses,
  );
  assert.deepEqual(
    read.responses.flatMap(({ fields: all }) => all.filter((_, at) => at % 2 === 0)),
    fields,
  );
  assert.deepEqual(
    read.responses.flatMap(({ fields: all }) => all.filter((_, at) => at % 2 === 1)),
    spans(sample.log, "header_value").map((value) => value.replaceAll("\\t", "\t").trim()),
  );
  assert.equal(read.responses.map(({ body }) => body).join(""), bodyOf(sample.log));
}
