import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Rotation } from "#model/rotation.ts";
import type { KeyChanges, Store } from "#storage/interfaces.ts";
import type { HeldKey, KeyStore } from "#storage/key-store.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { created, declared, onThisThread } from "#storage/store-contract.test-helper.ts";
import { temporaryFolder } from "#storage/temporary-folder.test-helper.ts";
import type { KeyNotice } from "./key-notice.ts";
import { KeyRotations } from "./key-rotations.ts";
import { KeySchedule } from "./key-schedule.ts";
import { keyId } from "./keys.ts";

const day = 86_400_000;
const begin = 1_700_000_000_000;
const rotation: Rotation = { every: 90 * day, grace: 14 * day, notice: 14 * day };
const plan = { subscriptions: new Map<string, Rotation>(), scopes: new Map([["product:starter", rotation]]) };
const hasher = { digest: (key: string): Uint8Array => createHash("sha256").update(key).digest() };

/** Numbers from a seed: a run that fails can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One process that works with the store. */
class Node {
  readonly schedule: KeySchedule;
  readonly rotations: KeyRotations;
  readonly notices: KeyNotice[];

  constructor(store: Store, keys: Store["keys"], now: () => number, notices: KeyNotice[], seed: number) {
    this.notices = notices;
    const next = numbers(seed);
    let messages = 0;
    const shared = {
      store: keys,
      clock: { now },
      plan: () => plan,
      messages: async (notice: KeyNotice): Promise<readonly OutboxMessage[]> => {
        const id = `${seed}-${messages++}`;
        const about = { subject: `keys:${notice.subscription}`, createdAt: notice.at } as const;
        const body = JSON.stringify([notice.step, notice.key]);
        return [{ id, channel: "webhook", receiver: "hook", body, ...about }];
      },
      onKeys: (_changes: KeyChanges): void => {},
    };
    this.schedule = new KeySchedule({ ...shared, onNotice: (notice) => notices.push(notice) });
    this.rotations = new KeyRotations({
      ...shared,
      subscriptions: store.subscriptions,
      hasher,
      random: { bytes: (count) => Uint8Array.from({ length: count }, () => next(256)) },
      onOld: () => {},
    });
  }
}

const folder = temporaryFolder();
let files = 0;
let store: Store;
let now = begin;
let notices: KeyNotice[] = [];
let node: Node;

function openFile(path: string): Store {
  return onThisThread(openSqliteStore(path));
}

async function held(): Promise<readonly HeldKey[]> {
  return store.keys.held({ after: null, limit: 1000 });
}

const steps = (): readonly string[] => notices.map(({ step, slot }) => `${step} ${slot}`);

async function passDays(days: number): Promise<void> {
  for (let passed = 0; passed < days; passed++) {
    now += day;
    await node.schedule.end();
    await node.schedule.judge();
  }
}

/** Takes all messages out. */
async function drained(from: Store): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const claim = await from.outbox.claim(1e15, 1e15, []);
    if (claim === null) return all;
    all.push(claim.body);
    await from.outbox.sent(claim.id);
  }
}

describe("the schedule of keys", () => {
  beforeEach(async () => {
    store = openFile(join(folder, `keys-${files++}.db`));
    now = begin;
    notices = [];
    node = new Node(store, store.keys, () => now, notices, 1);
    const [primaryDigest, secondaryDigest] = ["first", "second"].map(hasher.digest);
    const keys = { primaryDigest: primaryDigest ?? hasher.digest(""), secondaryDigest: secondaryDigest ?? null };
    await store.subscriptions.create(created("a", 1, { ...keys, createdAt: begin }));
  });
  after(() => store.close());

  it("tells that keys are due, once for each stage, and takes nobody's last key", async () => {
    await passDays(75);
    assert.deepEqual(steps(), []);
    await passDays(1);
    assert.deepEqual(steps().toSorted(), ["due primary", "due secondary"]);
    await passDays(13);
    assert.equal(notices.length, 2);
    await passDays(1);
    assert.equal(notices.length, 4);
    assert.ok(notices.every(({ step, dueAt }) => step === "due" && dueAt === begin + 90 * day));
    await passDays(400);
    assert.equal(notices.length, 4, "told once");
    assert.deepEqual((await held()).length, 2, "nobody has made a new one: both go on");
    assert.deepEqual(
      (await drained(store)).map((body) => (JSON.parse(body) as string[])[0]),
      ["due", "due", "due", "due"],
    );
  });

  it("lets what is replaced go on for its grace, and then what is due and has a younger one", async () => {
    await passDays(80);
    const { issued, until } = await node.rotations.rotate("a", { slot: null, isEmergency: false, graceMs: null });
    assert.deepEqual([issued.length, issued[0]?.slot, until], [1, "secondary", now + 14 * day]);
    await store.subscriptions.noteUses([{ digest: hasher.digest("second"), at: now + day }]);
    notices.length = 0;
    await passDays(10);
    assert.deepEqual(steps(), ["retired primary"]);
    assert.equal(notices[0]?.until, begin + 104 * day);
    await passDays(1);
    assert.deepEqual(steps(), ["retired primary", "ending secondary"], "it was used, and ends in three days");
    await passDays(2);
    assert.equal((await held()).length, 3);
    await passDays(1);
    assert.deepEqual(steps().slice(2), ["ended secondary"]);
    await passDays(10);
    assert.deepEqual(steps().slice(3), ["ended primary"], "nobody has used it: nobody is warned");
    assert.equal((await held()).length, 1);
    const next = await node.rotations.rotate("a", { slot: null, isEmergency: false, graceMs: 0 });
    assert.deepEqual([next.issued[0]?.slot, next.until], ["secondary", null]);
    const [only, ...others] = await held();
    assert.deepEqual([others, only && keyId(only.digest)], [[], next.issued[0]?.id], "without a grace it ends at once");
  });

  it("makes everything anew at once in an emergency, or one slot", async () => {
    await node.rotations.rotate("a", { slot: "primary", isEmergency: false, graceMs: 30 * day });
    const one = await node.rotations.rotate("a", { slot: "secondary", isEmergency: true, graceMs: null });
    assert.deepEqual([one.issued.length, (await held()).length], [1, 3]);
    const all = await node.rotations.rotate("a", { slot: null, isEmergency: true, graceMs: null });
    assert.deepEqual(
      (await held()).map(({ digest }) => keyId(digest)).toSorted(),
      all.issued.map(({ id }) => id).toSorted(),
    );
    assert.deepEqual(all.notices.map(({ step, why }) => `${step} ${why ?? ""}`).toSorted(), [
      "ended emergency",
      "ended emergency",
      "ended emergency",
      "rotated ",
      "rotated ",
    ]);
    assert.ok(all.issued.every(({ key, id }) => keyId(hasher.digest(key)) === id));
  });

  it("changes nothing of what the definition declares, and tells that it is due", async () => {
    const list = [declared("d", 7, { createdAt: begin })];
    await store.subscriptions.upsertDeclared(list);
    await passDays(200);
    assert.deepEqual(
      notices.filter(({ subscription }) => subscription === "d").map(({ step }) => step),
      ["due", "due"],
    );
    const rotate = node.rotations.rotate("d", { slot: null, isEmergency: true, graceMs: null });
    await assert.rejects(rotate, { code: "store-conflict", message: /definition/ });
  });

  it("tells anew when a longer period has made a key young meanwhile", async () => {
    await passDays(76);
    plan.subscriptions.set("a", { ...rotation, every: 180 * day });
    try {
      await passDays(1);
      assert.ok((await held()).every(({ told }) => told === null));
      await passDays(89);
      assert.equal(notices.length, 4);
    } finally {
      plan.subscriptions.clear();
    }
  });

  it("does nothing while there is no room for what it has to tell", async () => {
    let room = false;
    const schedule = new KeySchedule({
      store: store.keys,
      clock: { now: () => now },
      plan: () => plan,
      messages: async () => (room ? [] : null),
      onKeys: () => {},
      onNotice: (notice) => notices.push(notice),
    });
    now = begin + 80 * day;
    await schedule.judge();
    assert.equal(notices.length, 0);
    room = true;
    await schedule.judge();
    assert.equal(notices.length, 2);
  });
});

/** A store whose calls break off now and then: before they have happened, or behind, with the answer lost. */
function crashing(keys: Store["keys"], random: (below: number) => number): Store["keys"] {
  const wrapped = Object.entries(keys).map(([name, method]) => [
    name,
    async (...args: unknown[]): Promise<unknown> => {
      if (random(12) === 0) throw new Error("crash before");
      const result = await (method as (...all: unknown[]) => Promise<unknown>)(...args);
      if (random(12) === 0) throw new Error("crash behind");
      return result;
    },
  ]);
  return Object.fromEntries(wrapped) as { [Key in keyof KeyStore]: Store["keys"][Key] };
}

/** Whoever gets no answer asks again. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      assert.match(String(error), /crash/);
    }
  }
}

it("two processes that die again and again never leave a moment without a key that somebody has, and do nothing twice", async () => {
  const happened = new Set<string>();
  for (let seed = 1; seed <= 6; seed++) {
    const random = numbers(seed * 7919);
    const path = join(folder, `property-${seed}.db`);
    const [first, second] = [openFile(path), openFile(path)];
    const told: KeyNotice[] = [];
    let clock = begin;
    const start = (from: Store, number: number): Node =>
      new Node(from, crashing(from.keys, random), () => clock, told, seed * 10 + number);
    const [one, two] = [start(first, 1), start(second, 2)];
    const digests = { primaryDigest: hasher.digest(`p${seed}`), secondaryDigest: hasher.digest(`s${seed}`) };
    await first.subscriptions.create(created("a", 1, { ...digests, createdAt: begin }));
    /** Ids of keys that somebody was shown. */
    const shown = new Set(Object.values(digests).map(keyId));
    const rotate = async (isEmergency: boolean): Promise<void> => {
      const request = { slot: null, isEmergency, graceMs: null };
      const { issued } = await persistently(() => (random(2) === 0 ? one : two).rotations.rotate("a", request));
      for (const { id } of issued) shown.add(id);
    };
    for (let step = 0; step < 40; step++) {
      clock += 1 + random(9 * day);
      const looks = [one, two].flatMap(({ schedule }) => [schedule.end(), schedule.judge()]);
      for (const { status, reason } of (await Promise.allSettled(looks)) as PromiseRejectedResult[]) {
        if (status === "rejected") assert.match(String(reason), /crash/);
      }
      if (random(6) === 0) await rotate(random(3) === 0);
      const keys = await first.keys.of("a");
      const place = `seed ${seed}, step ${step}`;
      const good = keys.filter(({ digest, old }) => shown.has(keyId(digest)) && (old === null || old.until > clock));
      assert.ok(good.length > 0, `${place}: nobody has a key that is good`);
      const slots = keys.filter(({ old }) => old === null).map(({ slot }) => slot);
      assert.ok(slots.length > 0 && new Set(slots).size === slots.length, `${place}: keys in ${slots.join()}`);
      assert.ok(
        keys.every(({ old }) => old === null || old.until - old.since === rotation.grace),
        `${place}: grace`,
      );
    }
    for (const what of ["retired", "ended", "ending"]) {
      const ids = told.filter(({ step }) => step === what).map(({ key }) => key);
      assert.equal(new Set(ids).size, ids.length, `seed ${seed}: ${what} twice`);
    }
    const bodies = (await drained(first)).filter((body) => !body.startsWith('["due"'));
    assert.equal(new Set(bodies).size, bodies.length, `seed ${seed}: sent twice`);
    for (const { step } of told) happened.add(step);
    await Promise.all([first.close(), second.close()]);
  }
  for (const step of ["due", "retired", "ended"]) assert.ok(happened.has(step), `${step} has been tried`);
});
