import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { ChallengeError } from "#edge/acme/authorize.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { Meter } from "#model/metrics.ts";
import type { Log } from "#model/ports.ts";
import { CertificateTree } from "./certificate-tree.ts";
import { plainFiles } from "#edge/secret-files.ts";
import type { ManagedName, NameContext } from "./managed-name.ts";
import { type Alarm, CertificateManager } from "./manager.ts";
import { day, hour, refused, StandInAuthority } from "./stand-in-authority.test-helper.ts";

const minute = 60_000;
const start = Date.parse("2026-01-01T00:00:00Z");
const solver = { present: async () => {}, remove: async () => {} };

class World {
  now = start;
  readonly folder: string;
  readonly logged: string[] = [];
  readonly failed: string[] = [];
  readonly meter: Meter = { add: (name, labels) => void this.failed.push(`${name} ${Object.values(labels).join()}`) };
  readonly clock = { now: () => this.now, mono: () => this.now };
  readonly random = { bytes: (count: number) => randomBytes(count) };

  constructor(folder: string) {
    this.folder = folder;
  }

  manager(
    authorities: readonly StandInAuthority[],
    types: readonly ChallengeType[] = ["http-01"],
    alarm?: Alarm,
  ): CertificateManager {
    const line = (message: string, fields?: object): void =>
      void this.logged.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = { info: line, warn: line, error: line };
    const context: NameContext = {
      means: {
        authorities,
        solvers: new Map(types.map((type) => [type, solver])),
        keyType: "p256",
        log,
        meter: this.meter,
      },
      tree: new CertificateTree(this.folder, this.random, log, plainFiles(this.random)),
      locks: { shared: false, pause: async () => {} },
      clock: this.clock,
      fraction: () => 0.5,
      log,
      onChange: () => {},
      stopping: () => false,
    };
    return new CertificateManager(context, alarm);
  }

  /** Lets time pass, in the steps that the gateway looks in or larger ones. */
  async pass(
    manager: CertificateManager,
    span: number,
    step: number,
    seen: (now: number) => void = () => {},
  ): Promise<void> {
    for (const end = this.now + span; this.now < end; this.now += step) {
      await manager.check();
      seen(this.now);
    }
  }
}

const folders: string[] = [];
async function world(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-managed-"));
  folders.push(folder);
  return new World(folder);
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const only = (manager: CertificateManager): ManagedName => manager.names[0] as ManagedName;

describe("certificates over time", () => {
  for (const [days, expected] of [
    [90, 4],
    [47, 6],
    [6, 46],
  ] as const) {
    it(`of ${days} days are renewed with a third left, and never run out in half a year`, async () => {
      const at = await world();
      const ca = await StandInAuthority.create("ca", at.clock);
      ca.lifetimeMs = days * day;
      const manager = at.manager([ca]);
      await manager.setNames(["a.sally.org"]);
      await at.pass(manager, 182 * day, hour, (now) => assert.ok((only(manager).certificate?.notAfter ?? 0) > now));
      assert.equal(ca.orders.length, expected);
      for (const [index, { at: time, replaces }] of ca.orders.entries()) {
        const before = ca.orders[index - 1];
        assert.equal(replaces, before !== undefined);
        if (before !== undefined) assert.ok(Math.abs(time - before.at - (days * day * 2) / 3) <= hour + 1000);
      }
    });
  }

  it("are looked at every ten minutes by itself once it has started, and renewed so", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    ca.lifetimeMs = 3 * hour;
    const timers: { run: () => void; delay: number }[] = [];
    const alarm: Alarm = (run, delay) => {
      timers.push({ run, delay });
      return () => {};
    };
    const manager = at.manager([ca], ["http-01"], alarm);
    await manager.setNames(["a.sally.org"]);
    manager.start();
    const delays: number[] = [];
    while (ca.orders.length < 2 && delays.length < 100) {
      const { run, delay } = timers.shift() as (typeof timers)[number];
      delays.push(delay);
      at.now += delay;
      run();
      while (timers.length === 0) await new Promise((next) => setImmediate(next));
    }
    manager.stop();
    assert.deepEqual(delays.slice(0, 3), [0, 10 * minute, 10 * minute]);
    assert.ok(delays.every((delay) => delay <= 10 * minute));
    const [first, second] = ca.orders.map((order) => order.at);
    assert.equal(first, start);
    assert.ok(Math.abs((second as number) - start - 2 * hour) <= 10 * minute);
  });

  it("are renewed when the authority wishes it, with a moment of its window that stays", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    let asked = 0;
    ca.window = () => {
      asked += 1;
      return { start: start + 10 * day, end: start + 12 * day, explanation: null, askAgainAt: at.now + 6 * hour };
    };
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, 12 * day, hour);
    const [first, second, third] = ca.orders;
    assert.equal(first?.at, start);
    assert.equal(second?.at, start + 11 * day);
    assert.equal(
      third?.at,
      start + 11 * day + 6 * hour,
      "an authority that is always in a hurry is humoured every 6 h",
    );
    assert.ok(asked >= 12 * 4 - 1 && asked <= 12 * 4 + 8, `asked ${asked} times`);
  });

  it("whose window is over are renewed at once: that is how an authority says that it will revoke", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, day, hour);
    const doomed = only(manager).certificate?.chainPem;
    ca.window = (chain) =>
      chain === doomed
        ? { start: at.now - 2 * day, end: at.now - day, explanation: "https://ca.test/why", askAgainAt: at.now + day }
        : { start: at.now + 30 * day, end: at.now + 31 * day, explanation: null, askAgainAt: at.now + day };
    await at.pass(manager, day, hour);
    assert.equal(ca.orders.length, 2);
    assert.notEqual(only(manager).certificate?.chainPem, doomed);
  });

  it("are renewed with a twentieth left, whatever the authority wishes", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    ca.window = () => ({
      start: start + 100 * day,
      end: start + 101 * day,
      explanation: null,
      askAgainAt: at.now + day,
    });
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, 89 * day, hour);
    assert.deepEqual(
      ca.orders.map((order) => Math.ceil((order.at - start) / day)),
      [0, 86],
    );
  });

  it("are kept: another process finds them and orders nothing", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const first = at.manager([ca]);
    await first.setNames(["a.sally.org", "*.sally.org", "2001:db8::1"]);
    await first.check();
    const second = at.manager([ca]);
    await second.setNames(["a.sally.org"]);
    await second.check();
    assert.equal(only(second).certificate?.chainPem, first.find("a.sally.org")?.certificate?.chainPem);
    // No DNS here, so the wildcard cannot be proven: that is said, and costs the authority nothing.
    assert.equal(ca.orders.length, 2);
    assert.match(first.find("*.sally.org")?.state.lastFailure?.text ?? "", /a wildcard needs edge\.acme\.dns/);
  });
});

describe("a certificate that cannot be had", () => {
  it("is tried again after a minute, then ever later up to six hours, and for thirty days", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    ca.refusal = () => refused("unauthorized", "the moon is in the wrong house");
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, 36 * hour, minute);
    await at.pass(manager, 38 * day, 10 * minute);
    const gaps = ca.orders
      .slice(1)
      .map((order, index) => Math.round((order.at - (ca.orders[index]?.at ?? 0)) / minute));
    assert.deepEqual(gaps.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
    assert.ok(gaps.every((gap) => gap <= 370));
    const last = ca.orders.at(-1)?.at ?? 0;
    assert.ok(last - start >= 30 * day && last - start < 31 * day, "it is given up after thirty days");
    assert.equal(only(manager).dueAt(), null);
    assert.match(at.logged.at(-1) ?? "", /the moon is in the wrong house.*given up after 30 days/);
    ca.refusal = null;
    const next = at.manager([ca]);
    await next.setNames(["a.sally.org"]);
    await next.check();
    assert.ok(only(next).certificate !== null, "a restart tries again");
    assert.equal(only(next).state.lastFailure, null);
  });

  it("leaves the one before in use, and the authority's words in state and log", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await manager.check();
    const before = only(manager).certificate;
    ca.refusal = () => refused("rateLimited", "too many certificates already issued", 5 * hour);
    at.now += 61 * day;
    await manager.check();
    assert.equal(only(manager).certificate, before);
    const { lastFailure, nextTryAt, failures } = only(manager).state;
    assert.deepEqual([lastFailure?.type, failures], ["rateLimited", 1]);
    assert.match(lastFailure?.text ?? "", /too many certificates already issued/);
    assert.equal(nextTryAt, at.now + 5 * hour, "not before the authority wants to be asked");
    assert.deepEqual(at.failed, ["sallyport_certificate_renewal_failures_total a.sally.org,ca"]);
    assert.ok(at.logged.some((line) => line.includes("too many certificates") && line.includes("nextTry")));
  });

  it("is asked of the staging twin first from the second try on, so that no limits are burnt", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const staging = await StandInAuthority.create("staging", at.clock);
    ca.staging = staging;
    let broken = true;
    const refusal = (): Error | null => (broken ? refused("unauthorized", "no") : null);
    ca.refusal = refusal;
    staging.refusal = refusal;
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, 10 * minute, minute);
    assert.equal(ca.orders.length, 1);
    assert.ok(staging.orders.length >= 2);
    broken = false;
    await at.pass(manager, 20 * minute, minute);
    assert.equal(ca.orders.length, 2);
    assert.equal(only(manager).state.issuer, ca.directory);
  });

  it("goes to the staging twin as well where the order itself died: it is not begun again without", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const staging = await StandInAuthority.create("staging", at.clock);
    ca.staging = staging;
    const dead = (): Error => refused("badCSR", "not like this");
    ca.refusalOfOrder = dead;
    staging.refusalOfOrder = dead;
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await at.pass(manager, 10 * minute, minute);
    assert.deepEqual([ca.orders.length, staging.orders.length > 2], [1, true]);
    // One that was only not heard of is gone on with.
    ca.refusalOfOrder = () => new Error("nobody there");
    staging.refusalOfOrder = null;
    await at.pass(manager, hour, minute);
    assert.ok(ca.orders.length > 3);
    const rehearsals = staging.orders.length;
    await at.pass(manager, 12 * hour, minute);
    assert.equal(staging.orders.length, rehearsals);
  });

  it("is tried by the next type of challenge, then with the next authority", async () => {
    const at = await world();
    const first = await StandInAuthority.create("first", at.clock);
    const second = await StandInAuthority.create("second", at.clock);
    const types: readonly ChallengeType[] = ["tls-alpn-01", "http-01"];
    first.refusal = (type) => new ChallengeError(type, { type: "connection", detail: "nobody there", status: 0 });
    const manager = at.manager([first, second], types);
    await manager.setNames(["a.sally.org"]);
    await manager.check();
    assert.deepEqual(
      first.orders.map(({ challenge }) => challenge),
      types,
    );
    const { issuer, passedOver, lastFailure } = only(manager).state;
    assert.deepEqual([issuer, lastFailure], [second.directory, null]);
    assert.deepEqual(
      passedOver.map((one) => [one.issuer, one.challenge]),
      [["first", "http-01"]],
    );
    assert.match(passedOver[0]?.text ?? "", /tls-alpn-01: nobody there.*; .*http-01: nobody there/);
    // What is not about the challenge is not tried with another.
    first.refusal = () => refused("rejectedIdentifier", "never");
    const other = at.manager([first], types);
    await other.setNames(["b.sally.org"]);
    await other.check();
    assert.equal(first.orders.length, 3);
  });
});

describe("revoke and replace", () => {
  it("orders another certificate with another key, then revokes the one before", async () => {
    const at = await world();
    const ca = await StandInAuthority.create("ca", at.clock);
    const manager = at.manager([ca]);
    await manager.setNames(["a.sally.org"]);
    await manager.check();
    const before = only(manager).certificate;
    assert.equal(await manager.replace("b.sally.org", null), false);
    await manager.replace("a.sally.org", "keyCompromise");
    await manager.check();
    assert.notEqual(only(manager).certificate?.keyPem, before?.keyPem);
    assert.deepEqual(ca.revoked, [{ chainPem: before?.chainPem, reason: "keyCompromise" }]);
    await manager.check();
    assert.deepEqual([ca.orders.length, ca.revoked.length], [2, 1]);
  });
});
