import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

function definition(url: string, other: string): string {
  return `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
egress: { allow: ["${other}"] }
apis:
  repeated:
    path: /repeated
    backend: up
    access: public
    policies:
      backend:
        - retry:
            condition: 'response == null || response.status == 503 || response.body == "again"'
            count: 4
            interval: 10ms
            policies: [{ forward-request: { bufferRequestBody: true } }]
  moved:
    path: /moved
    backend: up
    access: public
    policies: { backend: [{ forward-request: { followRedirects: true } }] }
  strict:
    path: /strict
    backend: up
    access: public
    policies:
      backend: [{ choose: { when: [{ condition: "true", policies: [{ forward-request: { failOnErrorStatusCode: true } }] }] } }]
      on-error: [{ set-header: { name: X-Where, values: ["\${lastError.path} \${lastError.section}"] } }]
backends: { up: { url: "${url}" } }
`;
}

/** Policies that decide how often, where and when it is called: with real servers behind. */
describe("policies that steer the forwarding", () => {
  let upstream: TestUpstream;
  let other: TestUpstream;
  let gateway: TestGateway;
  const times = new Map<string, number>();

  before(async () => {
    other = await startUpstream();
    upstream = await startUpstream((request, response) => {
      const path = request.url ?? "";
      const nth = (times.get(path) ?? 0) + 1;
      times.set(path, nth);
      const hash = createHash("sha256");
      request.on("data", (chunk: Buffer) => hash.update(chunk));
      request.on("end", () => {
        if (path === "/cut" && nth < 3) return void response.socket?.destroy();
        if (path === "/busy" && nth < 3) return void response.writeHead(503).end();
        if (path === "/body" && nth < 3) return void response.end("again");
        const [, location] = path.split("?to=");
        if (location !== undefined)
          return void response.writeHead(302, { location: decodeURIComponent(location) }).end();
        if (path === "/broken") return void response.writeHead(502).end("stack trace");
        response.end(`${nth} ${hash.digest("hex")}`);
        return undefined;
      });
    });
    gateway = await startTestGateway({ definition: definition(upstream.url, other.url), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
    await other.close();
  });

  for (const path of ["/repeated/cut", "/repeated/busy", "/repeated/body"]) {
    it(`repeats ${path} with its body, each attempt by the permit`, async () => {
      const body = "x".repeat(100_000);
      const answer = await call(gateway, path, { method: "POST", body });
      assert.deepEqual([answer.status, answer.text], [200, `3 ${createHash("sha256").update(body).digest("hex")}`]);
    });
  }

  it("follows redirects of the backend; to others only where egress control allows it", async () => {
    const to = (target: string): ReturnType<typeof call> =>
      call(gateway, `/moved/a?to=${encodeURIComponent(target)}`, { headers: { authorization: "Bearer secret" } });
    assert.match((await to("/moved/b")).text, /^1 /);
    assert.deepEqual((await to(`${other.url}/there`)).json(), { path: "/there" });
    assert.equal(other.seen[0]?.headers.authorization, undefined);
    const refused = await to("http://127.0.0.1:1/");
    assert.deepEqual([refused.status, refused.json()["reason"]], [502, "egress-not-allowed"]);
  });

  it("tells on-error where it failed, and the client nothing of what the upstream said", async () => {
    const failed = await call(gateway, "/strict/broken");
    assert.equal(failed.status, 502);
    assert.equal(failed.headers["x-where"], "choose/when/forward-request backend");
    assert.equal(failed.json()["reason"], "upstream-status");
    assert.doesNotMatch(failed.text, /stack trace/);
  });
});
