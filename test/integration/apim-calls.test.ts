import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** A document as teams write them: it asks, waits, repeats, limits and answers, with C# throughout. */
const document = (other: string): string => `<policies>
  <inbound>
    <base />
    <quota-by-key calls="1000" bandwidth="100000" renewal-period="3600" counter-key="@(context.Request.IpAddress)" increment-condition="@(context.Response.StatusCode < 400)" first-period-start="2024-01-01T00:00:00Z" />
    <rate-limit-by-key calls="3" renewal-period="60" counter-key="@("failed " + context.Request.Headers.GetValueOrDefault("X-Who", "nobody"))" increment-condition="@(context.Response.StatusCode == 502)" />
    <wait for="all">
      <send-request mode="new" response-variable-name="who" timeout="10" ignore-error="true">
        <set-url>@("${other}/who/" + context.Request.Headers.GetValueOrDefault("X-Who", "nobody"))</set-url>
        <set-method>POST</set-method>
        <set-header name="Content-Type" exists-action="override"><value>application/json</value></set-header>
        <set-body>@(new JObject(new JProperty("path", context.Request.Url.Path)).ToString(Newtonsoft.Json.Formatting.None))</set-body>
        <authentication-basic username="gateway" password="pw" />
      </send-request>
      <send-request mode="copy" response-variable-name="gone" timeout="2" ignore-error="true">
        <set-url>http://127.0.0.1:1/</set-url>
      </send-request>
    </wait>
    <choose>
      <when condition="@(context.Variables["gone"] == null && ((IResponse)context.Variables["who"]).StatusCode == 403)">
        <return-response response-variable-name="who"><set-header name="X-Refused" exists-action="override"><value>yes</value></set-header></return-response>
      </when>
    </choose>
    <set-header name="X-Team" exists-action="override"><value>@((string)((IResponse)context.Variables["who"]).Body.As<JObject>()["team"])</value></set-header>
    <cache-value key="stage" variable-name="stage" expires-after="600"><value><set-variable name="stage" value="@("s" + 1)" /></value></cache-value>
  </inbound>
  <backend>
    <limit-concurrency key="@(context.Api.Id)" max-count="3">
      <retry condition="@(context.Response == null || context.Response.StatusCode == 503)" count="3" interval="0" first-fast-retry="true">
        <forward-request timeout="20" buffer-request-body="true" fail-on-error-status-code="false" />
      </retry>
    </limit-concurrency>
  </backend>
  <outbound>
    <base />
    <set-header name="X-Stage" exists-action="override"><value>@((string)context.Variables["stage"])</value></set-header>
  </outbound>
  <on-error>
    <base />
    <set-header name="X-Error" exists-action="override"><value>@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.LastError.Section + "|" + context.LastError.Path)</value></set-header>
  </on-error>
</policies>`;

describe("calls and control flow in API Management's XML", () => {
  let upstream: TestUpstream;
  let other: TestUpstream;
  let gateway: TestGateway;
  const bodies: string[] = [];
  const times = new Map<string, number>();

  before(async () => {
    other = await startUpstream((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(`${request.headers.authorization} ${body}`);
        if (request.url === "/who/eve") return void response.writeHead(403, { "x-why": "eve" }).end("not you");
        return void response.end(JSON.stringify({ team: `team of ${request.url?.slice(5)}` }));
      });
    });
    upstream = await startUpstream((request, response) => {
      const { url = "", headers } = request;
      const nth = (times.get(url) ?? 0) + 1;
      times.set(url, nth);
      request.resume();
      if (url === "/down") return void response.socket?.destroy();
      if (url === "/busy" && nth < 3) return void response.writeHead(503).end();
      return void response.end(`${nth} ${String(headers["x-team"])}`);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
egress: { allow: ["${other.url}"] }
apis: { orders: { path: /orders, backend: up, access: public, policies: ./policy.xml } }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "policy.xml": document(other.url) },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
    await other.close();
  });

  const post = (path: string, who: string): ReturnType<typeof call> =>
    call(gateway, path, { method: "POST", headers: { "x-who": who }, body: "given" });

  it("ask another service, repeat what the backend was too busy for, and have values of the cache", async () => {
    const answer = await post("/orders/busy", "ann");
    assert.deepEqual([answer.status, answer.text, answer.headers["x-stage"]], [200, "3 team of ann", "s1"]);
    assert.match(bodies[0] ?? "", new RegExp(`^Basic ${Buffer.from("gateway:pw").toString("base64")} \\{"path":"/`));
  });

  it("answer with what was received", async () => {
    const answer = await post("/orders/x", "eve");
    assert.deepEqual(
      [answer.status, answer.text, answer.headers["x-why"], answer.headers["x-refused"]],
      [403, "not you", "eve", "yes"],
    );
  });

  it("tell on-error what failed and where, and limit who fails too often", async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      const failed = await post("/orders/down", "bob");
      assert.equal(failed.status, 502);
      assert.equal(
        failed.headers["x-error"],
        "forward-request|BackendConnectionFailure|backend|limit-concurrency/retry/forward-request",
      );
    }
    const limited = await post("/orders/x", "bob");
    assert.deepEqual(
      [limited.status, limited.headers["x-error"]],
      [429, "rate-limit-by-key|RateLimitExceeded|inbound|rate-limit-by-key"],
    );
  });
});
