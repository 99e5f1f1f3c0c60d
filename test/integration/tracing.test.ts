import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import type { RequestTrace } from "#model/tracing.ts";

const field = "Apim-Debug-Authorization";
const key = "sp_key_0123456789abcdef0123456789abcdef";
const secret = "the-named-secret-7341";

/** A request shows a token that is good for a while, and its owner sees every step and value. */
describe("tracing a request", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  orders:
    path: /orders
    backend: echo
    access: [{ deny: 'request.path.endsWith("/closed")' }, { allow: 'principal.authenticated || subscription.id == "one"' }]
    policies: ./orders.policy.xml
  other: { path: /other, access: public, policies: { inbound: [{ return-response: { body: other } }] } }
products: { starter: { apis: [orders], subscription: key } }
subscriptions: { one: { product: starter, key: { env: TEST_KEY } } }
environments: { dev: { values: { token: { env: TEST_SECRET } } } }
backends: { echo: { url: "${upstream.url}" } }
`;
    const orders = `<policies><inbound><base />
<set-variable name="name" value="@(context.Request.Url.Path.Split('/').Last() + &quot;!&quot;)" />
<set-header name="X-Backend-Secret" exists-action="override"><value>@("Bearer " + "{{token}}")</value></set-header>
<choose><when condition="@((string)context.Variables[&quot;name&quot;] == &quot;7!&quot;)"><set-header name="X-Seven" exists-action="override"><value>yes</value></set-header></when></choose>
</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
    gateway = await startTestGateway({
      definition,
      files: { "orders.policy.xml": orders },
      args: ["--workers", "2", "--env", "dev"],
      env: { TEST_KEY: key, TEST_SECRET: secret },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const run = (...args: string[]) => runCli([...args, "--data", gateway.data]);
  const headers = (token?: string) => ({
    "Ocp-Apim-Subscription-Key": key,
    ...(token === undefined ? {} : { [field]: token }),
  });

  async function tokenFor(...args: readonly string[]): Promise<{ readonly token: string; readonly id: string }> {
    const { code, stdout, stderr } = await run("trace", "start", ...args, "--json");
    assert.deepEqual([code, stderr], [0, ""]);
    return JSON.parse(stdout) as { token: string; id: string };
  }

  async function traceOf(id: string): Promise<RequestTrace> {
    for (let tries = 0; ; tries += 1) {
      const { status, text } = await askAdmin(gateway, `GET /traces/${id}`);
      if (status === 200) return JSON.parse(text) as RequestTrace;
      assert.ok(tries < 50, `no trace ${id}: ${text}`);
      await sleep(50);
    }
  }

  it("shows hand-overs, rules, steps and values of whoever has the token, with secrets masked", async () => {
    const { token } = await tokenFor("--api", "orders");
    const answer = await call(gateway, "/orders/7", { headers: headers(token) });
    assert.equal(answer.status, 200);
    const { headers: seen = {} } = upstream.seen.at(-1) ?? {};
    assert.equal(seen["x-backend-secret"], `Bearer ${secret}`);
    assert.equal(seen[field.toLowerCase()], undefined, "the token goes no further");
    const id = answer.headers["apim-trace-id"] as string;
    assert.equal(id, answer.headers["x-request-id"]);

    const trace = await traceOf(id);
    assert.deepEqual([trace.api, trace.status, trace.path], ["orders", 200, "/orders/7"]);
    assert.ok(trace.handovers.some(({ step }) => step === "forward"));
    assert.deepEqual(
      trace.rules.map(({ effect, value }) => [effect, value]),
      [
        ["deny", false],
        ["allow", true],
      ],
    );
    assert.deepEqual(
      trace.steps.map(({ path, outcome }) => [path, outcome]),
      [
        ["set-variable", "done"],
        ["set-header", "done"],
        ["choose", "done"],
        ["choose/when/set-header", "done"],
      ],
    );
    const [variable, header] = trace.steps;
    assert.equal(variable?.expressions[0]?.value, '"7!"');
    assert.deepEqual(variable?.changes, [{ what: "variable name", before: null, after: '"7!"' }]);
    assert.deepEqual(header?.expressions, [{ source: "***", value: "***", error: null, secret: true }]);
    assert.deepEqual(header?.changes, [{ what: "request.header x-backend-secret", before: null, after: "***" }]);
    for (const hidden of [secret, key, token]) assert.ok(!JSON.stringify(trace).includes(hidden), hidden);

    const shown = await run("trace", "show", id);
    assert.match(shown.stdout, /Hand-overs\n[^]*Access rules\n {2}deny [^]*Policies\ninbound\n {2}set-variable/);
    assert.match((await run("trace", "list")).stdout, new RegExp(`^TRACE .*\\n${id} `));
  });

  it("traces refusals too, and nothing without a token, with another API's, or once it has ended", async () => {
    const { token, id } = await tokenFor("--api", "orders", "--for", "1m");
    const refused = await call(gateway, "/orders/closed", { headers: headers(token) });
    assert.equal(refused.status, 401);
    const trace = await traceOf(refused.headers["apim-trace-id"] as string);
    assert.deepEqual([trace.status, trace.steps, trace.rules[0]?.value], [401, [], true]);

    const plain = await call(gateway, "/orders/7", { headers: headers() });
    assert.equal(plain.headers["apim-trace-id"], undefined);
    const other = await call(gateway, "/other", { headers: { [field]: token } });
    assert.equal(other.headers["apim-trace-id"], undefined);
    assert.match(other.headers["apim-debug-authorization-wrongapi"] as string, /for the API orders/);
    assert.equal((await askAdmin(gateway, `GET /traces/${other.headers["x-request-id"]}`)).status, 404);

    assert.match((await run("trace", "tokens")).stdout, new RegExp(`\\n${id} +orders `));
    assert.equal((await run("trace", "end", id)).code, 0);
    const ended = await call(gateway, "/orders/7", { headers: headers(token) });
    assert.equal(ended.headers["apim-trace-id"], undefined);
    assert.equal((await run("trace", "end", id)).code, 1);
  });

  it("goes on under the next definition, and refuses an API that is not there", async () => {
    const { token } = await tokenFor();
    assert.equal((await run("reload")).code, 0);
    const answer = await call(gateway, "/other", { headers: { [field]: token } });
    assert.equal((await traceOf(answer.headers["apim-trace-id"] as string)).steps[0]?.name, "return-response");
    const unknown = await run("trace", "start", "--api", "nobody");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /There is no such API/);
    for (const command of [
      ["trace", "start"],
      ["logs", "level", "debug"],
    ]) {
      const { code, stderr } = await runCli([...command, "--for", "soon", "--data", gateway.data]);
      assert.deepEqual([code, /It takes a duration such as/.test(stderr)], [2, true], command.join(" "));
    }
  });

  it("sends a token that is none of ours on: it is for whoever stands behind", async () => {
    const answer = await call(gateway, "/orders/7", { headers: headers("a-token-of-api-management") });
    const { headers: seen = {} } = upstream.seen.at(-1) ?? {};
    assert.equal(seen[field.toLowerCase()], "a-token-of-api-management");
    assert.equal(answer.headers["apim-trace-id"], undefined);
  });
});
