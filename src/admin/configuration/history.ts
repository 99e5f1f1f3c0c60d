import { hash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log } from "#model/ports.ts";
import { type Bundle, bundleOf } from "./bundle.ts";

export interface KeptFile {
  readonly name: string;
  readonly sha256: string;
}

/** One configuration that was in force. */
export interface HistoryEntry {
  /** Counts from 1. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Id of a principal, or `file` for what was changed on the disk. */
  readonly author: string;
  readonly action: "start" | "reload" | "apply" | "rollback";
  /** The entry gone back to. */
  readonly from?: number;
  readonly comment: string;
  /** Of the texts: the ETag. */
  readonly hash: string;
  /** Of what they mean in this environment: `configHash` of the audit record. */
  readonly configHash: string;
  readonly environment: string;
  readonly files: readonly KeptFile[];
}

export interface HistoryLimits {
  readonly keep: number;
  readonly maxAgeMs: number;
}

export interface HistoryOptions {
  /** Made when absent. */
  readonly folder: string;
  readonly limits: HistoryLimits;
  readonly clock: Clock;
  readonly log: Log;
}

const digits = 8;

/**
 * The configurations that were in force, on the disk: an entry a file, texts by their hash, so that a document which
 * does not change is kept once. One writer, and that one call at a time. No value of the environment and no secret
 * gets here: only the texts, which say where those come from.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #entriesFolder: string;
  readonly #textsFolder: string;
  /** Oldest first. */
  readonly #entries: HistoryEntry[] = [];
  #limits: HistoryLimits;
  #nextId = 1;

  private constructor(options: HistoryOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#entriesFolder = join(options.folder, "history");
    this.#textsFolder = join(options.folder, "texts");
  }

  static async open(options: HistoryOptions): Promise<History> {
    const history = new History(options);
    for (const folder of [history.#entriesFolder, history.#textsFolder]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    await history.#readAll();
    return history;
  }

  /** The newest first. */
  list(): readonly HistoryEntry[] {
    return this.#entries.toReversed();
  }

  find(id: number): HistoryEntry | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  get newest(): HistoryEntry | undefined {
    return this.#entries.at(-1);
  }

  /** @throws GatewayError `store-corrupt` when a text is gone or not what it was */
  read(entry: Pick<HistoryEntry, "files">): Promise<Bundle> {
    return readTexts(this.#textsFolder, entry);
  }

  /** Keeps the texts, so that an entry or a journal can name them. */
  async keep(bundle: Bundle): Promise<readonly KeptFile[]> {
    const files: KeptFile[] = [];
    for (const [name, text] of bundle.files) {
      const sha256 = hash("sha256", text, "hex");
      await replaceFile(join(this.#textsFolder, sha256), text, 0o600, "new");
      files.push({ name, sha256 });
    }
    return files;
  }

  /** Adds the newest entry, whose texts are kept already, and lets go of what is beyond the limits. */
  async add(entry: Omit<HistoryEntry, "id">): Promise<HistoryEntry> {
    const added: HistoryEntry = { id: this.#nextId, ...entry };
    await replaceFile(this.#fileOf(added.id), `${JSON.stringify(added)}\n`, 0o600, "new");
    this.#nextId += 1;
    this.#entries.push(added);
    await this.prune(this.#limits);
    return added;
  }

  /** What cannot be removed stays until the next time. */
  async prune(limits: HistoryLimits): Promise<void> {
    this.#limits = limits;
    const oldest = this.#options.clock.now() - limits.maxAgeMs;
    const beyond = (entry: HistoryEntry): boolean =>
      this.#entries.length > limits.keep || Date.parse(entry.time) < oldest;
    const removed: HistoryEntry[] = [];
    while (this.#entries.length > 1 && beyond(this.#entries[0] as HistoryEntry)) {
      removed.push(this.#entries.shift() as HistoryEntry);
    }
    // Entries first: one whose texts are gone could not be gone back to.
    for (const { id } of removed) await this.#remove(this.#fileOf(id));
    await this.sweep();
  }

  /** Removes texts that no entry names: those of removed entries, and of changes that failed. Not while one is under way. */
  async sweep(): Promise<void> {
    const used = new Set(this.#entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    const unused = (await readdir(this.#textsFolder)).filter((name) => !used.has(name));
    for (const name of unused) await this.#remove(join(this.#textsFolder, name));
  }

  async #remove(file: string): Promise<void> {
    await rm(file, { force: true }).catch((error: unknown) => {
      this.#options.log.warn("an old configuration could not be removed", { file, error: String(error) });
    });
  }

  async #readAll(): Promise<void> {
    const names = (await readdir(this.#entriesFolder)).filter((name) => /^\d{8}\.json$/.test(name)).toSorted();
    for (const name of names) {
      // Its number is never given again, also when the entry cannot be read.
      this.#nextId = Math.max(this.#nextId, Number(name.slice(0, digits)) + 1);
      const entry = parseEntry(await readFile(join(this.#entriesFolder, name), "utf8"));
      if (entry === undefined) this.#options.log.warn("an entry of the configuration's history is damaged", { name });
      else this.#entries.push(entry);
    }
  }

  #fileOf(id: number): string {
    return join(this.#entriesFolder, `${String(id).padStart(digits, "0")}.json`);
  }
}

/**
 * The texts of an entry, from the folder that they are kept in.
 * @throws GatewayError `store-corrupt` when one is gone or not what it was
 */
export async function readTexts(folder: string, { files }: Pick<HistoryEntry, "files">): Promise<Bundle> {
  const texts = await Promise.all(
    files.map(async ({ name, sha256 }) => [name, await readText(folder, sha256)] as const),
  );
  return bundleOf(new Map(texts));
}

async function readText(folder: string, sha256: string): Promise<string> {
  const text = await readFile(join(folder, sha256), "utf8").catch(() => undefined);
  if (text !== undefined && hash("sha256", text, "hex") === sha256) return text;
  const message = `the history of the configuration is damaged: the text ${sha256} is gone or was changed`;
  throw new GatewayError("store-corrupt", 500, message, { source: "store" });
}

export function parseEntry(text: string): HistoryEntry | undefined {
  try {
    const entry = JSON.parse(text) as HistoryEntry;
    const isWhole =
      Number.isSafeInteger(entry.id) && Array.isArray(entry.files) && !Number.isNaN(Date.parse(entry.time));
    return isWhole && entry.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256)) ? entry : undefined;
  } catch {
    return undefined;
  }
}
