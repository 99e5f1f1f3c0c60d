import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write in several steps; one reload is enough. */
const settleMs = 150;
/** A file that never comes to rest must not put the reload off for ever. */
const patienceMs = 1000;

/**
 * Calls `onChange` a moment after one of the files has changed. Watches folders, not files: editors and
 * Kubernetes replace a file instead of writing it.
 */
export class FileWatch {
  readonly #onChange: () => void;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** When the oldest change came that nobody has been told of. */
  #changedAt = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /**
   * Replaces what is watched; a change that was seen before is still told. A folder that cannot be watched is left out:
   * SIGHUP always works.
   */
  set(files: readonly string[]): void {
    const before = this.#watchers;
    this.#watchers = [];
    const folders = Map.groupBy(files, dirname);
    for (const [folder, members] of folders) {
      const names = new Set(members.map((file) => basename(file)));
      try {
        const watcher = watch(folder, (_event, name) => {
          if (name === null || names.has(name) || name.startsWith("..data")) this.#soon();
        });
        watcher.on("error", () => watcher.close());
        watcher.unref();
        this.#watchers.push(watcher);
      } catch {
        continue;
      }
    }
    // Only now, so that there is no moment in which a change goes unseen.
    for (const watcher of before) watcher.close();
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #soon(): void {
    const now = performance.now();
    if (this.#timer === null) this.#changedAt = now;
    else clearTimeout(this.#timer);
    const delay = Math.max(0, Math.min(settleMs, this.#changedAt + patienceMs - now));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onChange();
    }, delay);
  }
}
