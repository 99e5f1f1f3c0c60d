import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit: { segmentSize: 64KiB, flush: 10ms, compress: zstd }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;

/** What somebody sees of a record whose closed segments are compressed: nothing but smaller files. */
describe("a record that is compressed", () => {
  let gateway: TestGateway;
  const ids: string[] = [];
  const segments = (): readonly string[] =>
    readdirSync(join(gateway.data, "audit")).filter((name) => name.includes(".jsonl"));

  before(async () => {
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    for (let count = 0; count < 300; count += 1) {
      const { status, headers } = await call(gateway, `/${count}`);
      assert.equal(status, 200);
      ids.push(String(headers["x-request-id"]));
    }
    while (segments().filter((name) => name.endsWith(".zst")).length < segments().length - 1) await sleep(50);
  });
  after(() => gateway.cleanUp());

  async function ask(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli([...args, "--data", gateway.data]);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    return stdout;
  }

  it("is whole, and every command reads it while the gateway goes on", async () => {
    assert.ok(segments().length >= 3);
    assert.match(await ask("audit", "verify"), /^ok: \d+ records in \d+ segments\n/);
    const oldest = ids[0] ?? "";
    assert.match(await ask("explain", oldest), /GET/);
    assert.match(await ask("audit", "search", `id == "${oldest}"`), new RegExp(oldest));
    assert.equal((await ask("audit", "export", 'path == "/7" || path == "/290"')).trim().split("\n").length, 2);
    assert.match(await ask("audit", "prove", oldest), /^c2sp\.org\/tlog-proof@v1\nextra /);
  });

  it("comes out of a backup as it went in", async () => {
    const file = join(gateway.folder, "backup.tar.gz");
    await runCli(["backup", file, "--data", gateway.data]);
    const { code, stdout, stderr } = await runCli(["restore", file, "--data", join(gateway.folder, "other"), "--json"]);
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { auditOk: boolean }).auditOk, true);
  });
});
