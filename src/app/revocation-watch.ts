import { type FSWatcher, watch } from "node:fs";
import type { InternalCa } from "#edge/internal-ca.ts";
import type { Log } from "#model/ports.ts";

/** Some file systems tell nobody of changes. */
const lookEveryMs = 60_000;

type Revoking = Pick<InternalCa, "refreshRevocations" | "revokedFolder">;

/** Has the internal CA take up what the command line revokes while the gateway runs. */
export class RevocationWatch {
  readonly #ca: Revoking;
  readonly #log: Log;
  readonly #watcher: FSWatcher;
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(ca: Revoking, log: Log) {
    this.#ca = ca;
    this.#log = log;
    this.#watcher = watch(ca.revokedFolder, () => this.look());
    this.#watcher.unref();
    this.#watcher.on("error", () => this.#watcher.close());
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** Once more after each change: what came while it looked is not missed. */
  look(): void {
    this.#last = this.#last
      .then(() => this.#ca.refreshRevocations())
      .catch((error: unknown) => this.#log.error("revocations cannot be read", { error: String(error) }));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher.close();
  }
}
