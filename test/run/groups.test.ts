import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { groupsOf, isShareable } from "./groups.ts";

const root = join(import.meta.dirname, "..", "..");
const files = globSync("{src,demo,packaging,bench,test}/**/*.test.ts", { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), "utf8"),
}));

describe("groups of test files", () => {
  it("have each file once", () => {
    const grouped = groupsOf(files).flat();
    assert.deepEqual(grouped.toSorted(), files.map(({ path }) => path).toSorted());
    assert.ok(grouped.length > groupsOf(files).length * 1.5);
  });

  it("leave a process to what changes one", () => {
    const is = (text: string, path = "src/lib/a.test.ts"): boolean => isShareable({ path, text });
    assert.equal(is('it("adds", () => {});'), true);
    assert.equal(is("  await new Promise((resolve) => process.nextTick(resolve));"), true);
    for (const text of [
      'process.env["A"] = "1";',
      "process.chdir(folder);",
      'process.on("exit", () => {});',
      "globalThis.fetch = own;",
      "t.mock.timers.enable();",
      'import { spawn } from "node:child_process";',
      'import { describe } from "node:test";\nbeforeEach(() => {});',
    ]) {
      assert.equal(is(text), false, text);
    }
    assert.equal(is("", "test/integration/a.test.ts"), false);
  });
});

describe("a test file that is made to end", () => {
  it("has told of all its tests, however long nobody listened", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-run-"));
    try {
      const file = join(folder, "many.test.mjs");
      writeFileSync(
        file,
        `import { it } from "node:test";
for (let at = 0; at < 3000; at += 1) it("passes".repeat(20) + at, () => {});
it("is planted", () => { throw new Error("planted"); });
`,
      );
      assert.match(await outputOf(file), /is planted[^]*planted/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** As the runner of a busy machine, which reads late. */
async function outputOf(file: string): Promise<string> {
  const whole = join(import.meta.dirname, "whole-output.mjs");
  const args = [`--import=${whole}`, "--test", "--test-force-exit", "--test-reporter=spec", file];
  // Within a test, the runner would take its own child for one of this one's.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (_error, stdout) => resolve(stdout));
    void (async () => {
      await sleep(150);
      child.kill("SIGSTOP");
      await sleep(2500);
      child.kill("SIGCONT");
    })();
  });
}
