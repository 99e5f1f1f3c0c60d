import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { root } from "./support/require.ts";

/** What `npm publish` would send. */
function packed(): readonly string[] {
  const result = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ files }] = JSON.parse(result.stdout) as [{ files: readonly { readonly path: string }[] }];
  return files.map(({ path }) => path);
}

it("the published package has the gateway, and neither the quick start nor any test", () => {
  const files = packed();
  for (const path of [
    "bin/sallyport.mjs",
    "src/cli/main.ts",
    "src/app/worker.ts",
    "schema/sallyport.schema.json",
    "LICENSE",
  ]) {
    assert.ok(files.includes(path), path);
  }
  const strangers = files.filter((path) =>
    /^(demo|test|bench)\/|\.test\.ts$|\.test-helper\.ts$|\/testing\/|\/golden\//.test(path),
  );
  assert.deepEqual(strangers, []);
});
