import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { nothingIgnored, type SeenAnswer } from "#shadow/seen-answer.ts";
import { type ComparisonPool, createComparisonPool } from "./comparison-pool.ts";

function answer(text: string): SeenAnswer {
  // A piece of a larger buffer, as bodies come.
  const body = Buffer.from(`${text}behind`).subarray(0, text.length);
  return { status: 200, headers: ["Content-Type", "application/json"], body, isCut: false };
}

describe("answers that are compared beside a worker", () => {
  const request = { method: "GET", path: "/" };
  let pool: ComparisonPool;
  before(() => {
    pool = createComparisonPool({ info: () => {}, warn: () => {}, error: () => {} });
  });
  after(() => pool.close());

  it("differ as they do on it, and leave its own bytes where they are", async () => {
    const [old, fresh] = [answer('{"a":1,"at":1}'), answer('{"a":2,"at":2}')];
    const ignored = { headers: new Set<string>(), fields: ["/at"] };
    assert.deepEqual(await pool.compare({ request, old, fresh, ignored }), [
      { kind: "field-value", place: "/a", old: "number", fresh: "number" },
    ]);
    assert.equal(old.body.byteLength, 14);
    const [silent] = await pool.compare({ request, old: { problem: "upstream-timeout" }, fresh, ignored });
    assert.equal(silent?.kind, "no-answer");
  });

  it("are refused when too many wait, and after the end", async () => {
    const large = `[${'{"a":1,"b":"x"},'.repeat(8000)}1]`;
    const many = Array.from({ length: 80 }, () =>
      pool.compare({ request, old: answer(large), fresh: answer(large), ignored: nothingIgnored }),
    );
    const results = await Promise.allSettled(many.slice(65));
    const codes = results.map((result) => result.status === "rejected" && (result.reason as { code: string }).code);
    assert.deepEqual(new Set(codes), new Set(["transform-busy"]));
    for (const one of many) one.catch(() => {});
    await pool.close();
    const refused = pool.compare({ request, old: answer("1"), fresh: answer("1"), ignored: nothingIgnored });
    await assert.rejects(refused, { code: "transform-busy" });
  });
});
