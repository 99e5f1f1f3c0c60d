import { appendFile } from "node:fs/promises";
import { GatewayError } from "#model/errors.ts";
import type { AuditWitness } from "#model/definition.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import { CosignatureStore } from "./cosignature-store.ts";
import { Cosigner } from "./cosigner.ts";

export interface WitnessOptions {
  readonly settings: AuditWitness;
  /** Of the record. */
  readonly directory: string;
  readonly egress: Pick<Egress, "fetch">;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far checkpoints have come. */
export interface WitnessState {
  /** Seconds since there was first something that the witness does not have; 0: it has all. */
  readonly lagSeconds: number;
  readonly isLate: boolean;
}

const timeoutMs = 10_000;
const longestWaitMs = 60_000;
/** Nobody is alarmed by one restart of the other side. */
const lateMs = 60_000;

/**
 * Hands checkpoints to whoever keeps them, at least once: the newest one stands for all before it, is tried until it was
 * taken, and each run of the gateway begins with one.
 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #cosigner: Cosigner | null;
  readonly #store: CosignatureStore;
  #newest: string | null = null;
  /** Monotonic ms since when {@link #newest} or one before it is owed. */
  #owedSince = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;

  constructor(options: WitnessOptions) {
    this.#options = options;
    const { settings, directory, egress } = options;
    const { cosigner } = settings;
    this.#cosigner = cosigner && new Cosigner({ settings: cosigner, directory, egress, timeoutMs });
    this.#store = new CosignatureStore(directory);
  }

  /** Lays down beside the record whose signatures are to be looked for. */
  async publishKey(): Promise<void> {
    const { cosigner } = this.#options.settings;
    if (cosigner !== null) await this.#store.publishKey(cosigner.key);
  }

  get state(): WitnessState {
    const lagMs = this.#newest === null ? 0 : this.#options.clock.mono() - this.#owedSince;
    return { lagSeconds: lagMs / 1000, isLate: lagMs > this.#options.settings.everyMs + lateMs };
  }

  offer(note: string): void {
    if (this.#newest === null) this.#owedSince = this.#options.clock.mono();
    this.#newest = note;
    if (this.#timer === null && this.#sending === null) this.#arm(this.#options.settings.everyMs);
  }

  /** Hands over what is owed, once. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#sending;
    if (this.#newest !== null) await this.#send();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #arm(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#sending = this.#send().finally(() => (this.#sending = null));
    }, waitMs).unref();
  }

  async #send(): Promise<void> {
    const { log, settings } = this.#options;
    const note = this.#newest;
    if (note === null) return;
    try {
      await this.#hand(note);
    } catch (error) {
      this.#failures += 1;
      const { lagSeconds, isLate } = this.state;
      const fields = { error: String(error), tries: this.#failures, lagSeconds: Math.round(lagSeconds) };
      log[isLate ? "error" : "warn"]("the witness does not take checkpoints of the record", fields);
      return this.#arm(Math.min(1000 * 2 ** this.#failures, longestWaitMs));
    }
    this.#failures = 0;
    if (this.#newest === note) this.#newest = null;
    else {
      this.#owedSince = this.#options.clock.mono();
      this.#arm(settings.everyMs);
    }
  }

  /** Twice, when one of them fails: whoever keeps them knows them by their size. */
  async #hand(note: string): Promise<void> {
    const { url, file } = this.#options.settings;
    if (file !== null) await appendFile(file, `${note}\n`, { mode: 0o600, flush: true });
    if (url !== null) await this.#post(url, note);
    if (this.#cosigner !== null) await this.#store.keep(await this.#cosigner.cosign(note));
  }

  async #post(url: string, note: string): Promise<void> {
    const headers = ["Content-Type", "text/plain; charset=utf-8"];
    const body = Buffer.from(note);
    const egress = { method: "POST", headers, body, timeoutMs, maxBytes: 64 * 1024, declared: true } as const;
    const { status } = await this.#options.egress.fetch({ url, ...egress });
    if (status >= 300) throw new GatewayError("service-refused", 502, `it answered with status ${status}`);
  }
}
