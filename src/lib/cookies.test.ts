import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cookiesOf, withoutCookies } from "./cookies.ts";

describe("cookies", () => {
  it("finds those of a prefix over several fields, and leaves out one that comes twice", () => {
    const found = cookiesOf(["a=1; __x-one=first; b", "__x-two=2=2; __x-one=second"], "__x-");
    assert.deepEqual([...found], [["__x-two", "2=2"]]);
  });

  it("takes them out and leaves the others as they are", () => {
    assert.equal(withoutCookies("a=1; b=2", "__x-"), "a=1; b=2");
    assert.equal(withoutCookies("a=1; __x-one=s; b=2", "__x-"), "a=1; b=2");
    assert.equal(withoutCookies("__X-one=s;b=2", "__x-"), "b=2");
    assert.equal(withoutCookies("__x-one=s", "__x-"), null);
    assert.equal(withoutCookies('a=1, __x-one=s; b="__x-one=s; c"; d=4', "__x-"), 'c"; d=4');
  });
});
