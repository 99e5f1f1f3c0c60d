import { EndWatch } from "#app/end-watch.ts";
import type { Announcements } from "#model/announcements.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Clock, EventRecorder, Log, Random } from "#model/ports.ts";
import { keyEvent } from "#products/key-event.ts";
import type { KeyNotice } from "#products/key-notice.ts";
import { KeyRotations } from "#products/key-rotations.ts";
import { KeySchedule } from "#products/key-schedule.ts";
import type { KeyHasher } from "#products/keys.ts";
import type { RotationPlan } from "#products/rotation-plan.ts";
import type { KeyChanges, Store } from "#storage/interfaces.ts";
import { keyMessages } from "./key-announcer.ts";

export interface KeyKeeperOptions {
  readonly store: Pick<Store, "keys" | "subscriptions" | "users">;
  readonly hasher: KeyHasher;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Pick<EventRecorder, "tell">;
  readonly plan: () => RotationPlan;
  /** Null: nobody is told. */
  readonly announcements: () => Announcements | null;
  readonly outbox: KeyOutbox;
  readonly newId: () => string;
  readonly onKeys: (changes: KeyChanges) => void;
}

/** Where messages wait to be sent. */
export interface KeyOutbox {
  readonly hasRoom: boolean;
  admit(messages: readonly OutboxMessage[]): readonly OutboxMessage[];
  /** Something was put in. */
  look(): Promise<void>;
}

/** A schedule counts in hours at least. */
const judgeEveryMs = 600_000;

/** Keys that follow one another, on main: what people do with them, and what time does. */
export class KeyKeeper {
  readonly rotations: KeyRotations;
  readonly #options: KeyKeeperOptions;
  readonly #schedule: KeySchedule;
  readonly #watch: EndWatch;
  #judging: Promise<void> = Promise.resolve();
  #judgedAt = -Infinity;

  constructor(options: KeyKeeperOptions) {
    this.#options = options;
    const { store, hasher, random, clock, log, plan, onKeys } = options;
    const messages = (notice: KeyNotice): Promise<readonly OutboxMessage[] | null> => this.#messages(notice);
    this.#schedule = new KeySchedule({
      store: store.keys,
      clock,
      plan,
      messages,
      onKeys,
      onNotice: (notice) => this.#note(notice),
    });
    this.rotations = new KeyRotations({
      store: store.keys,
      subscriptions: store.subscriptions,
      hasher,
      random,
      clock,
      plan,
      messages: async (notice) => options.outbox.admit((await messages(notice)) ?? []),
      onKeys,
      onOld: () => {
        void this.#watch.look();
        void options.outbox.look();
      },
    });
    const endDue = async (): Promise<number | null> => {
      const next = await this.#schedule.end();
      if (clock.now() - this.#judgedAt >= judgeEveryMs) void this.judge();
      return next;
    };
    this.#watch = new EndWatch({ endDue, clock, log, failed: "old keys that are over could not be ended" });
  }

  /** Ends what is due, and comes back for what is next. */
  look(): Promise<void> {
    return this.#watch.look();
  }

  /** What schedules ask for; another definition may ask for something else. One round at a time. */
  judge(): Promise<void> {
    this.#judgedAt = this.#options.clock.now();
    this.#judging = this.#judging.then(() => this.#judge());
    return this.#judging;
  }

  stop(): void {
    this.#watch.stop();
  }

  async #judge(): Promise<void> {
    try {
      await this.#schedule.judge();
    } catch (error) {
      this.#options.log.warn("keys could not be held to their schedules", { error: String(error) });
    }
  }

  /** Null: there is no room for them. */
  async #messages(notice: KeyNotice): Promise<readonly OutboxMessage[] | null> {
    const { announcements, outbox, newId } = this.#options;
    const settings = announcements();
    if (settings === null) return [];
    if (!outbox.hasRoom) return null;
    return keyMessages(settings, notice, await this.#addressOf(notice.owner), newId);
  }

  async #addressOf(owner: string | null): Promise<string | null> {
    const user = owner === null ? null : await this.#options.store.users.get(owner);
    return user?.state === "active" ? user.email : null;
  }

  #note(notice: KeyNotice): void {
    const { events, log, outbox } = this.#options;
    events.tell(keyEvent(notice));
    const { step, subscription, slot, key } = notice;
    log.info(`key: ${step}`, { subscription, slot, key });
    if (notice.until !== undefined) void this.look();
    void outbox.look();
  }
}
