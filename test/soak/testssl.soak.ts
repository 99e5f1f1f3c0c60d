import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** About the tool's own OpenSSL, not about the server. */
const ofTheTool: ReadonlySet<string> = new Set(["engine_problem"]);

/** In the order in which they were found, as docs/tls.md shows them. */
function tableOf(findings: readonly Finding[]): readonly string[] {
  const about = findings.filter(({ id }) => !ofTheTool.has(id) && !/^(?:scanTime|service|pre_128cipher)$/.test(id));
  const rows = about.map(({ id, severity, finding }) => `| ${id} | ${severity} | ${finding.replaceAll("|", "/")} |`);
  return ["| id | severity | finding |", "| --- | --- | --- |", ...rows];
}

/** What an auditor's first tool says of the default TLS settings. */
describe("testssl.sh", needsCommand("testssl"), () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { hello: { path: /, access: public, respond: { status: 200, body: hello } } }
`,
      args: ["--workers", "1"],
    });
  });
  after(() => gateway.cleanUp());

  it("finds nothing above INFO in protocols, ciphers, forward secrecy, preferences and vulnerabilities", async (t) => {
    const report = join(gateway.folder, "testssl.json");
    const sections = ["--protocols", "--std", "--fs", "--server-preference", "--vulnerable"];
    const quiet = ["--quiet", "--color", "0", "--warnings", "off", "--ip", "one"];
    const run = spawn("testssl", [...quiet, "--jsonfile", report, ...sections, `127.0.0.1:${gateway.port}`], {
      stdio: "ignore",
    });
    await once(run, "exit");
    const findings = JSON.parse(readFileSync(report, "utf8")) as readonly Finding[];
    assert.ok(findings.length > 40, `${findings.length} findings: it did not look at everything`);
    for (const id of ["heartbleed", "ROBOT", "TLS1_3", "cipherlist_NULL"]) {
      assert.ok(
        findings.some((finding) => finding.id === id),
        `${id} was not looked at`,
      );
    }
    const bad = findings.filter(({ id, severity }) => severity !== "OK" && severity !== "INFO" && !ofTheTool.has(id));
    assert.deepEqual(bad, []);
    t.diagnostic(`${findings.length} findings, all OK or INFO`);
    for (const row of tableOf(findings)) t.diagnostic(row);
  });
});
