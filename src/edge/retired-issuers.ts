import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log, Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "./ca-files.ts";
import type { SecretFiles } from "./secret-files.ts";
import { pemOf, validityOf } from "./validity.ts";
import { type Authority, exportKey, keyIdOf, readAuthority } from "./x509.ts";

interface RetiredOptions {
  /** The CA's own. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: SecretFiles;
}

/**
 * Intermediates that issue no more, kept until they end: who trusts a certificate of one wants a revocation list that
 * the same key has signed. `retired/<key identifier>.crt` and `.key` in the CA's folder.
 */
export class RetiredIssuers {
  readonly #options: RetiredOptions;
  readonly #folder: string;
  readonly #issuers: Map<string, Authority>;

  private constructor(options: RetiredOptions, folder: string, issuers: Map<string, Authority>) {
    this.#options = options;
    this.#folder = folder;
    this.#issuers = issuers;
  }

  static async open(options: RetiredOptions): Promise<RetiredIssuers> {
    const folder = join(options.directory, "retired");
    const issuers = new Map<string, Authority>();
    for (const id of await idsIn(folder)) {
      const issuer = await readIssuer(folder, id, options);
      if (issuer !== null) issuers.set(id, issuer);
    }
    const retired = new RetiredIssuers(options, folder, issuers);
    await retired.#prune();
    return retired;
  }

  find(id: string): Authority | null {
    const found = this.#issuers.get(id);
    return found === undefined || this.#isOver(found) ? null : found;
  }

  /** The key first: the certificate is what is looked for. */
  async add(issuer: Authority): Promise<void> {
    await this.#prune();
    const id = keyIdOf(issuer);
    if (this.#issuers.has(id) || this.#isOver(issuer)) return;
    const { random, secrets } = this.#options;
    await makeDirectory(this.#folder);
    await secrets.write(join(this.#folder, `${id}.key`), await exportKey(issuer.keys));
    await writeAtomically(join(this.#folder, `${id}.crt`), pemOf(issuer), random);
    this.#issuers.set(id, issuer);
  }

  async #prune(): Promise<void> {
    for (const [id, issuer] of this.#issuers) {
      if (!this.#isOver(issuer)) continue;
      this.#issuers.delete(id);
      for (const ending of ["crt", "key"]) await rm(join(this.#folder, `${id}.${ending}`), { force: true });
    }
  }

  #isOver(issuer: Authority): boolean {
    return validityOf(issuer).notAfter <= this.#options.clock.now();
  }
}

async function idsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => /^([0-9a-f]{40})\.crt$/.exec(name)?.[1] ?? []);
}

async function readIssuer(folder: string, id: string, { log, secrets }: RetiredOptions): Promise<Authority | null> {
  try {
    const certificate = await readText(join(folder, `${id}.crt`));
    const key = await secrets.read(join(folder, `${id}.key`));
    return await readAuthority(certificate ?? "", key ?? "");
  } catch (error) {
    log.warn("internal CA: a retired intermediate cannot be used", { id, error: String(error) });
    return null;
  }
}
