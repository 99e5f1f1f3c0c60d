import type { MetricRegistry } from "#admin/metrics/registry.ts";
import { EndWatch } from "#app/end-watch.ts";
import type { Channel, OutboxClaim, OutboxMessage } from "#model/outbox.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { Async } from "#storage/interfaces.ts";
import type { OutboxStore } from "#storage/outbox-store.ts";

/** What became of one try; `refused`: it would be the same again. The text says why not, without a secret. */
export interface Attempt {
  readonly outcome: "sent" | "retry" | "refused";
  readonly why: string;
}

export interface OutboxOptions {
  readonly store: Async<OutboxStore>;
  /** Never rejects. */
  readonly attempt: (message: OutboxClaim) => Promise<Attempt>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Pick<MetricRegistry, "add">;
  /** Behind each try that failed; after the last of them a message is dead. */
  readonly delaysMs?: readonly number[];
}

const usualDelaysMs: readonly number[] = [1000, 5000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000];
/** Messages that wait; more are dropped, and the log says so. */
const most = 1000;
/** Receivers at a time. One that is slow holds up its own messages alone. */
const atOnce = 8;
/** Longer than any try takes: a message that nobody was heard of about by then is sent again. */
const claimMs = 60_000;
const pruneEveryMs = 3_600_000;
const deadKept = { ms: 30 * 86_400_000, most: 1000 };

/** Sends what the store has to send, each message until it is taken or given up: at least once, under one id. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #watch: EndWatch;
  /** Receivers that something is under way to. */
  readonly #busy = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #prunedAt = 0;
  #stopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { clock, log } = options;
    const endDue = (): Promise<number | null> => this.#inTurn(() => this.#sendDue());
    this.#watch = new EndWatch({ endDue, clock, log, failed: "announcements could not be taken from the store" });
  }

  get hasRoom(): boolean {
    return this.#waiting < most;
  }

  /** Those for which there is room; the log tells of the others. */
  admit(messages: readonly OutboxMessage[]): readonly OutboxMessage[] {
    const admitted = messages.slice(0, Math.max(0, most - this.#waiting));
    this.#waiting += admitted.length;
    for (const message of messages.slice(admitted.length)) this.#note(message, "dropped", "too many messages wait");
    return admitted;
  }

  /** Something was put in, or may be due. */
  look(): Promise<void> {
    return this.#watch.look();
  }

  /** What is under way is sent again by the next process, if it did not end. */
  stop(): void {
    this.#stopped = true;
    this.#watch.stop();
  }

  /** One look after the other: two would not know of each other which receivers are busy. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #sendDue(): Promise<number | null> {
    const { store, clock } = this.#options;
    await this.#takeStock();
    while (!this.#stopped && this.#busy.size < atOnce) {
      const now = clock.now();
      const message = await store.claim(now, now + claimMs, [...this.#busy]);
      if (message === null) return store.nextDue([...this.#busy]);
      this.#busy.add(message.receiver);
      void this.#send(message);
    }
    // Whatever ends first looks again.
    return null;
  }

  async #send(message: OutboxClaim): Promise<void> {
    const { attempt, log } = this.#options;
    const result = await attempt(message);
    try {
      await (result.outcome === "sent" ? this.#sent(message) : this.#failed(message, result));
    } catch (error) {
      log.warn("what became of an announcement could not be noted", { id: message.id, error: String(error) });
    }
    this.#busy.delete(message.receiver);
    if (!this.#stopped) void this.look();
  }

  async #sent(message: OutboxClaim): Promise<void> {
    await this.#options.store.sent(message.id);
    this.#note(message, "sent", "");
  }

  async #failed(message: OutboxClaim, { outcome, why }: Attempt): Promise<void> {
    const { store, clock, delaysMs = usualDelaysMs } = this.#options;
    const delayMs = outcome === "retry" ? delaysMs[message.tries] : undefined;
    await store.failed(message.id, delayMs === undefined ? null : clock.now() + delayMs, why);
    if (delayMs === undefined) this.#note(message, "failed", why);
  }

  async #takeStock(): Promise<void> {
    const { store, clock } = this.#options;
    const waiting = (await store.counts()).filter(({ state }) => state === "waiting");
    this.#waiting = waiting.reduce((sum, { count }) => sum + count, 0);
    const now = clock.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    await store.prune(now - deadKept.ms, deadKept.most);
  }

  #note(message: OutboxMessage, outcome: "sent" | "failed" | "dropped", why: string): void {
    const { id, channel, subject } = message;
    this.#options.metrics.add("sallyport_announcements_total", { channel, outcome });
    if (outcome === "sent") return;
    const to = shownReceiver(message);
    this.#options.log.error("an announcement was not delivered", { id, channel, to, subject, outcome, why });
  }
}

/** The log has the name of a webhook, and no address of a person. */
function shownReceiver({ channel, receiver }: { readonly channel: Channel; readonly receiver: string }): string {
  return channel === "webhook" ? receiver : "an address in mailTo";
}
