import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { publish, publishedFiles } from "./published-files.ts";

const root = join(import.meta.dirname, "..", "..");

describe("published files", () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-published-"));
    await publish(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const path of publishedFiles().keys()) {
    it(`${path} is what the code says (npm run schema writes it)`, () => {
      assert.equal(readFileSync(join(root, path), "utf8"), readFileSync(join(folder, path), "utf8"));
    });
  }
});

describe("what git keeps", { skip: !existsSync(join(root, ".git")) }, () => {
  // bin/runtime.mjs: what the runtime has compiled stands there where there is no node_modules.
  it("is nothing that a run leaves behind", () => {
    const git = (...args: readonly string[]): string => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout;
    const cache = ".cache/compiled/a";
    assert.equal(git("check-ignore", "--no-index", cache).trim(), cache);
    assert.equal(git("ls-files", "--cached", "--ignored", "--exclude-standard"), "");
  });
});
