import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { tryKeys } from "#products/key-rotation.test-helper.ts";
import { scaled } from "./support.ts";

it("keys follow one another for years, by two processes that die again and again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-keys-"));
  try {
    const happened = new Set<string>();
    for (let seed = 100; seed < 100 + scaled(30); seed++) {
      for (const step of await tryKeys(folder, seed, 150)) happened.add(step);
    }
    assert.deepEqual([...happened].toSorted(), ["due", "ended", "retired"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
