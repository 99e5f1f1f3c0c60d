import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Finding } from "#model/finding.ts";
import { type CliResult, runCli, startTestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { caddyPorts, runCaddy } from "./run-caddy.ts";

describe("drift", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-drift-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const definition = (calls: number, access: string): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, trustedProxies: [127.0.0.1] }
identity: { providers: { corp: { issuer: "https://login.example.com/", audiences: ["api://test"] } } }
apis:
  orders:
    hosts: [api.test, www.api.test]
    path: /orders
    access: ${access}
    policies:
      inbound: [base, { rate-limit-by-key: { calls: ${calls}, period: 60s, key: "\${request.clientAddress}" } }, { return-response: { status: 200, body: ok } }]
`;
  const rule = `[{ allow: '"staff" in principal.groups' }]`;

  async function drift(
    text: string,
    ...args: readonly string[]
  ): Promise<CliResult & { readonly findings: readonly Finding[] }> {
    const file = join(folder, "sallyport.yaml");
    writeFileSync(file, text);
    const result = await runCli(["drift", args[0] ?? "", "--config", file, ...args.slice(1), "--json"]);
    const findings =
      result.stdout === "" ? [] : (JSON.parse(result.stdout) as { readonly findings: readonly Finding[] }).findings;
    return { ...result, findings };
  }

  const failed = (findings: readonly Finding[]): readonly string[] =>
    findings.filter(({ state }) => state === "failed").map(({ code, name }) => `${code} ${name}`);

  it("of a running gateway: by what both mean, and not by how they are written", async () => {
    const gateway = await startTestGateway({ definition: definition(10, rule), args: ["--workers", "1"] });
    try {
      const same = await drift(
        `# the same, otherwise written\n${definition(10, rule)}`,
        "nodes",
        "--data",
        gateway.data,
      );
      assert.deepEqual([same.code, failed(same.findings)], [0, []]);
      const other = await drift(definition(20, "public"), "nodes", "--data", gateway.data);
      assert.equal(other.code, 1);
      const codes = other.findings.map(({ code }) => code);
      assert.ok(codes.includes("drift-access") && codes.includes("drift-policy"), codes.join());
      assert.match(
        other.findings.find(({ code }) => code === "drift-policy")?.detail ?? "",
        /it runs .*10.*, declared is .*20/,
      );
      const nobody = await drift(definition(10, rule), "nodes", "--data", folder);
      assert.deepEqual([nobody.code, failed(nobody.findings)], [1, ["drift-unread what it runs"]]);
    } finally {
      await gateway.cleanUp();
    }
  });

  it("of a real Caddy, by its admin API", needsCommand("caddy"), async () => {
    const ports = await caddyPorts();
    const options = [
      "--gateway",
      "127.0.0.1:8080",
      "--tls",
      "internal",
      "--https-port",
      String(ports.httpsPort),
      "--http-port",
      String(ports.httpPort),
    ];
    const file = join(folder, "exported.yaml");
    writeFileSync(file, definition(10, rule));
    const { stdout } = await runCli(["export", "caddy", "--config", file, ...options]);
    const caddy = await runCaddy(`${stdout}\nelse.test {\n\trespond 200\n}\n`, ports, []);
    try {
      const admin = ["--admin", caddy.admin];
      const same = await drift(definition(10, rule), "caddy", ...options, ...admin);
      assert.deepEqual([same.code, same.stderr, failed(same.findings)], [0, "", []]);
      assert.deepEqual(same.findings.map(({ name, state }) => `${state} ${name}`).toSorted(), [
        "passed api.test",
        "passed www.api.test",
        "warned else.test",
      ]);
      const moved = await drift(definition(10, rule), "caddy", ...options.with(1, "127.0.0.1:8081"), ...admin);
      assert.equal(moved.code, 1);
      assert.deepEqual(failed(moved.findings), ["drift-caddy api.test", "drift-caddy www.api.test"]);
      assert.match(
        moved.findings.find(({ state }) => state === "failed")?.detail ?? "",
        /upstreams\[0\]\.dial: it runs "127\.0\.0\.1:8080", exported is "127\.0\.0\.1:8081"/,
      );
      const more = await drift(
        definition(10, rule).replace("www.api.test", "new.api.test"),
        "caddy",
        ...options,
        ...admin,
      );
      assert.deepEqual(failed(more.findings), ["drift-caddy new.api.test"]);
    } finally {
      await caddy.stop();
    }
    const gone = await drift(definition(10, rule), "caddy", ...options, "--admin", caddy.admin);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /cannot be read: ECONNREFUSED \(caddy-unread\)\n {2}fix: /);
  });
});
