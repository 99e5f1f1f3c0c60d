import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { defaultResponseLimits, type ResponseHead, ResponseParser } from "./http1-response-parser.ts";
import { RememberedHead } from "./remembered-head.ts";

const headOf = (text: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\nX-Text: ${text}\r\nContent-Length: 0\r\n\r\n`);

test("knows the same bytes wherever they lie, and no others", () => {
  const known = new RememberedHead<string>();
  known.keep(Buffer.from("..one.."), 2, 5, "first");
  assert.equal(known.find(Buffer.from("one"), 0, 3), "first");
  assert.equal(known.find(Buffer.from("onf"), 0, 3), null);
  assert.equal(known.find(Buffer.from("one."), 0, 4), null);
  known.keep(Buffer.from("on"), 0, 2, "shorter");
  assert.equal(known.find(Buffer.from("on"), 0, 2), "shorter");
  assert.equal(known.find(Buffer.from("one"), 0, 3), null);
});

test("keeps none that is large", () => {
  const known = new RememberedHead<string>();
  const large = Buffer.alloc(4097, "a");
  known.keep(large, 0, large.length, "large");
  assert.equal(known.find(large, 0, large.length), null);
  known.keep(large, 0, 4096, "just not");
  assert.equal(known.find(large, 0, 4096), "just not");
});

test("tries one in sixteen of a peer whose heads all differ, and all again once one comes twice", () => {
  const known = new RememberedHead<number>();
  const isKept = (number: number): boolean => {
    const bytes = Buffer.from([number]);
    known.keep(bytes, 0, 1, number);
    return known.find(bytes, 0, 1) === number;
  };
  for (let number = 0; number < 100; number += 1) known.keep(Buffer.from([number]), 0, 1, number);
  const kept = Array.from({ length: 28 }, (_, at) => isKept(100 + at)).indexOf(true);
  assert.equal(kept, 11, "the 112th");
  assert.ok(isKept(200), "one came twice");
});

test("a response's fields are its own, whatever becomes of those of the one before", () => {
  const heads: ResponseHead[] = [];
  const handler = { interim: () => undefined, head: (head: ResponseHead) => heads.push(head), data: () => undefined };
  const parser = new ResponseParser(defaultResponseLimits);
  for (let count = 0; count < 3; count += 1) {
    parser.begin(handler, false);
    parser.push(headOf("a"));
    assert.ok(parser.isComplete);
    heads.at(-1)?.fields.push("X-Added", "by a policy");
  }
  parser.begin(handler, false);
  parser.push(headOf("b"));
  const fields = ["Content-Length", "0", "X-Added", "by a policy"];
  assert.deepEqual(
    heads.map((head) => head.fields),
    [
      ["X-Text", "a", ...fields],
      ["X-Text", "a", ...fields],
      ["X-Text", "a", ...fields],
      ["X-Text", "b", "Content-Length", "0"],
    ],
  );
});

test("what a head means is read anew where it depends on the request", () => {
  const lengths: number[] = [];
  const handler = {
    interim: () => undefined,
    head: (head: ResponseHead) => lengths.push(head.framing.body),
    data: () => undefined,
  };
  const parser = new ResponseParser(defaultResponseLimits);
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  for (const bodyless of [false, true, false]) {
    parser.begin(handler, bodyless);
    parser.push(Buffer.from(bodyless ? head : `${head}ok`));
    assert.ok(parser.isComplete);
  }
  assert.deepEqual(lengths, [2, 0, 2]);
});
