import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DenseSet, type Placed } from "./dense-set.ts";

interface Member extends Placed {
  readonly id: number;
}

const make = (id: number): Member => ({ id, place: -1 });

function idsOf(set: DenseSet<Member>): number[] {
  const ids: number[] = [];
  set.visit(({ id }) => ids.push(id));
  return ids.toSorted((left, right) => left - right);
}

describe("DenseSet", () => {
  it("holds each member once, and says how many there are", () => {
    const set = new DenseSet<Member>();
    const one = make(1);
    set.add(one);
    set.add(one);
    set.add(make(2));
    assert.equal(set.size, 2);
    assert.deepEqual(idsOf(set), [1, 2]);
  });

  it("agrees with a Set over many changes", () => {
    const set = new DenseSet<Member>();
    const model = new Map<number, Member>();
    let state = 7;
    for (let step = 0; step < 5000; step += 1) {
      state = (state * 1103515245 + 12345) % 2147483648;
      const id = state % 40;
      const known = model.get(id);
      if (known === undefined) {
        const member = make(id);
        model.set(id, member);
        set.add(member);
      } else {
        set.delete(known);
        model.delete(id);
        assert.equal(known.place, -1);
      }
    }
    assert.deepEqual(
      idsOf(set),
      [...model.keys()].toSorted((left, right) => left - right),
    );
  });

  it("ignores the deletion of what is not there, and of another set's member", () => {
    const set = new DenseSet<Member>();
    const other = new DenseSet<Member>();
    const stranger = make(1);
    const own = make(2);
    other.add(stranger);
    set.add(own);
    set.delete(stranger);
    set.delete(make(3));
    assert.deepEqual([idsOf(set), idsOf(other)], [[2], [1]]);
  });

  it("may lose members while it is visited", () => {
    const set = new DenseSet<Member>();
    for (let id = 0; id < 10; id += 1) set.add(make(id));
    set.visit((member) => set.delete(member));
    assert.equal(set.size, 0);
  });
});
