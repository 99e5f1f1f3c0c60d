import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Random } from "#model/ports.ts";
import { readText, writeAtomically } from "./ca-files.ts";

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

/** What the internal CA has revoked, in its folder: `revoked.json`. As few as there are certificates that live. */
export class Revocations {
  readonly #file: string;
  readonly #random: Random;
  #entries: readonly RevokedEntry[];
  #last: Promise<void> = Promise.resolve();

  private constructor(file: string, random: Random, entries: readonly RevokedEntry[]) {
    this.#file = file;
    this.#random = random;
    this.#entries = entries;
  }

  /** @throws GatewayError `store-corrupt`: a list without what the file held would call revoked certificates good */
  static async open(directory: string, random: Random): Promise<Revocations> {
    const file = join(directory, "revoked.json");
    const text = await readText(file);
    try {
      return new Revocations(file, random, text === null ? [] : (JSON.parse(text) as readonly RevokedEntry[]));
    } catch (cause) {
      const message = `${file} is damaged, and says which certificates are revoked. Restore it, or delete it when none is.`;
      throw new GatewayError("store-corrupt", 500, message, { source: "store", cause });
    }
  }

  of(issuer: string): readonly RevokedEntry[] {
    return this.#entries.filter((entry) => entry.issuer === issuer);
  }

  /** On disk when it resolves; the second time nothing changes. */
  add(entry: RevokedEntry): Promise<void> {
    const turn = this.#last.then(() => this.#add(entry));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #add(entry: RevokedEntry): Promise<void> {
    const living = this.#entries.filter(({ notAfter }) => notAfter + keptAfterEnd > entry.at);
    if (living.some(({ serial, issuer }) => serial === entry.serial && issuer === entry.issuer)) return;
    const entries = [...living, entry];
    await writeAtomically(this.#file, JSON.stringify(entries), this.#random);
    this.#entries = entries;
  }
}
