import assert from "node:assert/strict";
import { test } from "node:test";
import { NamesReader, NamesWriter } from "./names.ts";

test("strings come back by number, in order, and twice the same string is one number", () => {
  const writer = new NamesWriter();
  const reader = new NamesReader(writer.handle);
  const texts = ["", "all", "größe 😀", "x".repeat(100_000), ...Array.from({ length: 20_000 }, (_, i) => `sub-${i}`)];
  const numbers = texts.map((text) => writer.intern(text));
  assert.deepEqual(
    numbers,
    texts.map((_, i) => i),
  );
  assert.deepEqual(
    numbers.map((number) => reader.read(number)),
    texts,
  );
  assert.equal(writer.intern("sub-777"), numbers[781]);
});

test("numbers never given are nothing", () => {
  const writer = new NamesWriter();
  const reader = new NamesReader(writer.handle);
  assert.equal(reader.read(0), undefined);
  writer.intern("a");
  assert.equal(reader.read(0), "a");
  assert.equal(reader.read(1), undefined);
  assert.equal(reader.read(-1), undefined);
});

test("full: refused, and what was there stays", () => {
  const few = new NamesWriter({ maxNames: 2 });
  few.intern("a");
  few.intern("b");
  assert.throws(() => few.intern("c"), { code: "store-unavailable" });
  assert.equal(few.intern("b"), 1);
  const short = new NamesWriter({ maxBytes: 4 });
  short.intern("abc");
  assert.throws(() => short.intern("de"), { code: "store-unavailable" });
  assert.equal(new NamesReader(short.handle).read(0), "abc");
  assert.equal(short.intern("f"), 1);
});
