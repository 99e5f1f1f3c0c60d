import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import type { CircuitBreaker, OutlierEjection, TargetCondition } from "#model/target-health.ts";
import { Breaker } from "./breaker.ts";
import { FailureWindow } from "./failure-window.ts";
import { Outliers } from "./outliers.ts";
import { ProbeCount } from "./probe-count.ts";
import { TargetHealth } from "./target-health.ts";

let now = 0;
const clock: Clock = { now: () => 1_700_000_000_000 + now, mono: () => now };
const serverErrors = [{ from: 500, to: 599 }];
const none = new HeaderList();

describe("active checks", () => {
  it("turn a target only after enough of the same in a row", () => {
    const probes = new ProbeCount({ passes: 2, fails: 3 });
    const after = (text: string): boolean => {
      for (const mark of text) probes.probed(mark === "+");
      return probes.isDown;
    };
    assert.equal(after("--+--"), false);
    assert.equal(after("-"), true);
    assert.equal(after("+-+"), true);
    assert.equal(after("+"), false);
  });
});

describe("passive checks", () => {
  it("are out while enough failures are remembered, until the oldest is not", () => {
    const window = new FailureWindow({ maxFails: 3, failDurationMs: 1000, statuses: serverErrors, latencyMs: 50 });
    window.failed(100);
    window.failed(200);
    assert.equal(window.until <= 200, true);
    window.failed(300);
    assert.equal(window.until, 1100);
    window.failed(1250);
    assert.equal(window.until, 1200);
    assert.deepEqual(
      [window.isFailure(500, 1), window.isFailure(200, 51), window.isFailure(200, 50)],
      [true, true, false],
    );
  });
});

describe("a circuit breaker", () => {
  const setting: CircuitBreaker = {
    failures: 3,
    percent: 0,
    minRequests: 10,
    intervalMs: 10_000,
    statuses: serverErrors,
    onErrors: true,
    tripMs: 5000,
    acceptRetryAfter: true,
  };
  const made = (more: Partial<CircuitBreaker> = {}): Breaker => {
    now = 0;
    return new Breaker({ ...setting, ...more }, clock);
  };

  it("opens, lets one through after the trip, and closes or opens by what comes of it", () => {
    const breaker = made();
    breaker.answered(500, none, breaker.began());
    breaker.broke(breaker.began());
    assert.equal(breaker.state, "closed");
    breaker.answered(503, none, breaker.began());
    assert.deepEqual([breaker.state, breaker.lets], ["open", false]);
    now = 4999;
    assert.equal(breaker.state, "open");
    now = 5000;
    assert.deepEqual([breaker.state, breaker.lets], ["half-open", true]);
    const first = breaker.began();
    assert.equal(breaker.lets, false);
    breaker.broke(first);
    breaker.left(first);
    assert.equal(breaker.state, "open");
    now = 10_000;
    breaker.left(breaker.began());
    assert.deepEqual([breaker.state, breaker.lets], ["half-open", true], "a client that went away proves nothing");
    const last = breaker.began();
    breaker.answered(200, none, last);
    breaker.left(last);
    assert.equal(breaker.state, "closed");
    breaker.broke(breaker.began());
    assert.equal(breaker.state, "closed");
  });

  it("lets one through at a time, whatever becomes of those that began before it opened", () => {
    const breaker = made();
    const slow = [breaker.began(), breaker.began(), breaker.began()] as const;
    for (let nth = 0; nth < 3; nth += 1) breaker.broke(breaker.began());
    const meanwhile = breaker.began();
    now = 5000;
    const trial = breaker.began();
    breaker.left(slow[0]);
    assert.equal(breaker.lets, false, "the place on trial is still taken");
    breaker.answered(200, none, slow[1]);
    breaker.answered(200, none, meanwhile);
    assert.equal(breaker.state, "half-open", "an answer to an earlier request proves nothing");
    breaker.broke(slow[2]);
    assert.equal(breaker.state, "half-open");
    breaker.answered(200, none, trial);
    assert.equal(breaker.state, "closed");
  });

  it("forgets failures older than the interval", () => {
    const breaker = made();
    breaker.broke(breaker.began());
    breaker.broke(breaker.began());
    now = 10_000;
    breaker.broke(breaker.began());
    assert.equal(breaker.state, "closed");
  });

  it("opens by share, once there are enough requests", () => {
    const breaker = made({ failures: 0, percent: 50 });
    for (let nth = 0; nth < 4; nth += 1) breaker.answered(200, none, breaker.began());
    for (let nth = 0; nth < 5; nth += 1) breaker.answered(500, none, breaker.began());
    assert.equal(breaker.state, "closed");
    breaker.answered(500, none, breaker.began());
    assert.equal(breaker.state, "open");
  });

  it("stays open as long as Retry-After says, in seconds or until a date, within an hour", () => {
    const open = (field: string, more: Partial<CircuitBreaker> = {}): number => {
      const breaker = made({ failures: 1, ...more });
      breaker.answered(503, new HeaderList(["Retry-After", field]), breaker.began());
      while (breaker.state === "open") now += 500;
      return now;
    };
    assert.equal(open("12"), 12_000);
    assert.equal(open(new Date(1_700_000_000_000 + 20_000).toUTCString()), 20_000);
    assert.equal(open("999999999"), 3_600_000);
    assert.equal(open("soon"), 5000);
    assert.equal(open("12", { acceptRetryAfter: false }), 5000);
  });
});

describe("outliers", () => {
  const setting: OutlierEjection = {
    consecutive: 3,
    deviations: 1,
    intervalMs: 1000,
    minRequests: 10,
    minTargets: 3,
    ejectionMs: 1000,
    longestMs: 2500,
    maxPercent: 50,
  };
  const peers = (count: number, more: Partial<OutlierEjection> = {}): [Outliers, ReturnType<Outliers["join"]>[]] => {
    now = 0;
    const outliers = new Outliers({ ...setting, ...more }, clock);
    return [outliers, Array.from({ length: count }, () => outliers.join())];
  };
  const repeat = (outliers: Outliers, member: ReturnType<Outliers["join"]>, good: number, bad: number): void => {
    for (let nth = 0; nth < good; nth += 1) outliers.ended(member, true);
    for (let nth = 0; nth < bad; nth += 1) outliers.ended(member, false);
  };

  it("are out after failures in a row, longer each time, up to a bound", () => {
    const [outliers, [bad]] = peers(3);
    assert.ok(bad);
    const lengths: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      repeat(outliers, bad, round === 0 ? 1 : 0, 3);
      lengths.push(bad.until - now);
      now = bad.until;
    }
    assert.deepEqual(lengths, [1000, 2000, 2500, 2500]);
  });

  it("never are more than the share, and never the last one", () => {
    for (const [count, percent, most] of [
      [1, 99, 0],
      [2, 99, 1],
      [3, 10, 1],
      [6, 50, 3],
      [6, 99, 5],
    ] as const) {
      const [outliers, members] = peers(count, { maxPercent: percent });
      for (const member of members) repeat(outliers, member, 0, 5);
      assert.equal(members.filter(({ until }) => until > now).length, most, `${count} at ${percent} %`);
    }
  });

  it("are those far below the others' success rate, when there is enough to compare", () => {
    const run = (requests: number, count: number): number => {
      const [outliers, members] = peers(count, { consecutive: 0 });
      for (const [nth, member] of members.entries()) {
        const bad = nth === 0 ? requests / 2 : 0;
        repeat(outliers, member, requests - bad, bad);
      }
      now = 1000;
      outliers.ended(members[1] as ReturnType<Outliers["join"]>, true);
      return members.filter(({ until }) => until > now).length;
    };
    assert.equal(run(20, 5), 1);
    assert.equal(run(8, 5), 0);
    assert.equal(run(20, 2), 0);
  });
});

describe("a target's health", () => {
  it("tells each change once", () => {
    now = 0;
    const breaker = {
      failures: 2,
      percent: 0,
      minRequests: 1,
      intervalMs: 10_000,
      statuses: serverErrors,
      onErrors: true,
      tripMs: 1000,
      acceptRetryAfter: false,
    };
    const health = new TargetHealth(clock, { breaker });
    const told: string[] = [];
    health.onChange = (condition: TargetCondition, before: TargetCondition) => told.push(`${before}>${condition}`);
    for (let nth = 0; nth < 4; nth += 1) health.answered(500, 1, none, health.began());
    assert.equal(health.isUp, false);
    now = 1000;
    assert.equal(health.isUp, true);
    const trial = health.began();
    assert.equal(health.isUp, false);
    health.answered(200, 1, none, trial);
    health.left(trial);
    health.probed(false);
    health.probed(false);
    assert.equal(health.isUp, false);
    health.probed(true);
    assert.equal(health.isUp, true);
    assert.deepEqual(told, ["up>open", "open>half-open", "half-open>up", "up>unhealthy", "unhealthy>up"]);
  });

  it("notices when its peers take it out", () => {
    now = 0;
    const outliers = new Outliers(
      {
        consecutive: 0,
        deviations: 1,
        intervalMs: 1000,
        minRequests: 2,
        minTargets: 2,
        ejectionMs: 1000,
        longestMs: 1000,
        maxPercent: 50,
      },
      clock,
    );
    const [bad, good, other] = [0, 1, 2].map(() => new TargetHealth(clock, { outliers })) as [
      TargetHealth,
      TargetHealth,
      TargetHealth,
    ];
    for (const one of [good, other, good, other]) one.answered(200, 1, none, one.began());
    bad.answered(500, 1, none, bad.began());
    bad.answered(500, 1, none, bad.began());
    assert.equal(bad.isUp, true);
    now = 1000;
    good.answered(200, 1, none, good.began());
    assert.equal(bad.isUp, false);
    assert.equal(bad.condition, "ejected");
    now = 2000;
    assert.equal(bad.isUp, true);
  });
});
