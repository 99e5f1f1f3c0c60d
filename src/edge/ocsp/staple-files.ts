import { Buffer } from "node:buffer";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, readText, writeAtomically } from "#edge/ca-files.ts";
import type { Log, Random } from "#model/ports.ts";

/** Answers of responders in files, so that a gateway that starts has them while a responder is down. They are no secrets. */
export class StapleFiles {
  readonly #folder: string;
  readonly #random: Random;
  readonly #log: Log;

  constructor(folder: string, random: Random, log: Log) {
    this.#folder = folder;
    this.#random = random;
    this.#log = log;
  }

  read(fingerprint: string): Promise<Buffer | null> {
    return this.#quietly(async () => {
      const text = await readText(this.#file(fingerprint));
      return text === null ? null : Buffer.from(text, "base64");
    });
  }

  async save(fingerprint: string, der: Buffer): Promise<void> {
    await this.#quietly(async () => {
      await makeDirectory(this.#folder);
      await writeAtomically(this.#file(fingerprint), der.toString("base64"), this.#random);
      return null;
    });
  }

  /** What is stored of other certificates is removed. */
  async keepOnly(fingerprints: ReadonlySet<string>): Promise<void> {
    await this.#quietly(async () => {
      await makeDirectory(this.#folder);
      const kept = new Set([...fingerprints].map((fingerprint) => nameOf(fingerprint)));
      const names = await readdir(this.#folder);
      for (const name of names.filter((one) => one.endsWith(ending) && !kept.has(one))) {
        await rm(join(this.#folder, name), { force: true });
      }
      return null;
    });
  }

  #file(fingerprint: string): string {
    return join(this.#folder, nameOf(fingerprint));
  }

  /** Without the file it works as well, until the next start. */
  async #quietly<T>(work: () => Promise<T | null>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.#log.warn("the folder for the status of certificates cannot be used", { error: String(error) });
      return null;
    }
  }
}

const ending = ".ocsp";

function nameOf(fingerprint: string): string {
  return `${Buffer.from(fingerprint, "base64").toString("hex")}${ending}`;
}
