import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { atOnce, inSlices } from "#lib/slices.ts";
import { Secret } from "#model/secret.ts";
import { pack, type PackOptions } from "./pack.ts";
import { unpack } from "./unpack.ts";

function again<Value>(value: Value, options?: PackOptions): Value {
  return atOnce(unpack<Value>(pack(value, options)));
}

describe("a packed value", () => {
  it("is what it was", () => {
    const values = [
      [undefined, null, true, false, 0, -0, 1.5, Number.NaN, Infinity, 2n ** 70n, "", "é\u{1f600}", "\ud800"],
      [[], {}, new Map(), [[]], { a: undefined, b: [] }, new Map([["k", new Map([[{ deep: 1 }, 2]])]])],
      [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { "a,b": 1 }, { "": { "": 0 } }],
      "no object",
    ];
    for (const value of values) assert.deepEqual(again(value), value);
    assert.deepEqual(Object.keys(again({ b: 1, a: 2 })), ["b", "a"]);
  });

  it("keeps over many chunks what is shared", () => {
    const shared = { rules: ["a"] };
    const value = Array.from({ length: 5000 }, (_, at) => ({ at, name: `n${at}`, shared, own: [at] }));
    const packed = pack(value);
    assert.ok(packed.chunks.length > 3, `${packed.chunks.length} chunks`);
    const copy = atOnce(unpack<typeof value>(packed));
    assert.deepEqual(copy, value);
    assert.equal(new Set(copy.map((one) => one.shared)).size, 1);
  });

  it("is frozen, and takes no prototype from a key", () => {
    const value = JSON.parse('{ "__proto__": { "admin": true }, "list": [{}] }') as {
      readonly list: readonly object[];
    };
    const copy = again(value);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.deepEqual(Object.getOwnPropertyDescriptor(copy, "__proto__")?.value, { admin: true });
    for (const part of [copy, copy.list, copy.list[0]]) assert.ok(Object.isFrozen(part));
  });

  it("holds values of secrets only for a thread that is to have them", () => {
    const value = { key: new Secret("env KEY", "hunter2-hunter2") };
    assert.throws(() => pack(value), /the secret from env KEY does not leave this thread/);
    const copy = again(value, { secrets: true });
    assert.equal(copy.key.reveal(), "hunter2-hunter2");
    assert.doesNotMatch(inspect(copy), /hunter2/);
  });

  it("is not made of what is no plain data", () => {
    const circle: unknown[] = [];
    circle.push({ circle });
    for (const value of [circle, new Date(), [() => 1], { s: Symbol("s") }])
      assert.throws(() => pack(value), TypeError);
  });

  it("is read in another thread by reference, in slices", async () => {
    const value = Array.from({ length: 20_000 }, (_, at) => ({ at, text: `text ${at}` }));
    const url = new URL("packed.test-helper.ts", import.meta.url);
    const worker = new Worker(url, { workerData: pack(value) });
    const told = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    assert.deepEqual(told, { length: 20_000, last: "text 19999", turns: true });
    assert.deepEqual(await inSlices(unpack(pack(value))), value);
  });
});
