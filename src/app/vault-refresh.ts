import type { Diagnostic } from "#model/diagnostic.ts";
import type { Log } from "#model/ports.ts";

/** As API Management does. */
const everyMs = 4 * 60 * 60 * 1000;
/** When a vault gave no answer. */
const againMs = 10 * 60 * 1000;

/** Reads the definition anew now and then while a value of it comes from a vault. */
export class VaultRefresh {
  readonly #isUsed: () => boolean;
  readonly #reload: () => Promise<readonly Diagnostic[] | null>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param reload gives the problems of the definition that is in force then; null: that is the one before */
  constructor(isUsed: () => boolean, reload: () => Promise<readonly Diagnostic[] | null>, log: Log) {
    this.#isUsed = isUsed;
    this.#reload = reload;
    this.#log = log;
  }

  /** @param afterMs default: in four hours */
  arm(afterMs: number = everyMs): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), afterMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #refresh(): Promise<void> {
    if (!this.#isUsed()) return this.arm();
    const problems = await this.#reload();
    const stale = problems?.filter(({ code }) => code === "vault-stale") ?? [];
    for (const { message } of stale) this.#log.warn("a value of a vault is not new", { why: message });
    this.arm(problems === null || stale.length > 0 ? againMs : everyMs);
  }
}
