import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

function definition(url: string): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, limits: { policyBodySize: 2KiB } }
apis:
  asked:
    path: /asked
    backend: echo
    access: public
    policies:
      inbound:
        - base
        - set-header: { name: X-Item, values: ["\${request.json.item}"] }
        - choose:
            when:
              - { condition: 'request.json.item == "mine"', policies: [{ return-response: { status: 403, body: "\${request.body}" } }] }
  changed:
    path: /changed
    backend: echo
    access: public
    policies:
      outbound: [base, { set-header: { name: X-Bytes, values: ["\${response.json.bytes}"] } }]
  unread:
    path: /unread
    backend: echo
    access: public
    policies: { inbound: [base, { set-header: { name: X-Item, values: ["plain"] } }] }
  edited:
    path: /edited
    backend: echo
    access: public
    policies:
      inbound: [base, { find-and-replace: { from: lamp, to: lantern } }, { trace: { source: test, severity: information, message: "saw \${request.headers['authorization']}" } }]
      outbound: [base, { find-and-replace: { from: '"item"', to: '"thing"' } }]
  json: { path: /json, backend: fixed, access: public, policies: { outbound: [base, { json-to-xml: { apply: always, considerAcceptHeader: false } }] } }
  read: { path: /read, backend: fixed, access: public, policies: { outbound: [base, { set-header: { name: X-A, values: ["\${response.body}"] } }] } }
  set: { path: /set, backend: fixed, access: public, policies: { outbound: [base, { set-body: "longer than it was" }] } }
  made: { path: /made, backend: fixed, access: public, policies: { outbound: [base, { set-body: "<\${response.body}>" }] } }
  replaced: { path: /replaced, backend: fixed, access: public, policies: { outbound: [base, { find-and-replace: { from: a, to: bb } }] } }
  large: { path: /large, backend: large, access: public, policies: { outbound: [base, { set-body: "\${response.body}" }] } }
backends: { echo: { url: "${url}" }, large: { url: "${url}/large" }, fixed: { url: "${url}/fixed" } }
`;
}

/** What a GET would send is told to HEAD as well, as any server does. */
function answerFixed(url: string, response: ServerResponse): void {
  const coded = url.includes("gzip");
  const body = coded ? gzipSync('{"a":1}') : Buffer.from('{"a":1}');
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", body.length);
  if (coded) response.setHeader("Content-Encoding", "gzip");
  response.setHeader("ETag", '"1"');
  response.end(body);
}

/** Bodies that policies look into, on their way through the whole gateway. */
describe("bodies that policies read", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url?.startsWith("/large") === true) return void response.end("x".repeat(3000));
      if (request.url?.startsWith("/fixed") === true) return answerFixed(request.url, response);
      const hash = createHash("sha256");
      let bytes = 0;
      request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        hash.update(chunk);
      });
      request.on("end", () => {
        const { "content-length": length = null, "x-item": item = null, "content-encoding": coding } = request.headers;
        response.setHeader("content-type", "application/json");
        const answer = JSON.stringify({ bytes, digest: hash.digest("hex"), length, item, coding });
        if (request.url !== "/edited" && request.headers["accept-encoding"] !== "br") return void response.end(answer);
        response.setHeader("content-encoding", "br");
        return void response.end(brotliCompressSync(answer));
      });
      return undefined;
    });
    gateway = await startTestGateway({ definition: definition(upstream.url), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  function post(path: string, body: string): ReturnType<typeof call> {
    return call(gateway, path, { method: "POST", headers: { "content-type": "application/json" }, body });
  }

  it("go on as they came, with what was read from them", async () => {
    const body = `{"item": "lantern", "note": "ÄÖ ${"x".repeat(500)}"}`;
    const answer = (await post("/asked", body)).json();
    assert.equal(answer["item"], "lantern");
    assert.equal(answer["bytes"], Buffer.byteLength(body));
    assert.equal(answer["length"], String(Buffer.byteLength(body)));
    assert.equal(answer["digest"], createHash("sha256").update(body).digest("hex"));
  });

  it("decide, also about a chunked one", async () => {
    const body = '{"item":"mine"}';
    const refused = await call(gateway, "/asked", {
      method: "POST",
      headers: { "transfer-encoding": "chunked" },
      body,
    });
    assert.deepEqual([refused.status, refused.text], [403, body]);
  });

  it("that are no JSON fail the expression, and with it the request", async () => {
    const failed = await post("/asked", "no json");
    assert.deepEqual([failed.status, failed.json()["reason"]], [500, "expression-failed"]);
    assert.equal((await call(gateway, "/asked")).status, 500, "nor is a body that is not there");
  });

  it("of responses are read and go on", async () => {
    const answer = await post("/changed", "12345");
    assert.equal(answer.headers["x-bytes"], "5");
    assert.equal(answer.json()["bytes"], 5);
  });

  it("are decoded before policies change them, in both directions", async () => {
    const headers = { "content-encoding": "gzip", "accept-encoding": "br", authorization: "Basic c2VjcmV0LWhlcmU=" };
    const answer = await call(gateway, "/edited", { method: "POST", headers, body: gzipSync("a lamp, a lamp") });
    const expected = "a lantern, a lantern";
    assert.equal(answer.headers["content-encoding"], undefined);
    const { thing, length, digest, coding } = answer.json();
    assert.deepEqual([thing, length, coding], [null, String(expected.length), undefined]);
    assert.equal(digest, createHash("sha256").update(expected).digest("hex"));
    const bomb = await call(gateway, "/edited", { method: "POST", headers, body: gzipSync("x".repeat(1_000_000)) });
    assert.deepEqual([bomb.status, bomb.json()["reason"]], [413, "body-too-large"]);
    const unknown = await call(gateway, "/edited", { method: "POST", headers: { "content-encoding": "x" }, body: "x" });
    assert.deepEqual([unknown.status, unknown.json()["reason"]], [415, "content-coding-unsupported"]);
    assert.match(gateway.output(), /"message":"saw Basic \*\*\*"/);
  });

  it("are refused when larger than policies take; a body that no policy reads is not", async () => {
    const body = JSON.stringify({ item: "x".repeat(3000) });
    const refused = await post("/asked", body);
    assert.deepEqual([refused.status, refused.json()["reason"]], [413, "body-too-large"]);
    assert.equal((await post("/unread", body)).json()["bytes"], body.length);
    const response = await call(gateway, "/large");
    assert.deepEqual([response.status, response.json()["reason"]], [502, "upstream-too-large"]);
  });

  it("cannot be asked for where it is decided who may call", async () => {
    const text = definition(upstream.url).replace("access: public", 'access: [{ allow: "request.json.item == 1" }]');
    const other = await startTestGateway({ definition: text }).catch((error: Error) => error);
    assert.ok(other instanceof Error);
    assert.match(other.message, /7:24 +error expression-misplaced +this condition cannot read a body/);
  });

  for (const [path, headLength, getLength] of [
    ["/json/x", undefined, "8"],
    ["/json/gzip", undefined, "8"],
    ["/replaced/x", undefined, "8"],
    ["/replaced/gzip", undefined, "8"],
    ["/set/x", "18", "18"],
    ["/set/gzip", "18", "18"],
    ["/made/x", undefined, "9"],
    ["/read/x", "7", "7"],
    ["/read/gzip", undefined, "7"],
  ] as const) {
    it(`tells HEAD no length of what GET is not sent: ${path}`, async () => {
      const get = await call(gateway, path);
      const head = await call(gateway, path, { method: "HEAD" });
      assert.deepEqual([get.status, head.status], [200, 200]);
      assert.equal(get.headers["content-length"], getLength);
      assert.equal(head.headers["content-length"], headLength);
      assert.equal(head.headers["content-encoding"], get.headers["content-encoding"]);
      assert.equal(head.text, "");
    });
  }
});
