import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { publishedFiles } from "./published-files.ts";

describe("published files", () => {
  for (const [path, text] of publishedFiles()) {
    it(`${path} is what the code says (npm run schema writes it)`, () => {
      assert.equal(readFileSync(join(import.meta.dirname, "..", "..", path), "utf8"), text);
    });
  }
});
