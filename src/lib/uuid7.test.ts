import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { createUuid7 } from "./uuid7.ts";

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

it("has the form, the version, the variant and the time of RFC 9562", () => {
  const next = createUuid7(randomBytes, () => 0x0_17f_22e2_79b0);
  const id = next();
  assert.match(id, form);
  assert.equal(id.slice(0, 13), "017f22e2-79b0");
  assert.equal(timeOf(createUuid7(randomBytes, () => 1.9)()), 1);
  assert.equal(timeOf(createUuid7(randomBytes, () => 2 ** 48 - 1)()), 2 ** 48 - 1);
});

it("puts every random bit where it belongs", () => {
  const ones = createUuid7(
    (count) => new Uint8Array(count).fill(0xff),
    () => 0,
  );
  assert.equal(ones(), "00000000-0000-77ff-bfff-ffffffffffff");
  const zeros = createUuid7(
    (count) => new Uint8Array(count),
    () => 0,
  );
  assert.equal(zeros(), "00000000-0000-7000-8000-000000000000");
  const counting = createUuid7(
    (count) => Uint8Array.from({ length: count }, (_, at) => at),
    () => 0,
  );
  assert.equal(counting(), "00000000-0000-7009-8001-020304050607");
});

it("rises strictly, within a millisecond, beyond its counter, and when the clock is set back", () => {
  let clock = 1_700_000_000_000;
  const next = createUuid7(randomBytes, () => clock);
  let last = next();
  for (let count = 0; count < 30_000; count++) {
    if (count === 10_000) clock -= 3_600_000;
    if (count === 20_000) clock += 3_600_010;
    const id = next();
    assert.ok(id > last, `${id} after ${last}`);
    last = id;
  }
  assert.match(last, form);
});

it("takes the clock's time again once it has passed its own", () => {
  let clock = 5000;
  const next = createUuid7(randomBytes, () => clock);
  next();
  clock = 1000;
  assert.equal(timeOf(next()), 5000);
  clock = 6000;
  assert.equal(timeOf(next()), 6000);
});

it("two makers never agree, and one never repeats, over the end of a pool", () => {
  const makers = [createUuid7(randomBytes, () => 7), createUuid7(randomBytes, () => 7)];
  const ids = new Set(makers.flatMap((next) => Array.from({ length: 5000 }, () => next())));
  assert.equal(ids.size, 10_000);
});

it("asks for randomness rarely, and never uses a byte twice", () => {
  const asked: number[] = [];
  const next = createUuid7(
    (count) => {
      asked.push(count);
      return randomBytes(count);
    },
    () => 7,
  );
  const tails = new Set(Array.from({ length: 512 }, () => next().slice(19)));
  assert.equal(asked.length, 2);
  assert.equal(tails.size, 512);
  assert.throws(
    createUuid7(
      () => new Uint8Array(3),
      () => 7,
    ),
    RangeError,
  );
});
