import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "./header-list.ts";

describe("HeaderList", () => {
  const make = (): HeaderList => new HeaderList(["Host", "a", "X-One", "1", "x-one", "2", "Accept", "*/*"]);

  it("finds fields without regard to case, the first one first", () => {
    assert.equal(make().get("x-one"), "1");
    assert.deepEqual(make().all("x-one"), ["1", "2"]);
    assert.equal(make().joined("x-one"), "1, 2");
    assert.equal(make().get("x-two"), undefined);
    assert.equal(make().joined("x-two"), undefined);
    assert.equal(make().has("accept"), true);
  });

  it("sets in the place of the first and drops the others", () => {
    const list = make();
    list.set("X-ONE", "3");
    assert.deepEqual(list.raw, ["Host", "a", "X-ONE", "3", "Accept", "*/*"]);
    list.set("New", "n");
    assert.equal(list.get("new"), "n");
  });

  it("deletes every field of a name and says whether there was one", () => {
    const list = make();
    assert.equal(list.delete("x-one"), true);
    assert.deepEqual(list.raw, ["Host", "a", "Accept", "*/*"]);
    assert.equal(list.delete("x-one"), false);
  });

  it("never takes a value for a name", () => {
    const list = new HeaderList(["A", "host", "Host", "b"]);
    assert.equal(list.get("host"), "b");
    list.delete("host");
    assert.deepEqual(list.raw, ["A", "host"]);
  });

  it("clones apart", () => {
    const list = make();
    const copy = list.clone();
    copy.set("Host", "b");
    assert.equal(list.get("host"), "a");
  });
});
