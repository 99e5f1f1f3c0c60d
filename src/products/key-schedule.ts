import type { OutboxMessage } from "#model/outbox.ts";
import type { Clock } from "#model/ports.ts";
import type { Async, KeyChanges } from "#storage/interfaces.ts";
import type { HeldKey, KeyStore } from "#storage/key-store.ts";
import { hasYounger, judgeKey } from "./key-judgement.ts";
import { type KeyNotice, noticeOf } from "./key-notice.ts";
import { type RotationPlan, rotationOf } from "./rotation-plan.ts";

export interface KeyScheduleDependencies {
  readonly store: Async<KeyStore>;
  readonly clock: Pick<Clock, "now">;
  readonly plan: () => RotationPlan;
  /** What people are to be sent of it; null: there is no room, and nothing is done until there is. */
  readonly messages: (notice: KeyNotice) => Promise<readonly OutboxMessage[] | null>;
  readonly onKeys: (changes: KeyChanges) => void;
  /** It has happened and is durable. */
  readonly onNotice: (notice: KeyNotice) => void;
}

/** So many keys at a time. */
const pageSize = 1000;

/**
 * What time alone does to keys. Everything is one transaction of the store, which does nothing the second time: of two
 * that look at once, or one that dies and looks again, one has done it.
 */
export class KeySchedule {
  readonly #deps: KeyScheduleDependencies;

  constructor(dependencies: KeyScheduleDependencies) {
    this.#deps = dependencies;
  }

  /** Ends old keys whose time is over. @returns when the next one ends; null: none does */
  async end(): Promise<number | null> {
    const { store, clock, onKeys, onNotice } = this.#deps;
    const now = clock.now();
    const { changes, ended } = await store.end(now, pageSize);
    onKeys(changes);
    for (const key of ended) onNotice(noticeOf("ended", key, now, { why: "grace" }));
    return store.nextEnd();
  }

  /** Looks at every key, a page at a time, where there is anything to look for. */
  async judge(): Promise<void> {
    const { store, plan } = this.#deps;
    const { subscriptions, scopes } = plan();
    if (subscriptions.size + scopes.size === 0 && (await store.nextEnd()) === null) return;
    for (let after: Uint8Array | null = null; ;) {
      const page: readonly HeldKey[] = await store.held({ after, limit: pageSize });
      for (const key of page) await this.#judge(key);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      after = last.digest;
    }
  }

  async #judge(key: HeldKey): Promise<void> {
    const { store, clock, plan } = this.#deps;
    const now = clock.now();
    const rotation = rotationOf(plan(), key.subscription, key.scope);
    // Only a key that is due anyway asks for the others.
    const mayRetire = judgeKey(key, rotation, true, now).act === "retire";
    const younger = mayRetire && hasYounger(key, await store.of(key.subscription));
    const judgement = judgeKey(key, rotation, younger, now);
    if (judgement.act === "forget") await store.tell(key.digest, null);
    else if (judgement.act === "retire") await this.#retire(key, judgement, now);
    else if (judgement.act === "tell") await this.#tell(key, judgement, now);
  }

  async #retire(
    key: HeldKey,
    { dueAt, until }: { readonly dueAt: number; readonly until: number },
    now: number,
  ): Promise<void> {
    const { store, messages, onKeys, onNotice } = this.#deps;
    const notice = noticeOf("retired", key, now, { dueAt, until });
    const toSend = await messages(notice);
    const changes = toSend && (await store.retire(key.digest, now, until, toSend));
    if (changes === null) return;
    onKeys(changes);
    onNotice(notice);
  }

  async #tell(
    key: HeldKey,
    { stage, dueAt }: { readonly stage: "noticed" | "due" | "ending"; readonly dueAt?: number },
    now: number,
  ): Promise<void> {
    const { store, messages, onNotice } = this.#deps;
    const notice = noticeOf(stage === "ending" ? "ending" : "due", key, now, { dueAt, until: key.old?.until });
    const toSend = await messages(notice);
    if (toSend !== null && (await store.tell(key.digest, stage, toSend))) onNotice(notice);
  }
}
