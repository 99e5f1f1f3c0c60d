import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WaitingPlaces } from "./waiting-places.ts";

const bounds = { most: 2, mostOfOne: 1, mostWaiting: 3, mostWaitingOfOne: 2, patienceMs: 60_000 };

describe("places that some wait for", () => {
  it("are given to those who wait in turn, past whose key has none", async () => {
    const places = new WaitingPlaces(bounds);
    assert.deepEqual([places.enter("a"), places.enter("b")], [true, true]);
    const order: string[] = [];
    const waits = ["a", "a", "c"].map(async (key, at) => {
      if (await places.enter(key)) order.push(`${key}${at}`);
    });
    assert.equal(places.enter("d"), false, "the line is full");
    places.leave("b");
    await waits[2];
    assert.deepEqual(order, ["c2"], "a has its one");
    places.leave("a");
    await waits[0];
    places.leave("a");
    await waits[1];
    assert.deepEqual(order, ["c2", "a0", "a1"]);
    places.leave("a");
    places.leave("c");
    assert.deepEqual([places.enter("x"), places.enter("y")], [true, true], "all are free again");
  });

  it("are waited for by a few of one key, and not for ever", async () => {
    const places = new WaitingPlaces({ ...bounds, patienceMs: 20 });
    assert.equal(places.enter("a"), true);
    const waiting = [places.enter("a"), places.enter("a")];
    assert.equal(places.enter("a"), false);
    assert.deepEqual(await Promise.all(waiting), [false, false]);
    places.leave("a");
    assert.equal(places.enter("a"), true, "who went away took none");
  });
});
