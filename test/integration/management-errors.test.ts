import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const key = "sp_test_0123456789abcdef0123456789";
const definition = `version: 1
errors: api-management
policies: global.xml
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  orders: { path: /orders, respond: { status: 200, body: ok } }
  counted: { path: /counted, access: public, respond: { status: 200, body: ok }, policies: { inbound: [base, { rate-limit-by-key: { calls: 1, period: 60s, key: all } }] } }
  failing: { path: /failing, access: public, respond: { status: 200, body: ok }, policies: { inbound: [base, { set-header: { name: X-A, values: ["\${variables.none}"] } }] } }
  changed:
    path: /changed
    access: public
    backend: down
    policies: { on-error: [base, { set-header: { name: X-Saw, values: ["\${response.status}"] } }] }
  told: { path: /told, respond: { status: 200, body: ok }, policies: told.xml, operations: { read: { method: GET, path: /a } } }
  native: { path: /native, errors: problem, access: [{ deny: "true" }], respond: { status: 200, body: ok } }
backends: { down: { url: "http://127.0.0.1:1" } }
products:
  starter: { apis: [orders, told], subscription: key, policies: { inbound: [base, { quota: { calls: 1, period: 1h } }] } }
subscriptions: { team: { product: starter, key: { env: TEST_KEY } } }
`;

const files = {
  "global.xml": `<policies>
  <inbound />
  <backend><forward-request /></backend>
  <outbound />
  <on-error>
    <choose>
      <when condition="@(context.LastError.Reason == "OperationNotFound" && context.Request.Headers.ContainsKey("X-Ask"))">
        <set-header name="X-Global" exists-action="override"><value>@(context.LastError.Source + "|" + context.LastError.Message + "|" + (context.Api == null) + (context.Operation == null) + context.Request.OriginalUrl.Path + context.Deployment.Region)</value></set-header>
        <set-body>@("nothing at " + context.Request.Url.Path + context.Response.StatusCode)</set-body>
      </when>
    </choose>
  </on-error>
</policies>`,
  "told.xml": `<policies>
  <inbound><base /></inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error>
    <base />
    <set-header name="X-Told" exists-action="override"><value>@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.Response.StatusCode)</value></set-header>
  </on-error>
</policies>`,
};

/** What clients of API Management compare texts with. */
describe("refusals in API Management's words", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition, files, env: { TEST_KEY: key }, args: ["--workers", "1"] });
  });
  after(() => gateway?.cleanUp());

  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<TestResponse> =>
    call(gateway, path, { headers });

  it("a key that is missing, and one that is wrong", async () => {
    const missing = await ask("/orders");
    assert.deepEqual(
      [missing.status, missing.headers["content-type"], missing.text],
      [
        401,
        "application/json",
        '{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API." }',
      ],
    );
    assert.equal(
      missing.headers["www-authenticate"],
      `AzureApiManagementKey realm="https://localhost:${gateway.port}/orders",name="Ocp-Apim-Subscription-Key",type="header"`,
    );
    const wrong = await ask("/orders", { "Ocp-Apim-Subscription-Key": "wrong" });
    assert.equal(
      wrong.text,
      '{ "statusCode": 401, "message": "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription." }',
    );
  });

  it("tells on-error of the key as API Management does", async () => {
    const missing = await ask("/told/a");
    assert.deepEqual([missing.status, missing.headers["x-told"]], [401, "authorization|SubscriptionKeyNotFound|401"]);
    const wrong = await ask("/told/a", { "Ocp-Apim-Subscription-Key": "wrong" });
    assert.deepEqual([wrong.status, wrong.headers["x-told"]], [401, "authorization|SubscriptionKeyInvalid|401"]);
  });

  it("a limit and a quota", async () => {
    await ask("/counted");
    const limited = await ask("/counted");
    const seconds = limited.headers["retry-after"];
    assert.deepEqual(
      [limited.status, limited.text],
      [429, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in ${seconds} seconds." }`],
    );
    const keyed = { "Ocp-Apim-Subscription-Key": key };
    await ask("/orders", keyed);
    const out = await ask("/orders", keyed);
    assert.equal(out.status, 403);
    assert.match(
      out.text,
      /^\{ "statusCode": 403, "message": "Out of call volume quota\. Quota will be replenished in \d\d:\d\d:\d\d\." \}$/,
    );
  });

  it("what is not there, whoever asks", async () => {
    const nowhere = await ask("/nowhere");
    assert.deepEqual([nowhere.status, nowhere.text], [404, '{ "statusCode": 404, "message": "Resource not found" }']);
    const told = await ask("/nowhere", { "X-Ask": "1" });
    assert.deepEqual(
      [told.status, told.text, told.headers["x-global"]],
      [
        404,
        "nothing at /nowhere404",
        "configuration|Unable to match incoming request to an operation.|TrueTrue/nowhere",
      ],
      "the global on-error runs",
    );
    const other = await call(gateway, "/told/a", { method: "PUT" });
    assert.deepEqual([other.status, other.text], [nowhere.status, nowhere.text], "no operation has that method");
  });

  it("what fails here or behind, told apart by the record alone", async () => {
    for (const path of ["/failing", "/changed"]) {
      const failed = await ask(path);
      const id = String(failed.headers["x-request-id"]);
      assert.deepEqual(
        [failed.status, failed.text],
        [500, `{ "statusCode": 500, "message": "Internal server error", "activityId": "${id}" }`],
      );
      if (path === "/changed") assert.equal(failed.headers["x-saw"], "500", "on-error sees the status that is sent");
    }
  });

  it("and an API with a format of its own keeps it", async () => {
    const denied = await ask("/native");
    assert.deepEqual(
      [denied.status, denied.headers["content-type"], denied.json()["reason"]],
      [401, "application/problem+json", "credentials-missing"],
    );
  });
});
