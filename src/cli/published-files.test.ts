import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
