import assert from "node:assert/strict";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import type { Store } from "#storage/interfaces.ts";
import type { HeldKey } from "#storage/key-store.ts";
import { created, declared } from "#storage/store-contract.test-helper.ts";
import { temporaryFolder } from "#storage/temporary-folder.test-helper.ts";
import type { KeyNotice } from "./key-notice.ts";
import { begin, day, drained, hasher, Node, openFile, plan, rotation, tryKeys } from "./key-rotation.test-helper.ts";
import { KeySchedule } from "./key-schedule.ts";
import { keyId } from "./keys.ts";

const folder = temporaryFolder();
let files = 0;
let store: Store;
let now = begin;
let notices: KeyNotice[] = [];
let node: Node;

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

  it("refuses what an emergency has ended also when the store's answer is lost", async () => {
    const rotate: Store["keys"]["rotate"] = async (...args) => {
      await store.keys.rotate(...args);
      throw new Error("no answer");
    };
    const before = (await held()).map(({ digest }) => keyId(digest));
    const losing = new Node(store, { ...store.keys, rotate }, () => now, notices, 2);
    const request = { slot: null, isEmergency: true, graceMs: null };
    await assert.rejects(losing.rotations.rotate("a", request), /no answer/);
    assert.deepEqual(losing.removed.toSorted(), before.toSorted());
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

it("two processes that die again and again never leave a moment without a key that somebody has, and do nothing twice", async () => {
  const happened = new Set<string>();
  for (let seed = 1; seed <= 6; seed++) for (const step of await tryKeys(folder, seed, 40)) happened.add(step);
  for (const step of ["due", "retired", "ended"]) assert.ok(happened.has(step), `${step} has been tried`);
});
