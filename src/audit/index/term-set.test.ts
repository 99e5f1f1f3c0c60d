import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashText } from "#lib/hash32.ts";
import { TermSet } from "./term-set.ts";

function membersOf(set: TermSet): readonly number[] {
  const members: number[] = [];
  set.each((term) => members.push(term));
  return members.toSorted((one, other) => one - other);
}

describe("a set of terms", () => {
  it("holds what was added, each once, and is empty again after", () => {
    const set = new TermSet();
    for (const count of [0, 3, 5000, 40]) {
      const terms = [0, 1, 2 ** 32 - 1, ...Array.from({ length: count }, (_, at) => hashText(`${count}/${at}`))];
      for (const term of [...terms, ...terms]) set.add(term);
      assert.deepEqual(
        membersOf(set),
        [...new Set(terms)].toSorted((one, other) => one - other),
      );
      assert.equal(set.size, new Set(terms).size);
      set.clear();
      assert.deepEqual([set.size, membersOf(set)], [0, []]);
    }
  });

  it("tells terms apart that want the same place", () => {
    const set = new TermSet();
    const terms = Array.from({ length: 300 }, (_, at) => (at + 1) * 2 ** 20);
    for (const term of terms) set.add(term);
    assert.deepEqual(membersOf(set), terms);
  });
});
