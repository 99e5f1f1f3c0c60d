import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { request as openRequest } from "node:http";
import type { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
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
  asking:
    path: /asking
    backend: up
    access: public
    policies:
      inbound:
        - base
        - wait:
            policies:
              - send-request:
                  responseVariable: who
                  policies:
                    - set-url: "${other}/users/\${request.query.user}"
                    - authentication-basic: { username: gateway, password: "pw:1" }
              - send-request:
                  mode: copy
                  responseVariable: checked
                  policies: [{ set-url: "${other}/check" }, { set-header: { name: X-Extra, values: ["1"] } }]
        - choose:
            when:
              - condition: variables.checked.status != 200
                policies: [{ return-response: { responseVariable: checked } }]
        - set-header: { name: X-Team, values: ["\${variables.who.json.team}"] }
        - send-one-way-request: { policies: [{ set-url: "${other}/told" }, { set-method: POST }, { set-body: "\${request.body}" }] }
  computed:
    path: /computed
    backend: up
    access: public
    policies:
      inbound:
        - send-request:
            responseVariable: it
            timeout: 300ms
            ignoreError: \${"ignore" in request.query}
            policies: [{ set-url: "\${request.query.url}" }]
        - return-response: { body: "\${variables.it == null ? 'nothing' : variables.it.body}" }
  hanging:
    path: /hanging
    backend: up
    access: public
    policies: { inbound: [{ send-request: { responseVariable: it, policies: [{ set-url: "${other}/hang" }] } }] }
backends: { up: { url: "${url}" } }
`;
}

/** Policies that decide how often, where and when it is called: with real servers behind. */
describe("policies that steer the forwarding", () => {
  let upstream: TestUpstream;
  let other: TestUpstream;
  let gateway: TestGateway;
  const told: string[] = [];
  const events = new EventEmitter();
  const hanging = once(events, "hanging");
  const times = new Map<string, number>();

  before(async () => {
    other = await startUpstream((request, response) => {
      const path = request.url ?? "";
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        told.push(`${request.method} ${path} ${body}`);
        if (path === "/slow") return undefined;
        if (path === "/hang") return void events.emit("hanging", request.socket);
        if (path === "/moved") return void response.writeHead(302, { location: "/slow" }).end("moved");
        if (path === "/check" && body === "bad")
          return void response.writeHead(422, { "x-why": "body" }).end("bad body");
        if (path.startsWith("/users/")) return void response.end(JSON.stringify({ team: `t-${path.slice(7)}` }));
        return void response.end(JSON.stringify({ path }));
      });
      return undefined;
    });
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
        const { "x-team": team } = request.headers;
        if (team !== undefined) return void response.end(String(team));
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
    assert.equal(other.seen.find(({ url }) => url === "/there")?.headers.authorization, undefined);
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

  it("asks other services, and lets what they say decide", async () => {
    const headers = { authorization: "Bearer secret", "x-client": "1", "x-auth-request-user": "forged" };
    const good = await call(gateway, "/asking?user=ann", { method: "POST", headers, body: "good" });
    assert.deepEqual([good.status, good.text], [200, "t-ann"]);
    const user = other.seen.find(({ url }) => url === "/users/ann")?.headers;
    assert.equal(user?.authorization, `Basic ${Buffer.from("gateway:pw:1").toString("base64")}`);
    assert.equal(user?.["x-client"], undefined);
    const check = other.seen.find(({ url }) => url === "/check")?.headers;
    assert.deepEqual(
      [check?.["x-client"], check?.["x-extra"], check?.["x-auth-request-user"], check?.["content-length"]],
      ["1", "1", undefined, "4"],
    );
    assert.equal(told.includes("POST /check good"), true);
    const bad = await call(gateway, "/asking?user=ann", { method: "POST", body: "bad" });
    assert.deepEqual([bad.status, bad.text, bad.headers["x-why"]], [422, "bad body", "body"]);
    assert.equal((await call(gateway, "/asking?user=..%2F..%2Fadmin", { method: "POST" })).status, 500);
    for (let tries = 0; tries < 100 && !told.includes("POST /told good"); tries += 1) await sleep(10);
    assert.equal(told.includes("POST /told good"), true);
    assert.equal(told.includes("POST /told bad"), false);
  });

  it("calls computed URLs only where egress control allows it, follows no redirect, and gives up in time", async () => {
    const to = (url: string, more = ""): ReturnType<typeof call> =>
      call(gateway, `/computed?url=${encodeURIComponent(url)}${more}`);
    assert.deepEqual((await to(`${other.url}/x`)).json(), { path: "/x" });
    assert.equal((await to(`${other.url}/moved`)).text, "moved");
    for (const url of [upstream.url, "http://169.254.169.254/metadata", `http://localhost:${gateway.port}/`]) {
      const refused = await to(url);
      assert.deepEqual([refused.status, refused.json()["reason"]], [502, "egress-not-allowed"], url);
    }
    const late = await to(`${other.url}/slow`);
    assert.deepEqual([late.status, late.json()["reason"]], [504, "upstream-timeout"]);
    assert.equal((await to(`${other.url}/slow`, "&ignore=yes")).text, "nothing");
  });

  it("lets go of a call when the client does", async () => {
    const client = openRequest({ port: gateway.port, path: "/hanging" });
    client.on("error", () => {});
    client.end();
    const [upstreamSocket] = (await hanging) as [Socket];
    const closed = once(upstreamSocket, "close");
    client.destroy();
    await closed;
  });
});
