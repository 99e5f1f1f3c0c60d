import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "#test/support/require.ts";

const loadsFetch = (url: string): boolean => {
  const code = `await import(${JSON.stringify(url)}); console.log(process.moduleLoadList.some((name) => name.includes("undici/undici")))`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  assert.match(stdout, /^(true|false)\n$/, stderr);
  return stdout === "true\n";
};

describe("node:http without what comes with an import of it", () => {
  it("leaves the client behind fetch alone", () => {
    assert.equal(loadsFetch(new URL("node-http.ts", import.meta.url).href), false);
    assert.equal(loadsFetch("node:http"), true, "an import reads it: else this module is for nothing");
  });

  it("is what all of src uses", () => {
    const src = join(root, "src");
    const importing = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/\.(test|test-helper)\.ts$/.test(file))
      .filter((file) => /^(import|export) (?!type)[^;]*"node:http"/m.test(readFileSync(join(src, file), "utf8")));
    assert.deepEqual(importing, []);
  });
});
