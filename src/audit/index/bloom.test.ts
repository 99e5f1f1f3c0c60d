import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashText } from "#lib/hash32.ts";
import { buildFilter, mayHold } from "./bloom.ts";
import { TermSet } from "./term-set.ts";

const terms = (prefix: string, count: number): number[] =>
  Array.from({ length: count }, (_, at) => hashText(`${prefix}=${at}`));

describe("bloom", () => {
  for (const size of [0, 1, 3, 250, 2000]) {
    it(`never denies one of ${size} terms, and takes few others for one`, () => {
      const put = terms("principal.id", size);
      const set = new TermSet();
      for (const term of put) set.add(term);
      const filter = buildFilter(set);
      assert.ok(put.every((term) => mayHold(filter, term)));
      assert.ok(filter.length <= Math.max(1, Math.ceil((size * 10) / 8)));
      const wrong = terms("sessionId", 10_000).filter((term) => mayHold(filter, term)).length;
      // One in a hundred is expected; of a filter of one byte a few more.
      assert.ok(wrong <= (size > 3 ? 200 : 1500), `${wrong} of 10,000`);
    });
  }
});
