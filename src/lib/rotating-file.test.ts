import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { RotatingFile } from "./rotating-file.ts";

describe("a file that rotates", () => {
  let folder = "";
  let now = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-rotating-"));
    now = Date.now();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (bounds: { readonly maxBytes?: number; readonly maxAgeMs?: number; readonly keep?: number }) =>
    new RotatingFile(
      join(folder, "logs", "access.log"),
      { maxBytes: 1e6, maxAgeMs: 1e6, keep: 2, ...bounds },
      () => now,
    );
  const read = (name: string): string => readFileSync(join(folder, "logs", name), "utf8");
  const files = (): readonly string[] => readdirSync(join(folder, "logs")).toSorted();

  it("begins another by size, keeps as many closed ones as it is told, and loses no line of those", () => {
    const file = open({ maxBytes: 20 });
    for (let line = 0; line < 10; line += 1) file.write(`line number ${line}\n`);
    file.close();
    assert.equal(read("access.log"), "line number 9\n");
    assert.deepEqual(files().slice(0, -1).map(read), ["line number 7\n", "line number 8\n"]);
    assert.equal(statSync(join(folder, "logs", "access.log")).mode & 0o777, 0o600);
  });

  it("begins another by age, and goes on in what is there after a restart", () => {
    const file = open({ maxAgeMs: 60_000 });
    file.write("one\n");
    file.close();
    const next = open({ maxAgeMs: 60_000 });
    next.write("two\n");
    assert.equal(read("access.log"), "one\ntwo\n");
    now += 61_000;
    next.write("three\n");
    next.close();
    assert.equal(read("access.log"), "three\n");
    assert.equal(files().length, 2);
  });
});
