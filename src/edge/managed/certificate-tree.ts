import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, readText, writeAtomically } from "#edge/ca-files.ts";
import { GatewayError } from "#model/errors.ts";
import type { Log, Random } from "#model/ports.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { freshState, type NameState, type PendingOrder } from "./name-state.ts";
import { bundleOf, readBundle, type StoredCertificate } from "./stored-certificate.ts";

/** An account with an authority. */
export interface StoredAccount {
  readonly url: string;
  /** PKCS #8 PEM. */
  readonly keyPem: string;
  readonly email: string | null;
}

/**
 * Certificates, orders and accounts in a tree of files, readable by their owner only, each replaced as a whole:
 * `accounts/<authority>.json`, `names/<name>/certificate.pem` (key and chain), `state.json`, `order.json`. All but the
 * state hold keys.
 */
export class CertificateTree {
  readonly #root: string;
  readonly #random: Random;
  readonly #log: Log;
  readonly #secrets: SecretFiles;

  constructor(root: string, random: Random, log: Log, secrets: SecretFiles) {
    this.#root = root;
    this.#random = random;
    this.#log = log;
    this.#secrets = secrets;
  }

  /** Made when absent. */
  async folderOf(name: string): Promise<string> {
    const folder = join(this.#root, "names", folderName(name));
    await makeDirectory(folder);
    return folder;
  }

  /**
   * Null when there is none, or when it cannot be used: then another is ordered.
   * @throws GatewayError `seal-key-missing`, `seal-key-wrong` when it is good, and others have the key
   */
  async certificate(name: string): Promise<StoredCertificate | null> {
    const file = join(await this.folderOf(name), "certificate.pem");
    try {
      const text = await this.#secrets.read(file);
      return text === null ? null : readBundle(text);
    } catch (error) {
      if (isKeyProblem(error)) throw error;
      this.#log.error("a stored certificate cannot be used", { name, file, error: (error as Error).message });
      return null;
    }
  }

  async saveCertificate(name: string, certificate: StoredCertificate): Promise<void> {
    await this.#secrets.write(join(await this.folderOf(name), "certificate.pem"), bundleOf(certificate));
  }

  async state(name: string): Promise<NameState> {
    const file = join(await this.folderOf(name), "state.json");
    const found = await this.#readJson(file, readText);
    return found === null ? freshState : { ...freshState, ...(found as Partial<NameState>) };
  }

  async saveState(name: string, state: NameState): Promise<void> {
    const file = join(await this.folderOf(name), "state.json");
    await writeAtomically(file, JSON.stringify(state, null, 2), this.#random);
  }

  async order(name: string): Promise<PendingOrder | null> {
    const file = join(await this.folderOf(name), "order.json");
    return (await this.#readJson(file, this.#secrets.read)) as PendingOrder | null;
  }

  /** @param order null: it is over */
  async saveOrder(name: string, order: PendingOrder | null): Promise<void> {
    const file = join(await this.folderOf(name), "order.json");
    if (order === null) await rm(file, { force: true });
    else await this.#secrets.write(file, JSON.stringify(order));
  }

  async account(directory: string): Promise<StoredAccount | null> {
    return (await this.#readJson(this.#accountFile(directory), this.#secrets.read)) as StoredAccount | null;
  }

  async saveAccount(directory: string, account: StoredAccount): Promise<void> {
    await makeDirectory(join(this.#root, "accounts"));
    await this.#secrets.write(this.#accountFile(directory), JSON.stringify(account));
  }

  #accountFile(directory: string): string {
    const { host, pathname } = new URL(directory);
    return join(this.#root, "accounts", `${`${host}${pathname}`.replaceAll(/[^A-Za-z0-9.]+/g, "-")}.json`);
  }

  /** A damaged file is as good as none: what it says can be had again, at the price of an order. */
  async #readJson(file: string, read: SecretFiles["read"]): Promise<object | null> {
    try {
      const text = await read(file);
      if (text === null) return null;
      const value: unknown = JSON.parse(text);
      return typeof value === "object" ? value : null;
    } catch (error) {
      if (isKeyProblem(error)) throw error;
      this.#log.warn("a file of the certificate storage is damaged and was left aside", { file });
      return null;
    }
  }
}

/** To go on would replace what other gateways can read. */
function isKeyProblem(error: unknown): boolean {
  return error instanceof GatewayError && (error.code === "seal-key-missing" || error.code === "seal-key-wrong");
}

/** Names are checked when the definition is read, and those on demand before they come here; still nothing may climb out. */
export function folderName(name: string): string {
  const plain = name.replace(/^\*\./, "_wildcard.").replaceAll(":", "_");
  if (!/^[a-z0-9_][a-z0-9._-]{0,254}$/.test(plain) || plain.includes(".."))
    throw new Error(`no name: ${plain.slice(0, 80)}`);
  return plain;
}
