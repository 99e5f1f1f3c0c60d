import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { finishRestore } from "./put-in-place.ts";

const aside = ".before-restore-now";

describe("a restore that a crash cuts off", () => {
  const top = mkdtempSync(join(tmpdir(), "sallyport-place-"));
  after(() => rmSync(top, { recursive: true, force: true }));

  /** Verified, and its plan written: nothing is moved yet. */
  function planned(name: string): string {
    const folder = join(top, name);
    const write = (path: string, text: string): void => {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const path of ["sallyport.db", "sallyport.db-wal", "ca/root.key"]) write(path, "old");
    write("lock", "");
    for (const path of ["sallyport.db", "ca/root.key", "seal.json"]) write(`.restore/new/${path}`, "new");
    const plan = { aside, old: ["sallyport.db", "sallyport.db-wal", "ca"], fresh: ["sallyport.db", "ca", "seal.json"] };
    write(".restore/plan.json", JSON.stringify(plan));
    return folder;
  }

  it("is carried to its end by whoever opens the folder next, wherever it was cut off", () => {
    let steps = 0;
    for (let done = false; !done; steps += 1) {
      const folder = planned(String(steps));
      let left = steps;
      try {
        finishRestore(folder, (from, to) => {
          if ((left -= 1) < 0) throw new Error("the power is gone");
          renameSync(from, to);
        });
        done = true;
      } catch {
        finishRestore(folder);
      }
      assert.deepEqual(readdirSync(folder).toSorted(), [aside, "ca", "lock", "sallyport.db", "seal.json"]);
      for (const path of ["sallyport.db", "ca/root.key", "seal.json"]) {
        assert.equal(readFileSync(join(folder, path), "utf8"), "new");
      }
      assert.deepEqual(readdirSync(join(folder, aside)).toSorted(), ["ca", "sallyport.db", "sallyport.db-wal"]);
      assert.equal(readFileSync(join(folder, aside, "ca", "root.key"), "utf8"), "old");
    }
    assert.equal(steps, 7);
  });

  it("has done nothing before its plan was there", () => {
    const folder = planned("unplanned");
    rmSync(join(folder, ".restore", "plan.json"));
    finishRestore(folder);
    assert.equal(readFileSync(join(folder, "sallyport.db"), "utf8"), "old");
    assert.ok(!existsSync(join(folder, aside)));
  });
});
