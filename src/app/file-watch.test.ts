import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FileWatch } from "./file-watch.ts";

function watched(t: TestContext): { readonly file: string; readonly watch: FileWatch; readonly calls: () => number } {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-watch-"));
  const file = join(folder, "sallyport.yaml");
  writeFileSync(file, "0");
  let calls = 0;
  const watch = new FileWatch(() => (calls += 1));
  watch.set([file]);
  t.after(() => {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { file, watch, calls: () => calls };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(25);
  assert.ok(holds());
}

describe("FileWatch", () => {
  it("tells of a change that came just before what is watched was replaced, as a reload does when it is done", async (t) => {
    const { file, watch, calls } = watched(t);
    for (let round = 1; round <= 3; round += 1) {
      writeFileSync(file, String(round));
      // The system reports it within this time; it is not told before it has settled.
      await sleep(50);
      watch.set([file]);
      await until(() => calls() >= round);
    }
  });

  it("is not put off for ever by a file that never comes to rest", async (t) => {
    const { file, calls } = watched(t);
    let writes = 0;
    const writer = setInterval(() => writeFileSync(file, String((writes += 1))), 20);
    t.after(() => clearInterval(writer));
    await until(() => calls() >= 2);
  });

  it("makes one reload of several steps, and none after it is closed", async (t) => {
    const { file, watch, calls } = watched(t);
    for (const text of ["1", "2", "3"]) writeFileSync(file, text);
    await until(() => calls() === 1);
    writeFileSync(file, "4");
    watch.close();
    await sleep(300);
    assert.equal(calls(), 1);
  });
});
