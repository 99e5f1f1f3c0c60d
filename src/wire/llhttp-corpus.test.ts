import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { readResponses } from "./reading.test-helper.ts";

const folder = resolve(import.meta.dirname, "../../../shared/corpora/http/llhttp/response");
const absent = existsSync(folder) ? false : "corpora absent: ../shared/corpora/http/llhttp/response";

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

interface Sample {
  readonly name: string;
  readonly input: Buffer;
  readonly log: string;
}

describe("llhttp's strict response samples", { skip: absent }, () => {
  const samples = absent === false ? readdirSync(folder).flatMap((file) => samplesOf(file)) : [];

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

/** Spans of one name up to its `complete`; those left open by the end of the input do not count. */
function spans(log: string, name: string): string[] {
  const found: string[] = [];
  let open = "";
  for (const line of log.split("\n")) {
    const match = new RegExp(`span\\[${name}\\]="(.*)"$`).exec(line);
    if (match !== null) open += match[1] as string;
    if (!line.endsWith(`${name} complete`)) continue;
    found.push(open);
    open = "";
  }
  return found;
}

function bodyOf(log: string): string {
  const pieces = [...log.matchAll(/span\[body\]=(?:"(.*)"|(cr|lf))$/gm)];
  return pieces.map((match) => match[1] ?? (match[2] === "cr" ? "\r" : "\n")).join("");
}

function samplesOf(file: string): Sample[] {
  const text = readFileSync(join(folder, file), "utf8");
  const pattern =
    /^#{2,3} ([^\n]+)\n(?:(?!^#)[\s\S])*?<!-- meta=(\{.*?\}) *-->\s*```http\n([\s\S]*?)```(?:(?!^#)[\s\S])*?```log\n([\s\S]*?)```/gm;
  return [...text.matchAll(pattern)]
    .filter((match) => (JSON.parse(match[2] as string) as { type: string }).type === "response")
    .filter((match) => !/"pause"|"skipBody"/.test(match[2] as string))
    .map((match) => ({ name: `${file}: ${match[1]}`, input: decode(match[3] as string), log: match[4] as string }));
}

function decode(fence: string): Buffer {
  const text = fence
    .replace(/\n$/, "")
    .replaceAll("\\\n", "")
    .replaceAll("\n", "\r\n")
    .replace(/\\(?:([rntf])|x([0-9a-fA-F]{2})|([0-7]{1,3}))/g, (_, letter, hex, octal) => {
      if (letter !== undefined) return ({ r: "\r", n: "\n", t: "\t", f: "\f" } as Record<string, string>)[letter] ?? "";
      return String.fromCharCode(hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16));
    });
  return Buffer.from(text, "latin1");
}
