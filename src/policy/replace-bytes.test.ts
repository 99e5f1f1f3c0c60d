import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { replaceBytes } from "./replace-bytes.ts";

function replaced(body: string, from: string): string | undefined {
  const bytes = { from: Buffer.from(from), to: Buffer.from("x") };
  const made = replaceBytes(Buffer.from(body), { ...bytes, step: 1, maxBytes: 10_000_000 });
  return made === undefined ? undefined : Buffer.from(made).toString();
}

describe("replaceBytes", () => {
  // Comparing at each place would take minutes.
  it("finds what nearly fits everywhere", () => {
    const long = "a".repeat(200_000);
    const wanted = `${long}b${long}`;
    assert.equal(replaced(long.repeat(5), wanted), undefined);
    assert.equal(replaced(`${long}${wanted}${long}`, wanted), `${long}x${long}`);
    assert.equal(replaced(`${wanted}|${wanted}`, wanted), "x|x");
  });
});
