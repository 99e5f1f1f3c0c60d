import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditReport } from "#audit/report/report.ts";
import { applyText } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = (more = ""): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  hello: { path: /hello, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
  closed:
    path: /closed
    access: [{ deny: 'request.clientAddress == "192.0.2.1"' }, { allow: '"engineering" in principal.groups' }]
    policies: { inbound: [{ set-header: { name: X-Token, values: ["{{token}}"] } }, { return-response: { body: no } }] }
${more}
products: { starter: { apis: [closed], subscription: either, members: [{ group: partners }] } }
environments: { dev: { values: { token: { env: TEST_SECRET } } } }
`;

/** What is shown to an auditor, made beside a gateway that runs. */
describe("the audit report", () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({
      definition: definition(),
      args: ["--workers", "1", "--env", "dev"],
      env: { TEST_SECRET: "a-secret-of-the-environment" },
    });
    for (const path of ["/hello/1", "/hello/2", "/closed/1"]) await call(gateway, path);
    const made = await run("subscriptions", "create", "partner-one", "--product", "starter");
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await run("keys", "regenerate", "partner-one")).code, 0);
  });
  after(() => gateway.cleanUp());

  const run = (...args: string[]) => runCli([...args, "--data", gateway.data]);

  async function reportOnce(wanted: (report: AuditReport) => boolean): Promise<AuditReport> {
    for (let tries = 0; ; tries += 1) {
      const { code, stdout, stderr } = await run("audit", "report", "--last", "1h", "--format", "json");
      assert.deepEqual([code, stderr], [0, ""]);
      const report = JSON.parse(stdout) as AuditReport;
      if (wanted(report)) return report;
      assert.ok(tries < 40, stdout);
      await sleep(100);
    }
  }

  it("says who could reach what, who did, what keys were made, and that the record is whole", async () => {
    const report = await reportOnce(({ activity, keys }) => activity.requests >= 3 && keys.length >= 2);
    assert.equal(report.verification.ok, true);
    assert.ok(report.verification.checkpoints > 0);
    assert.equal(report.reach.problem, null);
    const closed = report.reach.operations.find(({ api }) => api === "closed");
    assert.deepEqual(closed?.rules, [
      'deny request.clientAddress == "192.0.2.1"',
      'allow "engineering" in principal.groups',
    ]);
    assert.deepEqual([closed?.products, closed?.isPublic], [["starter"], false]);
    assert.deepEqual(report.reach.products[0]?.members, ["group partners"]);
    assert.deepEqual(
      report.reach.subscriptions.map(({ name, scope, state }) => [name, scope, state]),
      [["partner-one", "product:starter", "active"]],
    );
    const nobody = report.activity.principals.find(({ kind }) => kind === "anonymous");
    assert.deepEqual([nobody?.requests, nobody?.denied, nobody?.apis], [3, 1, ["hello"]]);
    assert.deepEqual(report.activity.reasons[0], { reason: "credentials-missing", requests: 1 });
    assert.deepEqual(report.keys.map(({ event }) => event).toSorted(), ["key.created", "key.regenerated"]);
    assert.match(report.keys[0]?.by ?? "", /^unix\|\|/);
    assert.ok(report.gateway.some(({ event }) => event === "gateway.started"));
  });

  it("shows changes of the configuration with their author and what changed, and no secret", async () => {
    const more = '  status: { path: /status, access: public, respond: { body: "<b>fine</b>" } }';
    const file = join(gateway.folder, "next.yaml");
    writeFileSync(file, definition(more));
    const applied = await run("config", "apply", file, "--comment", "a page of status");
    assert.deepEqual([applied.code, applied.stderr], [0, ""]);
    const report = await reportOnce(({ configuration }) => configuration.length > 0);
    const [change] = report.configuration;
    assert.deepEqual([change?.event, change?.details["comment"]], ["configuration.applied", "a page of status"]);
    assert.match(change?.diff ?? "", /\n\+ {2}status: \{ path: \/status/);

    const page = join(gateway.folder, "report.html");
    const { code, stderr } = await run("audit", "report", "--last", "1h", "--out", page);
    assert.deepEqual([code, stderr], [0, ""]);
    const text = readFileSync(page, "utf8");
    assert.match(text, /^<!doctype html>[^]*whole and unaltered[^]*a page of status[^]*<\/html>\s*$/);
    assert.ok(
      !/<script|<b>fine|https?:\/\/(?!login)/.test(text.replaceAll("&lt;", "")),
      "nothing of it is run or fetched",
    );
    assert.ok(!text.includes("a-secret-of-the-environment"));

    const table = await run("audit", "report", "--last", "1h", "--format", "csv");
    assert.match(table.stdout, /^section,time,who,what,on,details,record\nverification,/);
    assert.match(table.stdout, /\nconfiguration,[^\n]*configuration\.applied/);
  });
});

describe("the audit report of a definition without environments", () => {
  it("says who could reach what at the end of its time, and is none of times to come", async () => {
    const plain = (access: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { hello: { path: /hello, access: ${access}, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;
    const gateway = await startTestGateway({ definition: plain("public"), args: ["--workers", "1"] });
    try {
      const reportTo = async (...range: string[]): Promise<AuditReport> => {
        const { stdout } = await runCli(["audit", "report", "--format", "json", "--data", gateway.data, ...range]);
        return JSON.parse(stdout) as AuditReport;
      };
      await sleep(20);
      const earlier = new Date().toISOString();
      await sleep(20);
      assert.equal((await applyText(gateway, plain(`[{ allow: '"x" in principal.groups' }]`))).status, 200);
      for (const [range, entry, isPublic] of [
        [["--to", earlier], 1, true],
        [["--last", "1h"], 2, false],
      ] as const) {
        const { reach } = await reportTo(...range);
        assert.deepEqual(
          [reach.problem, reach.entry, reach.operations.map((one) => one.isPublic)],
          [null, entry, [isPublic]],
        );
      }
      await gateway.stop();
      const again = await startTestGateway({
        definition: `${plain("public")}# edited\n`,
        folder: gateway.folder,
        args: ["--workers", "1"],
      });
      const { configuration } = await reportTo("--last", "1h");
      assert.deepEqual(
        configuration.map(({ details, by }) => [details["action"], details["entry"], by.includes("unix")]),
        [
          ["apply", 2, true],
          ["start", 3, false],
        ],
      );
      assert.match(configuration[1]?.diff ?? "", /^\+# edited/m);
      await again.stop();
      const later = await runCli(["audit", "report", "--from", "2999-01-01", "--data", gateway.data]);
      assert.deepEqual([later.code, later.stdout], [2, ""]);
    } finally {
      await gateway.cleanUp();
    }
  });
});
