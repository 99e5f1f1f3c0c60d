import assert from "node:assert/strict";
import { it } from "node:test";
import { deepFreeze } from "./deep-freeze.ts";

it("freezes objects, arrays and the values of maps at every depth", () => {
  const inner = { list: [{ a: 1 }] };
  const value = deepFreeze({ map: new Map([["key", inner]]), nothing: null });
  assert.throws(() => Object.assign(inner.list[0] as object, { a: 2 }), TypeError);
  assert.throws(() => inner.list.push({ a: 2 }), TypeError);
  assert.ok(Object.isFrozen(value));
});

it("reaches what lies below an object that was frozen before, and ends on a cycle", () => {
  const below: Record<string, unknown> = {};
  const above = Object.freeze({ below });
  below["above"] = above;
  deepFreeze(above);
  assert.ok(Object.isFrozen(below));
});

it("leaves bytes and other instances alone", () => {
  const bytes = new Uint8Array(4);
  assert.doesNotThrow(() => deepFreeze({ bytes }));
  bytes[0] = 7;
  assert.equal(bytes[0], 7);
});
