import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestOptions } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { cli, ready, spawnCli, type TestGateway } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";

const definition = (version: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { hello: { path: /, openapi: ./hello.openapi.yaml, access: public, policies: { inbound: [base, { return-response: { body: "${version}" } }] } } }
`;
const openapi = (version: string): string => `openapi: 3.1.0
info: { title: Hello, version: 1.0.0 }
paths: { /${version}: { get: { operationId: hello, responses: {} } } }
`;
const files = (version: string): Record<string, string> => ({
  "sallyport.yaml": definition(version),
  "hello.openapi.yaml": openapi(version),
});

function place(): { readonly folder: string; readonly data: string; readonly args: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-crash-"));
  const data = join(folder, "data");
  for (const [name, text] of Object.entries(files("v0"))) writeFileSync(join(folder, name), text);
  return { folder, data, args: ["run", "--config", join(folder, "sallyport.yaml"), "--data", data, "--workers", "1"] };
}

describe("a gateway that is killed while a configuration is applied", () => {
  it("has the old one or the new one whole after its next start, and its history says which", async () => {
    const { folder, data, args } = place();
    try {
      let before = "v0";
      for (const [index, delay] of [0, 6, 16].entries()) {
        const gateway = await ready(spawnCli(cli, args), folder, data);
        await check(gateway, before);
        const next = `v${index + 1}`;
        const headers = { "content-type": "application/json", "if-match": "*" };
        const put = askAdmin(gateway, "PUT /config", { headers, body: JSON.stringify({ files: files(next) }) });
        const answered = put.then(({ status }) => status === 200).catch(() => false);
        await sleep(delay);
        await gateway.kill();
        const applied = await answered;
        const again = await ready(spawnCli(cli, args), folder, data);
        const now = readFileSync(join(folder, "sallyport.yaml"), "utf8") === definition(next) ? next : before;
        if (applied) assert.equal(now, next, "what was said to be applied is");
        await check(again, now);
        await again.kill();
        before = now;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  async function check(gateway: TestGateway, version: string): Promise<void> {
    for (const [name, text] of Object.entries(files(version))) {
      assert.equal(readFileSync(join(gateway.folder, name), "utf8"), text, name);
    }
    assert.equal((await call(gateway, `/${version}`)).text, version);
    const { hash } = (await askAdmin(gateway, "GET /config", { headers: { accept: "application/json" } })).json();
    const { entries } = (await askAdmin(gateway, "GET /config/history")).json() as { entries: { hash: string }[] };
    assert.equal(entries[0]?.hash, hash);
  }
});

function needsMounts(): TestOptions {
  const can = spawnSync("unshare", ["-rm", "true"], { stdio: "ignore" }).status === 0;
  return can || process.env["SALLYPORT_REQUIRE"] === "all" ? {} : { skip: "no mount namespace can be made here" };
}

describe("a definition on a read-only mount", () => {
  it("is served and not changed, and the refusal says so", needsMounts(), async () => {
    const { folder, args } = place();
    const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
    const line = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const command = [process.execPath, cli, ...args.map((arg) => (arg === join(folder, "data") ? data : arg))];
    const child = spawn("unshare", ["-rm", "sh", "-c", line, folder, ...command], { cwd: root });
    const gateway = await ready(child, folder, data);
    try {
      const headers = { "content-type": "application/yaml", "if-match": "*" };
      const { status, json } = await askAdmin(gateway, "PUT /config", {
        headers,
        body: definition("v0").replace("v0", "v1"),
      });
      assert.deepEqual([status, json()["reason"]], [409, "configuration-read-only"]);
      assert.match(String(json()["detail"]), /cannot be written \(EROFS\)/);
      assert.equal((await call(gateway, "/v0")).text, "v0");
      const { entries } = (await askAdmin(gateway, "GET /config/history")).json() as { entries: unknown[] };
      assert.equal(entries.length, 1);
    } finally {
      await gateway.cleanUp();
      rmSync(data, { recursive: true, force: true });
    }
  });
});
