import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const samples = join(import.meta.dirname, "..", "..", "..", "shared", "corpora", "apiops", "SampleArtifacts");
const primaryKey = "primary-key-of-team-a-0001";
const apiKey = "primary-key-of-one-api-0002";

function artifacts(url: string): Readonly<Record<string, string>> {
  const json = (properties: object): string => JSON.stringify({ properties });
  return {
    "policy.xml": `<policies><inbound><set-header name="X-Stage" exists-action="override"><value>{{stage}}</value></set-header></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>`,
    "apis/orders/apiInformation.json": json({
      path: "orders",
      displayName: "Orders",
      serviceUrl: `${url}/v1/`,
      protocols: ["https"],
      subscriptionRequired: true,
      subscriptionKeyParameterNames: { header: "X-Key", query: "key" },
      isCurrent: true,
      apiRevision: "1",
    }),
    "apis/orders/specification.json": JSON.stringify({
      swagger: "2.0",
      basePath: "/ignored",
      paths: { "/{id}": { get: { operationId: "get-order", responses: {} } } },
    }),
    "apis/orders/operations/get-order/policy.xml": `<policies><inbound><base /><set-header name="X-Token" exists-action="override"><value>{{token}}</value></set-header></inbound></policies>`,
    "apis/orders;rev=2/apiInformation.json": json({
      path: "orders",
      displayName: "Orders",
      subscriptionRequired: true,
      subscriptionKeyParameterNames: { header: "X-Key", query: "key" },
      apiRevision: "2",
    }),
    "apis/orders;rev=2/specification.yaml":
      "openapi: 3.0.1\npaths: { /*: { get: { operationId: all } }, '/{a}{b}': { get: { operationId: mixed } } }\n",
    "apis/orders;rev=2/policy.xml": `<policies><inbound><base /><set-backend-service backend-id="pool" /></inbound></policies>`,
    "apis/alone/apiInformation.json": json({ path: "alone", type: "soap", serviceUrl: url, displayName: "Alone" }),
    "products/starter/productInformation.json": json({ displayName: "Starter", state: "published" }),
    "products/starter/apis/orders/productApiInformation.json": "{}",
    "backends/one/backendInformation.json": json({
      url,
      protocol: "http",
      credentials: { header: { "x-a": ["b"] } },
      circuitBreaker: {
        rules: [
          {
            tripDuration: "PT1M",
            failureCondition: {
              count: 3,
              interval: "PT5M",
              statusCodeRanges: [
                { min: 429, max: 429 },
                { min: 500, max: 599 },
              ],
            },
          },
        ],
      },
    }),
    "backends/pool/backendInformation.json": json({
      type: "Pool",
      pool: { services: [{ id: "/backends/one", priority: 1, weight: 3 }] },
    }),
    "named values/stage/namedValueInformation.json": json({ displayName: "stage", value: "none" }),
    "named values/token/namedValueInformation.json": json({ displayName: "token", secret: true }),
    "subscriptions/team-a/subscriptionInformation.json": json({ scope: "/products/starter", state: "active" }),
    "loggers/l/loggerInformation.json": json({ loggerType: "azureEventHub" }),
    "configuration.dev.yaml": "namedValues:\n  - name: stage\n    properties: { value: dev }\n",
    "configuration.prod.yaml":
      "namedValues:\n  - name: stage\n    properties:\n      value: {#prodStage#}\nloggers:\n  - { name: l, properties: {} }\n",
  };
}

interface Report {
  readonly needs: readonly { readonly name: string }[];
  readonly unsupported: readonly { readonly from: string; readonly message: string }[];
  readonly notes: readonly { readonly from: string }[];
  readonly problems: readonly { readonly code: string }[];
}

describe("importing an APIOps folder", () => {
  let upstream: TestUpstream;
  let folder: string;
  let gateway: TestGateway | undefined;
  const output = (): string => join(folder, "gateway");
  const importAgain = (...more: readonly string[]) =>
    runCli(["import", "apim", join(folder, "in"), "--keys", join(folder, "keys.csv"), "--json", ...more], {});

  before(async () => {
    upstream = await startUpstream();
    folder = mkdtempSync(join(tmpdir(), "sallyport-import-"));
    for (const [name, text] of Object.entries(artifacts(upstream.url))) {
      mkdirSync(dirname(join(folder, "in", name)), { recursive: true });
      writeFileSync(join(folder, "in", name), text);
    }
    writeFileSync(
      join(folder, "keys.csv"),
      `subscription,scope,primaryKey,secondaryKey\nteam-a,,${primaryKey},\none-api,/apis/alone,${apiKey},"another ""key"" of it"\n`,
    );
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("writes a definition, and says what became of everything", async () => {
    const { code, stdout, stderr } = await importAgain("--output", output());
    assert.equal(code, 0, stdout + stderr);
    const { needs, unsupported, notes, problems } = JSON.parse(stdout) as Report;
    assert.deepEqual(problems, []);
    assert.deepEqual(
      needs.map(({ name }) => name),
      ["PRODSTAGE", "TOKEN"],
    );
    assert.deepEqual(
      unsupported.map(({ from }) => from),
      ["apis/orders;rev=2/specification.yaml", "--keys one-api"],
    );
    assert.ok(notes.some(({ from }) => from === "loggers/l/loggerInformation.json"));
    assert.ok(notes.some(({ from }) => from === "configuration.prod.yaml"));
    for (const key of [primaryKey, apiKey]) assert.ok(!stdout.includes(key));
  });

  it("keeps keys in files of their own, which nobody else may read", () => {
    const text = readFileSync(join(output(), "sallyport.yaml"), "utf8");
    assert.match(text, /file: \.\/secrets\/team-a\.primary\.key/);
    for (const key of [primaryKey, apiKey]) assert.ok(!text.includes(key));
    assert.equal(statSync(join(output(), "secrets", "team-a.primary.key")).mode & 0o777, 0o600);
    assert.equal(statSync(join(output(), "secrets")).mode & 0o777, 0o700);
  });

  it("leaves policies as they are", () => {
    const from = readFileSync(join(folder, "in/apis/orders/operations/get-order/policy.xml"), "utf8");
    assert.equal(readFileSync(join(output(), "apis/orders/operations/get-order/policy.xml"), "utf8"), from);
  });

  it("writes the same bytes again, and only over an import", async () => {
    const bytes = (path: string): readonly string[] =>
      readdirSync(path, { recursive: true, encoding: "utf8" })
        .toSorted()
        .filter((name) => statSync(join(path, name)).isFile())
        .map((name) => `${name}: ${readFileSync(join(path, name), "utf8")}`);
    const first = bytes(output());
    const refused = await importAgain("--output", output());
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /import-output/);
    assert.equal((await importAgain("--output", output(), "--force")).code, 0);
    assert.deepEqual(bytes(output()), first);
    const foreign = await importAgain("--output", join(folder, "in"), "--force");
    assert.equal(foreign.code, 1);
    assert.ok(!existsSync(join(folder, "in", "sallyport.yaml")));
  });

  it("passes the check, and serves with the keys that clients have", async () => {
    const env = { TOKEN: "a-secret-token" };
    const checked = await runCli(["check", "--config", join(output(), "sallyport.yaml"), "--env", "dev"], env);
    assert.equal(checked.code, 0, checked.stderr);
    const text = readFileSync(join(output(), "sallyport.yaml"), "utf8");
    const running = await startTestGateway({
      folder: output(),
      definition: `${text}edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }\n`,
      args: ["--workers", "1", "--env", "dev"],
      env,
    });
    gateway = running;
    const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      call(running, path, { headers, method });
    assert.equal((await ask("/orders/7", { "X-Key": primaryKey })).status, 200);
    const seen = upstream.seen.at(-1);
    assert.equal(seen?.url, "/v1/7");
    assert.equal(seen.headers["x-stage"], "dev");
    assert.equal(seen.headers["x-token"], "a-secret-token");
    assert.equal(seen.headers["x-key"], primaryKey);
    const missing = await ask("/orders/7");
    assert.equal(missing.status, 401);
    assert.match(missing.text, /^\{ "statusCode": 401, "message": "Access denied due to missing subscription key/);
    assert.equal((await ask("/orders;rev=2/a/b", { "X-Key": primaryKey, "X-A": "mine" })).status, 200);
    assert.equal(upstream.seen.at(-1)?.headers["x-a"], "b");
    assert.equal((await ask("/alone", { "Ocp-Apim-Subscription-Key": apiKey }, "POST")).status, 200);
    assert.equal((await ask("/alone", { "Ocp-Apim-Subscription-Key": primaryKey }, "POST")).status, 401);
  });

  it("writes a definition around one document, and asks for what it lacks", async () => {
    const file = join(folder, "quota.policy.xml");
    writeFileSync(
      file,
      `<policies><inbound><base /><return-response><set-body>{{greeting}}</set-body></return-response></inbound></policies>`,
    );
    const args = ["import", "apim", file, "--json", "--output", join(folder, "single")];
    const { code, stdout } = await runCli(args);
    const { problems, needs } = JSON.parse(stdout) as Report;
    assert.deepEqual([code, problems], [0, []]);
    assert.deepEqual(
      needs.map(({ name }) => name),
      ["GREETING", "apis.quota.policy.backend"],
    );
    const given = await runCli([...args, "--force", "--set", "greeting=hello"]);
    assert.equal((JSON.parse(given.stdout) as Report).needs.length, 1);
    const other = await runCli(["import", "apim", join(folder, "keys.csv"), "--output", join(folder, "none")]);
    assert.deepEqual([other.code, /import-folder/.test(other.stderr)], [1, true]);
  });

  it("imports the samples of APIOps", { skip: existsSync(samples) ? false : "no samples beside" }, async () => {
    const { code, stdout } = await runCli(["import", "apim", samples, "--json", "--output", join(folder, "samples")]);
    const { problems, unsupported } = JSON.parse(stdout) as Report;
    assert.deepEqual([code, problems, unsupported], [0, [], []]);
  });
});
