import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "http://127.0.0.1:9/corp", audiences: ["api://test"] } } }
apis:
  payroll:
    hosts: [api.test]
    path: /payroll
    respond: { status: 204 }
    access:
      - deny: '!(now.getHours("Europe/Berlin") in [8, 9, 10])'
        reason: outside-hours
      - allow: '"payroll" in principal.groups && request.method == "GET"'
        reason: group-missing
      - allow: '"staff" in principal.groups && "payroll-admin" in principal.approvals'
approvals: { payroll-admin: { approvers: { anyOf: [{ group: payroll-leads }] } } }
`;
const morning = "2026-07-01T07:00:00Z";

describe("sallyport access test", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-access-"));
    writeFileSync(join(folder, "sallyport.yaml"), definition);
    const write = (name: string, value: object): void => writeFileSync(join(folder, name), JSON.stringify(value));
    write("ann.json", { issuer: "corp", subject: "ann", groups: ["payroll"] });
    write("token.json", { iss: "http://127.0.0.1:9/corp", sub: "tom", groups: ["staff"] });
    write("wrong.json", { subject: "x", grups: [] });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (who: string, ...args: readonly string[]): Promise<CliResult> => {
    const config = join(folder, "sallyport.yaml");
    const principal = who.endsWith(".json") ? join(folder, who) : who;
    const given = ["access", "test", "-c", config, "--data", join(folder, "data"), "-p", principal, ...args];
    return runCli(given);
  };
  const url = ["--url", "https://api.test/payroll/7"];

  it("says which rule let a request in", async () => {
    const { code, stdout, stderr } = await ask("ann.json", ...url, "--at", morning);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Principal {2}corp\|\|ann \(user\)\nRoute {6}payroll\/all: \* \/payroll/);
    assert.match(stdout, /deny +false .*sallyport\.yaml:10/);
    assert.match(stdout, /allow +true .*sallyport\.yaml:12/);
    assert.match(stdout, /^Allowed/m);
  });

  it("says why not, and what would have to change, with an exit code of its own", async () => {
    const late = await ask("ann.json", ...url, "--at", "2026-07-01T20:00:00Z");
    assert.equal(late.code, 3);
    assert.match(late.stdout, /^Refused {4}403 outside-hours \(access\)/m);
    assert.match(late.stdout, /^Change {5}Call again within the hours/m);
    const other = await ask("ann.json", ...url, "--at", morning, "--method", "DELETE", "--json");
    const answer = JSON.parse(other.stdout) as { allowed: boolean; refusal: Record<string, unknown>; rules: unknown[] };
    assert.deepEqual([answer.allowed, answer.refusal["reason"], answer.rules.length], [false, "group-missing", 3]);
  });

  it("takes the claims of a token by the provider's mapping, and names the approval that would help", async () => {
    const { code, stdout } = await ask("token.json", ...url, "--at", morning, "--json");
    const answer = JSON.parse(stdout) as { principal: string; refusal: Record<string, unknown> };
    assert.equal(code, 3);
    assert.equal(answer.principal, "http://127.0.0.1:9/corp||tom");
    assert.deepEqual([answer.refusal["reason"], answer.refusal["approval"]], ["approval-required", "payroll-admin"]);
  });

  it("judges nobody, and what the edge or the routes refuse, as those do", async () => {
    const reason = async (who: string, ...args: readonly string[]): Promise<unknown> => {
      const { stdout, stderr } = await ask(who, ...args, "--at", morning, "--json");
      assert.equal(stderr, "");
      return (JSON.parse(stdout) as { refusal: { reason: string } }).refusal.reason;
    };
    assert.equal(await reason("anonymous", ...url), "credentials-missing");
    assert.equal(await reason("ann.json", "--url", "https://api.test/nowhere"), "route-not-found");
    assert.equal(await reason("ann.json", "--url", "https://api.test/payroll/%2fx"), "malformed-path");
  });

  it("refuses what it cannot understand, saying how to write it", async () => {
    const wrong = await ask("wrong.json", ...url);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /a principal has no grups; it has .*groups/);
    const noUrl = await ask("ann.json", "--url", "payroll/7");
    assert.equal(noUrl.code, 2);
    assert.match(noUrl.stderr, /no URL such as https:/);
  });

  it("knows the users of a running gateway", async () => {
    let gateway: TestGateway | undefined;
    try {
      gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
      const { data } = gateway;
      const made = await runCli(["groups", "create", "payroll", "--data", data]);
      assert.equal(made.code, 0, made.stderr);
      const user = ["users", "create", "ann", "--email", "ann@example.com", "--group", "payroll", "--data", data];
      assert.equal((await runCli(user)).code, 0);
      const config = join(gateway.folder, "sallyport.yaml");
      const args = ["access", "test", "-c", config, "--data", data, "--principal", "ann", ...url, "--at", morning];
      const { code, stdout, stderr } = await runCli(args);
      assert.equal(code, 0, stdout + stderr);
      assert.equal((await runCli(args.with(7, "nobody"))).code, 1);
    } finally {
      await gateway?.cleanUp();
    }
  });
});
