import { join } from "node:path";
import { readText, writeAtomically } from "#edge/ca-files.ts";
import type { Log, Random } from "#model/ports.ts";
import type { CertificateRow } from "#admin/certificate-row.ts";

/** Changes come in bursts. */
const settleMs = 100;

/** Keeps the state of all certificates in the data folder, where `sallyport certificates` reads it. */
export class CertificateStatus {
  readonly #file: string;
  readonly #rows: () => readonly CertificateRow[];
  readonly #random: Random;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #written: Promise<void> = Promise.resolve();

  constructor(dataPath: string, rows: () => readonly CertificateRow[], random: Random, log: Log) {
    this.#file = statusFile(dataPath);
    this.#rows = rows;
    this.#random = random;
    this.#log = log;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), settleMs).unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) this.#write();
    await this.#written;
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = `${JSON.stringify({ certificates: this.#rows() }, null, 2)}\n`;
    this.#written = this.#written
      .then(() => writeAtomically(this.#file, text, this.#random))
      .catch((error: unknown) => {
        this.#log.warn("the state of the certificates cannot be written", { file: this.#file, error: String(error) });
      });
  }
}

function statusFile(dataPath: string): string {
  return join(dataPath, "certificates.json");
}

/** Null when no gateway with HTTPS has run with this data folder. */
export async function readCertificateRows(dataPath: string): Promise<readonly CertificateRow[] | null> {
  const text = await readText(statusFile(dataPath));
  if (text === null) return null;
  const { certificates } = JSON.parse(text) as { readonly certificates: readonly CertificateRow[] };
  // A gateway of an older version has not written all of it.
  return certificates.map((row) => ({ ...row, passedOver: row.passedOver ?? [] }));
}
