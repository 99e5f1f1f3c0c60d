import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { createProgram } from "#cli/program.ts";
import { call } from "#test/support/client.ts";
import { cli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";

/** What CI servers run, on a real gateway: a good change, one that does not do what it says, and one that is dangerous. */
describe("packaging/ci", () => {
  let folder: string;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const env = { TEAM_KEY: "key-of-the-team-0123456789" };

  const definition = (
    body: string,
    orders = `[{ allow: '"staff" in principal.groups' }]`,
    check = "",
  ): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders: { path: /orders, access: ${orders}, policies: { inbound: [base, { return-response: { status: 200, body: orders } }] } }
  hello: { path: /hello, access: public, policies: { inbound: [base, { return-response: { status: 200, body: ${body} } }] } }
products: { starter: { apis: [orders], subscription: identity } }
subscriptions: { team: { api: hello, key: { env: TEAM_KEY } } }
environments: { prod: { production: false, values: {} }, staging: { values: {} } }
${check}`;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-deploy-"));
    issuer = await startIssuer();
    gateway = await startTestGateway({ definition: definition("one"), args: ["--workers", "1", "--env", "prod"], env });
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function deploy(
    text: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; output: string }> {
    writeFileSync(join(folder, "sallyport.yaml"), text);
    const variables = {
      ENVIRONMENT: "prod",
      SALLYPORT: `${process.execPath} ${cli}`,
      SALLYPORT_DATA: gateway.data,
      ...more,
    };
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env["PATH"], ...variables } };
      execFile("sh", [join(root, "packaging", "ci", "deploy.sh")], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }

  const said = async (): Promise<string> => (await call(gateway, "/hello")).text;

  it("puts a good change in force, without any of the gateway's secrets", async () => {
    const { code, output } = await deploy(definition("two"), { ACCEPT: "protection-changed" });
    assert.equal(code, 0, output);
    assert.match(output, /in force and verified/);
    assert.equal(await said(), "two");
    assert.ok(existsSync(join(folder, "verify.xml")) && existsSync(join(folder, "verify.html")));
  });

  it("takes back what does not do what it says", async () => {
    const check = "checks: { says-three: { request: GET /hello, expect: { status: 200, contains: three } } }\n";
    const { code, output } = await deploy(definition("four", undefined, check), { ACCEPT: "protection-changed" });
    assert.equal(code, 1, output);
    assert.match(output, /FAIL says-three/);
    assert.match(output, /back to configuration/);
    assert.equal(await said(), "two");
  });

  it("refuses what is dangerous and not accepted, and what does not load, before anything changes", async () => {
    const dangerous = await deploy(definition("five", "public"));
    assert.equal(dangerous.code, 1, dangerous.output);
    assert.doesNotMatch(dangerous.output, /^apply$/m);
    const broken = await deploy("version: 2\n");
    assert.equal(broken.code, 1);
    assert.equal(await said(), "two");
  });

  it("the workflow of GitHub Actions is well formed, and calls only what there is", async () => {
    const text = readFileSync(join(root, "packaging", "ci", "github-actions.yaml"), "utf8");
    const { jobs } = parse(text) as {
      readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
    };
    const program = await createProgram();
    const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    assert.ok(runs.length > 5);
    for (const [, name = "", rest = ""] of runs.join("\n").matchAll(/npx sallyport (\w+)(.*)/g)) {
      const command = program.commands.find((one) => one.name() === name);
      assert.ok(command !== undefined, name);
      for (const [flag] of rest.matchAll(/--[a-z-]+/g))
        assert.ok(
          command.options.some(({ long }) => long === flag),
          `${name} ${flag}`,
        );
    }
  });
});
