import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "./ca-files.ts";

/** A certificate that its issuer has taken back. Times are milliseconds since the epoch. */
export interface RevokedEntry {
  /** Hex. */
  readonly serial: string;
  /** Key identifier of its issuer, hex. */
  readonly issuer: string;
  readonly at: number;
  /** RFC 5280 §5.3.1. */
  readonly reason: number;
  readonly notAfter: number;
}

/** A list must name a certificate once more after its end, so that nobody misses it. @see RFC 5280 §3.3 */
const keptAfterEnd = 86_400_000;
/** Of what an intermediate issues: as long as its own. */
const longestLife = 7 * 86_400_000;
const fileName = /^([0-9a-f]{40}-[0-9a-f]{2,40})\.json$/;

/**
 * What the internal CA has revoked, in its folder: `revoked/<issuer>-<serial>.json`. A file each, so that the gateway and
 * the command line can both add to it. As few as there are certificates that live.
 */
export class Revocations {
  readonly folder: string;
  readonly #random: Random;
  /** By the names of their files. */
  #entries: ReadonlyMap<string, RevokedEntry> = new Map();
  /** Differs after each change. */
  version = 0;

  private constructor(folder: string, random: Random) {
    this.folder = folder;
    this.#random = random;
  }

  /** @throws GatewayError `store-corrupt` */
  static async open(directory: string, random: Random): Promise<Revocations> {
    const revocations = new Revocations(join(directory, "revoked"), random);
    await makeDirectory(revocations.folder);
    await revocations.refresh();
    await revocations.#takeOver(join(directory, "revoked.json"));
    return revocations;
  }

  of(issuer: string): readonly RevokedEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.issuer === issuer);
  }

  find(issuer: string, serial: string): RevokedEntry | null {
    return this.#entries.get(keyOf({ issuer, serial })) ?? null;
  }

  /** `<issuer>-<serial>` of each. */
  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** On disk when it resolves; the second time nothing changes. */
  async add(entry: RevokedEntry): Promise<void> {
    const key = keyOf(entry);
    if (this.#entries.has(key)) return;
    await writeAtomically(join(this.folder, `${key}.json`), JSON.stringify(entry), this.#random);
    this.#replace(new Map([...this.#entries, [key, entry]]));
    await this.#prune(entry.at);
  }

  /** Takes up what another process has added. @returns whether there was something */
  async refresh(): Promise<boolean> {
    const before = this.#entries;
    const found = new Map<string, RevokedEntry>();
    for (const key of await this.#onDisk()) {
      const entry = before.get(key) ?? (await this.#read(key));
      if (entry !== null) found.set(key, entry);
    }
    // What was added here meanwhile is on disk as well, but may not have been seen.
    for (const [key, entry] of this.#entries) if (!before.has(key)) found.set(key, entry);
    const isSame = found.size === before.size && [...found.keys()].every((key) => before.has(key));
    if (!isSame) this.#replace(found);
    return !isSame;
  }

  /** All in one file is how they were kept first. */
  async #takeOver(file: string): Promise<void> {
    const text = await readText(file);
    if (text === null) return;
    try {
      for (const entry of JSON.parse(text) as readonly RevokedEntry[]) await this.add(entry);
      await rm(file);
    } catch (cause) {
      // A list without what it held would call revoked certificates good.
      const message = `${file} cannot be taken over, and says which certificates are revoked. Restore it, or delete it when none is.`;
      throw new GatewayError("store-corrupt", 500, message, { source: "store", cause });
    }
  }

  async #onDisk(): Promise<readonly string[]> {
    return (await readdir(this.folder)).flatMap((name) => fileName.exec(name)?.[1] ?? []);
  }

  /** Null when another process has removed it by now. */
  async #read(key: string): Promise<RevokedEntry | null> {
    const file = join(this.folder, `${key}.json`);
    try {
      const entry = JSON.parse(await readFile(file, "utf8")) as RevokedEntry;
      if (keyOf(entry) === key && [entry.at, entry.reason, entry.notAfter].every(Number.isSafeInteger)) return entry;
    } catch {
      // Below.
    }
    return entryByName(key, file);
  }

  async #prune(now: number): Promise<void> {
    const over = [...this.#entries].filter(([, { notAfter }]) => notAfter + keptAfterEnd <= now);
    if (over.length === 0) return;
    for (const [key] of over) await rm(join(this.folder, `${key}.json`), { force: true });
    const gone = new Set(over.map(([key]) => key));
    this.#replace(new Map([...this.#entries].filter(([key]) => !gone.has(key))));
  }

  #replace(entries: ReadonlyMap<string, RevokedEntry>): void {
    this.#entries = entries;
    this.version += 1;
  }
}

/**
 * A file that is damaged, or that another user has made who alone may read it, still says by its name what is revoked. A
 * list without it would call a revoked certificate good.
 */
async function entryByName(key: string, file: string): Promise<RevokedEntry | null> {
  const found = await stat(file).catch(() => null);
  if (found === null) return null;
  const [issuer = "", serial = ""] = key.split("-");
  const at = Math.floor(found.mtimeMs);
  return { serial, issuer, at, reason: 0, notAfter: at + longestLife };
}

function keyOf({ issuer, serial }: Pick<RevokedEntry, "issuer" | "serial">): string {
  return `${issuer}-${serial}`;
}
