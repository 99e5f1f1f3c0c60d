import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { needsCommand } from "#test/support/require.ts";
import { diffFiles } from "./text-diff.ts";

const lines = (count: number, change: (at: number) => string | null = String): string =>
  Array.from({ length: count }, (_, at) => change(at))
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join("");

describe("differences of configurations", () => {
  it("are none between the same files", () => {
    assert.equal(diffFiles({ a: "x\n" }, { a: "x\n" }), "");
  });

  it("name files that come and go", () => {
    assert.equal(diffFiles({}, { "a.yaml": "x\n" }), "--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1,1 @@\n+x\n");
    assert.equal(diffFiles({ "a.yaml": "x\n" }, {}), "--- a/a.yaml\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n");
  });

  it("are those that patch(1) applies", needsCommand("patch"), () => {
    const before = lines(60);
    const after = lines(60, (at) =>
      at === 3 ? null : at === 30 ? "thirty\nand more" : at === 59 ? "last" : String(at),
    );
    const folder = mkdtempSync(join(tmpdir(), "sallyport-diff-"));
    try {
      writeFileSync(join(folder, "f.yaml"), before);
      const input = diffFiles({ "f.yaml": before }, { "f.yaml": after });
      const { status, stdout } = spawnSync("patch", ["-p1"], { cwd: folder, input, encoding: "utf8" });
      assert.equal(status, 0, stdout);
      assert.equal(readFileSync(join(folder, "f.yaml"), "utf8"), after);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
