import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type KeyTimes, publishAheadMs, scheduleKeys } from "./assertion-schedule.ts";

const hour = 3_600_000;
const day = 24 * hour;
const rotate = 30 * day;
const key = (id: string, usedFrom: number): KeyTimes => ({ id, usedFrom });

describe("the schedule of keys", () => {
  it("makes the first key at once, to sign at once", () => {
    assert.deepEqual(scheduleKeys([], 5, rotate), { kept: [], current: null, next: 5, at: 5 });
  });

  it("makes the next one a day before it signs, and changes over when it does", () => {
    const first = key("a", 0);
    const due = rotate - day;
    assert.deepEqual(scheduleKeys([first], due - 1, rotate), { kept: ["a"], current: "a", next: null, at: due });
    assert.deepEqual(scheduleKeys([first], due, rotate).next, rotate);
    const both = [first, key("b", rotate)];
    assert.deepEqual(scheduleKeys(both, rotate - 1, rotate), {
      kept: ["a", "b"],
      current: "a",
      next: null,
      at: rotate,
    });
    const changed = scheduleKeys(both, rotate, rotate);
    assert.deepEqual([changed.current, changed.kept], ["b", ["a", "b"]]);
  });

  it("forgets a key once all that it signed is over, and not before", () => {
    const both = [key("a", 0), key("b", rotate)];
    const over = rotate + 300_000 + hour;
    assert.equal(scheduleKeys(both, rotate, rotate).at, over);
    assert.deepEqual(scheduleKeys(both, over - 1, rotate).kept, ["a", "b"]);
    assert.deepEqual(scheduleKeys(both, over, rotate).kept, ["b"]);
  });

  it("publishes one that comes late for as long before it signs", () => {
    const now = 5 * rotate;
    const late = scheduleKeys([key("a", 0)], now, rotate);
    assert.deepEqual([late.current, late.next], ["a", now + day]);
    assert.equal(publishAheadMs(2 * hour), hour);
  });
});
