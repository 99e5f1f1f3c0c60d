import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { call } from "./support/client.ts";
import { ready, type TestGateway } from "./support/gateway.ts";
import { root } from "./support/require.ts";

const run = promisify(execFile);
const npm = { env: { ...process.env, NODE_NO_WARNINGS: "1" }, shell: process.platform === "win32" };
const ofTheCheckout = /^(src|demo|test|bench|packaging)\/|\.test\.|\.test-helper\.|\/testing\/|\/golden\/|\.ts$/;

/** Packed, installed from the file, and used as `npx sallyport` is: what Node does below `node_modules` is otherwise. */
describe("the package", () => {
  let folder: string;
  let installed: string;
  let gateway: TestGateway | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-package-"));
    await run(process.execPath, [join(root, "packaging", "npm", "main.ts")], { ...npm, cwd: folder });
    const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    assert.ok(file !== undefined);
    writeFileSync(join(folder, "package.json"), "{}");
    const quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quiet, join(folder, file)], { ...npm, cwd: folder });
    installed = join(folder, "node_modules", "sallyport");
  });
  after(async () => {
    await gateway?.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  const sallyport = (...args: readonly string[]): Promise<{ readonly stdout: string }> =>
    run(join(folder, "node_modules", ".bin", "sallyport"), args, { cwd: folder });

  it("has the gateway, and neither the quick start nor any test", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    for (const path of [
      "bin/sallyport.mjs",
      "dist/main.js",
      "dist/app-worker.js",
      "schema/sallyport.schema.json",
      "docs/operations.md",
      "LICENSE",
    ]) {
      assert.ok(files.includes(path), path);
    }
    assert.deepEqual(
      files.filter((path) => ofTheCheckout.test(path)),
      [],
    );
  });

  it("pins what it depends on, and takes along nothing that only tests need", () => {
    const lock = JSON.parse(readFileSync(join(installed, "npm-shrinkwrap.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
    };
    const { "": _, ...entries } = lock.packages;
    for (const [path, { version, integrity }] of Object.entries(entries)) {
      assert.ok(version !== undefined && integrity !== undefined, path);
    }
    assert.equal(Object.hasOwn(entries, "node_modules/commander"), true);
    assert.equal(Object.hasOwn(entries, "node_modules/typescript"), false);
  });

  it("serves what a definition says, by the command that npx finds", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
    assert.equal((await sallyport("--version")).stdout.trim(), version);
    const definition = [
      "version: 1",
      'edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }',
      "apis:",
      "  hello:",
      "    path: /hello",
      "    access: public",
      "    policies: { inbound: [base, { return-response: { status: 200, body: hello } }] }",
      "",
    ].join("\n");
    writeFileSync(join(folder, "sallyport.yaml"), definition);
    await sallyport("check");
    const data = join(folder, "data");
    const child = spawn(process.execPath, [join(installed, "bin", "sallyport.mjs"), "run", "--data", data], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    gateway = await ready(child, folder, data);
    const answer = await call(gateway, "/hello");
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "hello");
    assert.match((await sallyport("audit", "verify", "--data", data)).stdout, /^ok: \d+ records/);
    assert.equal(await gateway.stop(), 0);
  });
});
