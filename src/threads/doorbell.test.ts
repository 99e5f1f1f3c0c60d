import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDoorbell, Doorbell } from "./doorbell.ts";

describe("a doorbell", () => {
  it("wakes whoever sleeps at the end of a turn, when all of the turn is there", async () => {
    const shared = createDoorbell();
    const bell = new Doorbell(shared);
    const isAsleep = (): boolean => new Int32Array(shared.word)[0] === 1;
    let work = 0;
    const found = bell.sleep(() => work > 0).then(() => work);
    for (let count = 0; count < 3; count += 1) {
      work += 1;
      bell.ringSoon();
      await Promise.resolve();
      assert.ok(isAsleep(), "one wake-up a turn is a system call less for each of the others");
    }
    assert.equal(await found, 3);
  });

  it("wakes again who has slept again since", async () => {
    const bell = new Doorbell(createDoorbell());
    for (let count = 0; count < 3; count += 1) {
      const awake = bell.sleep(() => false);
      bell.ringSoon();
      await awake;
    }
  });

  it("is not slept at by whoever has something to do", async () => {
    const bell = new Doorbell(createDoorbell());
    bell.ringSoon();
    await bell.sleep(() => true);
  });
});
