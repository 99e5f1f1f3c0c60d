import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccessRequest } from "#model/access-requests.ts";
import type { OutboxClaim, OutboxMessage } from "#model/outbox.ts";
import type { Store } from "#storage/interfaces.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { onThisThread } from "#storage/store-contract.test-helper.ts";
import { type Attempt, Outbox } from "./outbox.ts";

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const clock = { now: () => Date.now() };
const taken: Attempt = { outcome: "sent", why: "" };
const notNow: Attempt = { outcome: "retry", why: "status 503" };

let ids = 0;
function message(receiver: string): OutboxMessage {
  const id = `m${String((ids += 1)).padStart(5, "0")}`;
  return { id, channel: "webhook", receiver, subject: "access:r1", body: "{}", createdAt: Date.now() };
}

async function scene(
  attempt: (message: OutboxClaim) => Promise<Attempt>,
  receivers: readonly string[],
): Promise<{ store: Store; outbox: Outbox; counted: string[]; end: () => Promise<void> }> {
  const store = onThisThread(openSqliteStore(":memory:"));
  const counted: string[] = [];
  const metrics = { add: (_: string, labels: object) => void counted.push(Object.values(labels).join(" ")) };
  const outbox = new Outbox({ store: store.outbox, attempt, clock, log: quiet, metrics, delaysMs: [1, 1] });
  const request = { id: "r1", requester: {}, steps: [], approval: "", grantee: "", reason: "", state: "pending" };
  const times = { durationMs: 1, createdAt: 1, answerBy: 1, startsAt: null, endsAt: null, isBreakGlass: false };
  const messages = outbox.admit(receivers.map(message));
  const made = { ...request, ...times } as unknown as AccessRequest;
  await store.access.create(made, { openOfGrantee: 9, open: 9 }, messages);
  const end = async (): Promise<void> => {
    outbox.stop();
    await sleep(5);
    await store.close();
  };
  return { store, outbox, counted, end };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries += 1) await sleep(5);
  assert.ok(holds(), "it did not come to this");
}

describe("the outbox", () => {
  it("sends each message to one receiver after the other, and once more when it fails", async () => {
    const tried: string[] = [];
    const { outbox, counted, end } = await scene(
      async ({ receiver, tries }) => {
        tried.push(`${receiver} ${tries}`);
        return receiver === "flaky" && tries < 2 ? notNow : taken;
      },
      ["flaky", "chat", "chat"],
    );
    await outbox.look();
    await until(() => counted.length === 3);
    assert.deepEqual(tried.toSorted(), ["chat 0", "chat 0", "flaky 0", "flaky 1", "flaky 2"]);
    assert.deepEqual(counted, ["webhook sent", "webhook sent", "webhook sent"]);
    await end();
  });

  it("gives up after the last try, at once where it would be the same again, and keeps what it gave up", async () => {
    const { store, outbox, counted, end } = await scene(
      async ({ receiver }) => (receiver === "gone" ? { outcome: "refused", why: "status 410" } : notNow),
      ["gone", "down"],
    );
    await outbox.look();
    await until(() => counted.length === 2);
    const dead = await store.outbox.list("dead", { after: null, limit: 9 });
    assert.deepEqual(
      dead.map(({ receiver, tries, why }) => `${receiver} ${tries} ${why}`),
      ["gone 1 status 410", "down 3 status 503"],
    );
    await end();
  });

  it("holds up no receiver for a slow one, and its messages in their order", async () => {
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => (release = resolve));
    const sent: string[] = [];
    const { outbox, end } = await scene(
      async ({ receiver, id }) => {
        if (receiver === "slow") await slow;
        sent.push(`${receiver} ${id}`);
        return taken;
      },
      ["slow", "slow", ...Array.from({ length: 20 }, (_, at) => `r${at % 12}`)],
    );
    await Promise.all([outbox.look(), outbox.look()]);
    await until(() => sent.length === 20);
    assert.ok(sent.every((one) => !one.startsWith("slow")));
    release();
    await until(() => sent.length === 22);
    assert.deepEqual(sent.slice(20), sent.slice(20).toSorted());
    await end();
  });

  it("takes no more than there is room for", async () => {
    const { outbox, counted, end } = await scene(async () => taken, []);
    assert.equal(outbox.admit(Array.from({ length: 1003 }, () => message("chat"))).length, 1000);
    assert.deepEqual(counted, ["webhook dropped", "webhook dropped", "webhook dropped"]);
    await end();
  });
});
