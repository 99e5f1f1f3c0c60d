import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { after, afterEach, describe, it } from "node:test";
import { Timeout, TimerWheel } from "./timer-wheel.ts";

let now = 1_000_000;
const clock = { now: () => now, mono: () => now };
const wheels: TimerWheel[] = [];

function wheel(): TimerWheel {
  // The system timer must not interfere: time passes by `pass` alone.
  const made = new TimerWheel(clock, { tickMs: 10 });
  wheels.push(made);
  return made;
}

function pass(on: TimerWheel, milliseconds: number): void {
  now += milliseconds;
  on.tick();
}

afterEach(() => {
  for (const made of wheels.splice(0)) made.close();
});

describe("a thread that is held up for longer than a timeout", () => {
  it("hears first what has come meanwhile", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const on = new TimerWheel({ now: () => Date.now(), mono: () => performance.now() }, { tickMs: 10 });
    wheels.push(on);
    after(() => server.close());
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const outcome = Promise.withResolvers<string>();
    const timeout = new Timeout(() => outcome.resolve("expired"));
    on.arm(timeout, 60);
    socket.once("connect", () => {
      on.disarm(timeout);
      outcome.resolve("connected");
    });
    // The system connects meanwhile; nobody here takes notice.
    for (const end = performance.now() + 300; performance.now() < end;);
    assert.equal(await outcome.promise, "connected");
    socket.destroy();
  });
});

describe("TimerWheel", () => {
  it("is never early and at most a tick late", () => {
    for (let delay = 0; delay < 60; delay += 7) {
      const on = wheel();
      let expiredAt = 0;
      const armedAt = now;
      on.arm(new Timeout(() => (expiredAt = now)), delay);
      for (let step = 0; step < 100; step += 1) pass(on, 1);
      assert.ok(
        expiredAt - armedAt >= delay && expiredAt - armedAt <= delay + 11,
        `${expiredAt - armedAt} for ${delay}`,
      );
    }
  });

  it("expires once, and not when disarmed", () => {
    const on = wheel();
    let count = 0;
    const single = new Timeout(() => (count += 1));
    const never = new Timeout(() => (count += 100));
    on.arm(single, 20);
    on.arm(never, 20);
    on.disarm(never);
    on.disarm(never);
    for (let step = 0; step < 10; step += 1) pass(on, 10);
    assert.equal(count, 1);
  });

  it("moves a timeout further away and nearer", () => {
    const on = wheel();
    const expired: number[] = [];
    const timeout = new Timeout(() => expired.push(now));
    const start = now;
    on.arm(timeout, 50);
    pass(on, 40);
    on.arm(timeout, 50);
    pass(on, 30);
    assert.deepEqual(expired, []);
    pass(on, 30);
    assert.equal(expired.length, 1);
    on.arm(timeout, 5000);
    on.arm(timeout, 20);
    pass(on, 40);
    assert.deepEqual(expired, [start + 100, start + 140]);
  });

  it("holds delays longer than a turn, and survives a stall longer than one", () => {
    const on = wheel();
    let expired = 0;
    on.arm(new Timeout(() => (expired += 1)), 12_000);
    for (let step = 0; step < 1199; step += 1) pass(on, 10);
    assert.equal(expired, 0);
    pass(on, 20);
    assert.equal(expired, 1);
    on.arm(new Timeout(() => (expired += 1)), 30);
    pass(on, 60_000);
    assert.equal(expired, 2);
  });

  it("lets an expiry arm and disarm others in the same slot", () => {
    const on = wheel();
    let count = 0;
    const second = new Timeout(() => (count += 1));
    const first = new Timeout(() => {
      on.disarm(second);
      on.arm(first, 10);
    });
    on.arm(first, 10);
    on.arm(second, 10);
    pass(on, 20);
    assert.equal(count, 0);
    assert.ok(first.slot >= 0);
  });
});
