import type { LoadResult } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";
import type { Log } from "#model/ports.ts";
import { FileWatch } from "./file-watch.ts";

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  /** Puts the definition in force on every worker. */
  readonly apply: (definition: Definition) => Promise<void>;
  readonly log: Log;
  readonly onReload?: (() => void) | undefined;
  /** What is in force now. */
  readonly running: Definition;
}

/** Replaces the definition in force: one reload at a time, whole or not at all. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: FileWatch;
  #running: Definition;
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#running = options.running;
    this.#watch = new FileWatch(() => void this.reload("a file changed"));
    this.#watch.set(options.running.files);
  }

  reload(why: string): Promise<boolean> {
    this.#last = this.#last.then(() => this.#once(why));
    return this.#last;
  }

  close(): void {
    this.#watch.close();
  }

  async #once(why: string): Promise<boolean> {
    const { load, apply, log } = this.#options;
    try {
      const { definition, diagnostics, files } = await load();
      if (definition === null) {
        // What is missing may be created next: the files of the broken definition are watched as well.
        this.#watch.set([...new Set([...this.#running.files, ...files])]);
        const problems = diagnostics.map(({ code, message, at, fix }) => ({
          place: `${at.file}:${at.line}:${at.column}`,
          code,
          message,
          fix,
        }));
        log.error("reload refused: the definition has errors; the one before goes on serving", { why, problems });
        return false;
      }
      await apply(definition);
      this.#warnOfRestart(definition);
      this.#running = definition;
      this.#watch.set(definition.files);
      log.info("reloaded", { why });
      this.#options.onReload?.();
      return true;
    } catch (error) {
      log.error("reload failed; the definition before goes on serving", { why, error: String(error) });
      return false;
    }
  }

  /** Listeners are bound once; all else changes live. */
  #warnOfRestart({ edge, audit }: Definition): void {
    const before = this.#running;
    const parts = ["https", "http", "tls"] as const;
    const changed = parts
      .filter((part) => JSON.stringify(edge[part]) !== JSON.stringify(before.edge[part]))
      .map((part) => `edge ${part}`);
    if (JSON.stringify(audit) !== JSON.stringify(before.audit)) changed.push("audit");
    if (changed.length > 0) this.#options.log.warn("these settings take effect at the next start", { changed });
  }
}
