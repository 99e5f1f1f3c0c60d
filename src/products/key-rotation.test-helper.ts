import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Rotation } from "#model/rotation.ts";
import type { KeyChanges, Store } from "#storage/interfaces.ts";
import type { KeyStore } from "#storage/key-store.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { created, onThisThread } from "#storage/store-contract.test-helper.ts";
import type { KeyNotice } from "./key-notice.ts";
import { KeyRotations } from "./key-rotations.ts";
import { KeySchedule } from "./key-schedule.ts";
import { keyId } from "./keys.ts";
import type { RotationPlan } from "./rotation-plan.ts";

export const day = 86_400_000;
export const begin = 1_700_000_000_000;
export const rotation: Rotation = { every: 90 * day, grace: 14 * day, notice: 14 * day };
export const plan: { readonly subscriptions: Map<string, Rotation>; readonly scopes: RotationPlan["scopes"] } = {
  subscriptions: new Map(),
  scopes: new Map([["product:starter", rotation]]),
};
export const hasher = { digest: (key: string): Uint8Array => createHash("sha256").update(key).digest() };

export function openFile(path: string): Store {
  return onThisThread(openSqliteStore(path));
}

/** Numbers from a seed: a run that fails can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One process that works with the store. */
export class Node {
  readonly schedule: KeySchedule;
  readonly rotations: KeyRotations;
  readonly notices: KeyNotice[];
  /** Ids of keys that the index was told to refuse. */
  readonly removed: string[] = [];

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
      onKeys: ({ removed }: KeyChanges): void => void this.removed.push(...removed.map(keyId)),
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

/** Takes all messages out. */
export async function drained(from: Store): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const claim = await from.outbox.claim(1e15, 1e15, []);
    if (claim === null) return all;
    all.push(claim.body);
    await from.outbox.sent(claim.id);
  }
}

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

/**
 * Two processes work with one store, and people rotate now and then, while each of its calls may break off. At every step
 * somebody has a key that is good, each slot one key, each old key its whole grace, and nothing is done or sent twice.
 * @returns what has happened
 */
export async function tryKeys(folder: string, seed: number, steps: number): Promise<ReadonlySet<string>> {
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
  for (let step = 0; step < steps; step++) {
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
  await Promise.all([first.close(), second.close()]);
  return new Set(told.map(({ step }) => step));
}
