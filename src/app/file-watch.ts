import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write in several steps; one reload is enough. */
const settleMs = 150;

/**
 * Calls `onChange` a moment after one of the files has changed. Watches folders, not files: editors and
 * Kubernetes replace a file instead of writing it.
 */
export class FileWatch {
  readonly #onChange: () => void;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Replaces what is watched. A folder that cannot be watched is left out: SIGHUP always works. */
  set(files: readonly string[]): void {
    this.close();
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
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #soon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onChange();
    }, settleMs);
  }
}
