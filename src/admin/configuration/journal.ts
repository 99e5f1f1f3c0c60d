import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile, syncFolder } from "#lib/durable-file.ts";
import type { Log } from "#model/ports.ts";
import type { ConfigurationFolder } from "./folder.ts";
import type { History, HistoryEntry } from "./history.ts";

/** A change of several files that is under way. Its texts are in the history already. */
export interface PlannedChange {
  /** Folder of the definition: another definition under the same data folder is not touched. */
  readonly folder: string;
  readonly entry: Omit<HistoryEntry, "id">;
  /** SHA-256 of what each file was before; null: it did not exist. */
  readonly before: Readonly<Record<string, string | null>>;
}

/** Says, in one file, which change of the configuration's files has begun: so that one cut off by a crash is finished. */
export class Journal {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = journalFile(folder);
  }

  async begin(change: PlannedChange): Promise<void> {
    await replaceFile(this.#file, JSON.stringify(change), 0o600, "new");
  }

  async end(): Promise<void> {
    await rm(this.#file, { force: true });
    await syncFolder(this.#folder);
  }

  /** Undefined when there is none, or none that can be read: it is replaced whole, so that is damage. */
  async read(): Promise<PlannedChange | undefined> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as PlannedChange;
    } catch {
      return undefined;
    }
  }
}

export function hasJournal(folder: string): boolean {
  return existsSync(journalFile(folder));
}

function journalFile(folder: string): string {
  return join(folder, "journal.json");
}

/**
 * Finishes a change that a crash cut off. It was checked before it began, so finishing it is safe; but where somebody
 * has edited a file since, their work stands and the change is dropped.
 *
 * @returns whether anything was finished
 */
export async function finishChange(
  journal: Journal,
  history: History,
  folder: ConfigurationFolder,
  log: Log,
): Promise<boolean> {
  const change = await journal.read();
  if (change === undefined || change.folder !== folder.path) return false;
  const { entry } = change;
  // Texts can be gone when another definition has used the data folder since.
  const bundle = await history.read(entry).catch(() => undefined);
  const finished = bundle !== undefined && (await isOurs(change, folder));
  if (finished) {
    await folder.replace(bundle.files);
    // The crash may have come between the entry and the journal's end.
    if (history.newest?.time !== entry.time || history.newest.hash !== entry.hash) await history.add(entry);
    log.warn("a change of the configuration was cut off by a crash: finished now", { author: entry.author });
  } else {
    log.error(
      "a change of the configuration was cut off by a crash, and its files were edited or its texts are gone: left as they are",
    );
  }
  await journal.end();
  return finished;
}

async function isOurs({ entry, before }: PlannedChange, folder: ConfigurationFolder): Promise<boolean> {
  const now = await folder.hashes(entry.files.map(({ name }) => name));
  return entry.files.every(({ name, sha256 }) => now[name] === sha256 || now[name] === (before[name] ?? null));
}
