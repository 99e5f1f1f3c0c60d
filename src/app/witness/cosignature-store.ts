import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { cosignaturesFile, notesOf, ownWitnessKeys, witnessKeyFile } from "#audit/read/cosignatures.ts";
import { replaceFile } from "#lib/durable-file.ts";

/** Some ten thousand: those of a day, of a witness that is asked each ten seconds. */
const mostBytes = 4 * 1024 * 1024;

/** Cosigned checkpoints, beside the record that they are of. */
export class CosignatureStore {
  readonly #directory: string;
  readonly #mostBytes: number;

  constructor(directory: string, most: number = mostBytes) {
    this.#directory = directory;
    this.#mostBytes = most;
  }

  /** Writes down whose signatures to look for: those of earlier witnesses stay good. */
  async publishKey(key: string): Promise<void> {
    const before = await ownWitnessKeys(this.#directory);
    const others = before.split("\n").filter((line) => line !== "" && line !== key);
    const text = [key, ...others].map((line) => `${line}\n`).join("");
    if (text !== before) await replaceFile(join(this.#directory, witnessKeyFile), text, 0o600, "key");
  }

  /** The newest half stays when there are too many: each stands for all before it. */
  async keep(note: string): Promise<void> {
    const path = join(this.#directory, cosignaturesFile);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size < this.#mostBytes) return appendFile(path, `${note}\n`, { mode: 0o600, flush: true });
    const notes = notesOf(await readFile(path, "utf8"));
    const newest = [...notes.slice(Math.ceil(notes.length / 2)), note];
    await replaceFile(path, newest.map((one) => `${one}\n`).join(""), 0o600, "cosignatures");
  }
}
