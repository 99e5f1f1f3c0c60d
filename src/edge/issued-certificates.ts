import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "./ca-files.ts";

/** A certificate that the internal CA has issued for a workload. Times are milliseconds since the epoch. */
export interface IssuedRecord {
  /** Hex, lower case. */
  readonly serial: string;
  /** Key identifier of its issuer, hex. */
  readonly issuer: string;
  readonly names: readonly string[];
  readonly at: number;
  readonly notAfter: number;
}

const pruneEveryMs = 3_600_000;
/** The end stands in the name, in seconds: so that what is over is found without reading it. */
const fileName = /^([0-9a-f]{2,40})-(\d{1,12})\.json$/;

/**
 * What was issued, until it ends: `issued/<serial>-<end>.json` in the CA's folder. A file each, so that the gateway and
 * the command line can both add to it.
 */
export class IssuedCertificates {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #random: Random;
  #prunedAt = 0;

  constructor(directory: string, clock: Clock, random: Random) {
    this.#folder = join(directory, "issued");
    this.#clock = clock;
    this.#random = random;
  }

  async add(record: IssuedRecord): Promise<void> {
    await makeDirectory(this.#folder);
    const file = join(this.#folder, `${record.serial}-${Math.floor(record.notAfter / 1000)}.json`);
    await writeAtomically(file, JSON.stringify(record), this.#random);
    await this.#prune();
  }

  async find(serial: string): Promise<IssuedRecord | null> {
    const name = (await this.#names()).find((one) => one.startsWith(`${serial}-`));
    return name === undefined ? null : this.#read(name);
  }

  /** That have not ended, the newest first. */
  async all(): Promise<readonly IssuedRecord[]> {
    const records: IssuedRecord[] = [];
    for (const name of await this.#names()) {
      if (endOf(name) > this.#clock.now()) records.push(await this.#read(name));
    }
    return records.toSorted((a, b) => b.at - a.at);
  }

  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => fileName.test(name));
  }

  async #read(name: string): Promise<IssuedRecord> {
    const file = join(this.#folder, name);
    try {
      return JSON.parse((await readText(file)) ?? "") as IssuedRecord;
    } catch (cause) {
      const message = `${file} is damaged: delete it; its certificate can still be revoked by its file`;
      throw new GatewayError("store-corrupt", 500, message, { source: "store", cause });
    }
  }

  async #prune(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    for (const name of await this.#names()) {
      if (endOf(name) <= now) await rm(join(this.#folder, name), { force: true });
    }
  }
}

function endOf(name: string): number {
  return Number(fileName.exec(name)?.[2] ?? 0) * 1000;
}
