import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { Log } from "#model/ports.ts";

export type DeliveryOutcome = "sent" | "retry" | "refused";

/** One message for one receiver. */
export interface Delivery {
  readonly channel: "webhook" | "email";
  /** For the log: a name, never an address or a secret. */
  readonly to: string;
  /** Never rejects. `retry`: it may work later. The text says why not. */
  readonly attempt: () => Promise<{ readonly outcome: DeliveryOutcome; readonly why: string }>;
}

/** Behind the first try. After the last of them a message is given up. */
const usualDelaysMs: readonly number[] = [1000, 5000, 30_000, 120_000, 600_000];
/** Messages that wait or are under way; more are dropped, and the log says so. */
const most = 1000;

/** Messages on their way, each tried several times. They are kept in memory: the page shows what waits in any case. */
export class Deliveries {
  readonly #log: Log;
  readonly #metrics: Pick<MetricRegistry, "add">;
  readonly #delaysMs: readonly number[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #open = 0;
  #stopped = false;

  constructor(log: Log, metrics: Pick<MetricRegistry, "add">, delaysMs: readonly number[] = usualDelaysMs) {
    this.#log = log;
    this.#metrics = metrics;
    this.#delaysMs = delaysMs;
  }

  add(delivery: Delivery): void {
    if (this.#stopped || this.#open >= most) return this.#note(delivery, "dropped", "too many messages wait");
    this.#open += 1;
    void this.#try(delivery, 0);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #try(delivery: Delivery, tries: number): Promise<void> {
    const { outcome, why } = await delivery.attempt();
    const delayMs = this.#delaysMs[tries];
    if (outcome === "retry" && delayMs !== undefined && !this.#stopped) return this.#later(delivery, tries, delayMs);
    this.#open -= 1;
    this.#note(delivery, outcome === "sent" ? "sent" : "failed", why);
  }

  #later(delivery: Delivery, tries: number, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#try(delivery, tries + 1);
    }, delayMs).unref();
    this.#timers.add(timer);
  }

  #note({ channel, to }: Delivery, outcome: "sent" | "failed" | "dropped", why: string): void {
    this.#metrics.add("sallyport_announcements_total", { channel, outcome });
    if (outcome !== "sent") this.#log.error("an announcement was not delivered", { channel, to, outcome, why });
  }
}
