import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { generator } from "#audit/testing/generator.ts";
import { longestShared } from "./shared-frame.ts";
import { SharedSlots } from "./shared-slots.ts";
import { isTold, type SharedBounds, SharedTeller, type Told } from "./shared-teller.ts";

/** Both ends, and what the writer thread keeps. */
class Telling {
  readonly slots = new SharedSlots();
  readonly teller: SharedTeller;
  readonly #things: number;
  readonly #told = new Map<string, Told | null>();
  isFull = false;
  frames = 0;

  constructor(most: SharedBounds) {
    this.#things = most.things;
    this.teller = new SharedTeller((frame) => {
      if (this.isFull) return false;
      this.frames += 1;
      return this.slots.take(Buffer.from(frame), 0, frame.length);
    }, most);
  }

  /** As a record that refers to it does. @returns whether it had to be told */
  refer(text: string): boolean {
    const known = this.#told.get(text) ?? null;
    if (isTold(known)) {
      known.isUsed = true;
      assert.equal(this.slots.at(known.number)?.members.toString(), text, "the number still means it");
      return false;
    }
    const told = this.teller.tell(Buffer.from(text));
    this.#told.set(text, told);
    if (told !== null) assert.equal(this.slots.at(told.number)?.members.toString(), text);
    return true;
  }

  get kept(): readonly string[] {
    const all = Array.from({ length: this.#things + 1 }, (_, at) => this.slots.at(at)?.members.toString() ?? "");
    return all.filter((text) => text !== "");
  }

  get keptBytes(): number {
    return this.kept.reduce((sum, text) => sum + text.length, 0);
  }
}

describe("what a worker's records share", () => {
  it("is told once for as long as there is room, and those who come often stay when others come once", () => {
    const telling = new Telling({ things: 100, bytes: 1e6 });
    let again = 0;
    for (let count = 0; count < 5000; count += 1) {
      telling.refer(`{"once":${count}}`);
      if (telling.refer(`{"often":${count % 40}}`) && count >= 40) again += 1;
    }
    assert.equal(again, 0, "told anew though they never stopped coming");
    assert.equal(telling.kept.length, 100);
  });

  it("is told anew a little more often for a few too many, not for all of them", () => {
    const telling = new Telling({ things: 1000, bytes: 1e6 });
    const next = generator(7);
    let told = 0;
    for (let count = 0; count < 40_000; count += 1) {
      if (telling.refer(`{"person":${next(1100)}}`) && count >= 20_000) told += 1;
    }
    assert.ok(told < 20_000 * 0.14, `${told} of 20,000 were told, where one in eleven finds no place`);
  });

  it("never takes more than its bounds at the writer thread, whatever comes, and both ends agree", () => {
    const most = { things: 60, bytes: 40_000 };
    for (let seed = 1; seed <= 20; seed += 1) {
      const telling = new Telling(most);
      const next = generator(seed);
      for (let count = 0; count < 1500; count += 1) {
        telling.isFull = next(10) === 0;
        const which = next(200);
        telling.refer(`{"n":${which},"x":"${"x".repeat((which * 37) % 3000)}"}`);
      }
      const { length } = telling.kept;
      assert.ok(length <= most.things && length > 5, `${length} things, seed ${seed}`);
      assert.ok(telling.keptBytes <= most.bytes, `${telling.keptBytes} bytes, seed ${seed}`);
    }
  });

  it("is not told when it is too long, and means what it did while there is no room to say otherwise", () => {
    const telling = new Telling({ things: 2, bytes: 1e6 });
    assert.equal(telling.teller.tell(Buffer.alloc(longestShared + 1, "x")), null);
    assert.equal(telling.frames, 0);
    telling.refer("{1}");
    telling.refer("{2}");
    telling.isFull = true;
    telling.refer("{3}");
    assert.deepEqual([telling.refer("{1}"), telling.refer("{2}")], [false, false]);
    telling.isFull = false;
    telling.refer("{3}");
    assert.equal(telling.kept.includes("{3}"), true);
  });
});
