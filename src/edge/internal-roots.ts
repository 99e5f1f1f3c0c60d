import { Buffer } from "node:buffer";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import { readText, writeAtomically } from "./ca-files.ts";
import type { SecretFiles } from "./secret-files.ts";
import { pemOf, validityFrom, validityOf } from "./validity.ts";
import { type Authority, exportKey, keyIdOf, makeAuthority, readAuthority } from "./x509.ts";

const day = 86_400_000;
const lifetime = 3650 * day;
/** With so much of its life left a root gets a successor: the time that clients have to learn of it. */
const announcedFor = lifetime / 10;
/** So long before its end the root in use gives way to one that has been published for as long. */
const handover = 30 * day;
/** A successor that nobody has had the time to learn of (the gateway was off) waits until then. */
const lastResort = day;

interface RootsOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: SecretFiles;
}

/**
 * The roots of the internal CA: the one in use, and, in the last year of its life, its successor. `root.crt` holds the
 * certificates, the oldest first, `root.key` their keys. Which one is in use follows from the time alone.
 */
export class InternalRoots {
  readonly #options: RootsOptions;
  #roots: readonly Authority[];

  private constructor(options: RootsOptions, roots: readonly Authority[]) {
    this.#options = options;
    this.#roots = roots;
  }

  /** @throws GatewayError `store-corrupt` when there are roots, and one cannot be used, or all have expired */
  static async open(options: RootsOptions): Promise<InternalRoots> {
    const found = await readRoots(options);
    const roots = new InternalRoots(options, found ?? []);
    if (found === null) await roots.#add();
    await roots.refresh();
    return roots;
  }

  /** Those that clients are to trust, PEM, the oldest first. */
  get pem(): string {
    return this.#roots.map((root) => pemOf(root)).join("");
  }

  inUse(): Authority {
    return rootInUse(this.#roots, this.#options.clock.now());
  }

  /** @param id key identifier, hex */
  find(id: string): Authority | null {
    return this.#roots.find((root) => keyIdOf(root) === id) ?? null;
  }

  /** Publishes a successor in time, and takes out what has expired. Not to be called twice at a time. */
  async refresh(): Promise<void> {
    const now = this.#options.clock.now();
    const living = this.#roots.filter((root) => leftOf(root, now) > 0);
    if (living.length === this.#roots.length && hasSuccessor(living, now)) return;
    // Another process may have made it: `sallyport ca issue` opens the same folder.
    this.#roots = (await readRoots(this.#options)) ?? living;
    if (!hasSuccessor(this.#roots, now)) await this.#add();
    else await this.#write(this.#roots);
  }

  async #add(): Promise<void> {
    const { directory, clock, random, log } = this.#options;
    const now = clock.now();
    // A verifier that finds two roots under one name may try the wrong one only.
    const name = `Sallyport Internal Root ${new Date(now).getUTCFullYear()} ${Buffer.from(random.bytes(4)).toString("hex")}`;
    const root = await makeAuthority(name, validityFrom(now, lifetime), null, random);
    await this.#write([...this.#roots, root]);
    log.info("internal CA: made a root certificate", { file: join(directory, "root.crt"), name });
    if (this.#roots.length > 1) {
      log.warn("internal CA: the root ends within a year; have clients trust the next one, which is in the same file", {
        file: join(directory, "root.crt"),
        inUseFrom: new Date(validityOf(this.#roots[0] as Authority).notAfter - handover).toISOString(),
      });
    }
  }

  async #write(roots: readonly Authority[]): Promise<void> {
    const { directory, random, secrets } = this.#options;
    const keys = await Promise.all(roots.map((root) => exportKey(root.keys)));
    // The keys first: a certificate without its key would be a root that is corrupt.
    await secrets.write(join(directory, "root.key"), keys.join(""));
    await writeAtomically(join(directory, "root.crt"), roots.map((root) => pemOf(root)).join(""), random);
    this.#roots = roots;
  }
}

/** @param roots the oldest first; at least one */
function rootInUse(roots: readonly Authority[], now: number): Authority {
  const found = roots.find((root, at) => {
    const next = roots[at + 1];
    return next === undefined || !givesWay(root, next, now);
  });
  return found as Authority;
}

function givesWay(root: Authority, next: Authority, now: number): boolean {
  const left = leftOf(root, now);
  return left <= lastResort || (left <= handover && now - validityOf(next).notBefore >= handover);
}

function hasSuccessor(roots: readonly Authority[], now: number): boolean {
  const newest = roots.at(-1);
  return newest !== undefined && leftOf(newest, now) > announcedFor;
}

function leftOf(root: Authority, now: number): number {
  return validityOf(root).notAfter - now;
}

/** Those that have not expired, the oldest first; null when there never was one. */
async function readRoots({ directory, clock, secrets }: RootsOptions): Promise<readonly Authority[] | null> {
  try {
    const certificates = await readText(join(directory, "root.crt"));
    const keys = await secrets.read(join(directory, "root.key"));
    if (certificates === null && keys === null) return null;
    if (certificates === null) throw new Error("root.crt is missing");
    if (keys === null) throw new Error("root.key is missing");
    const roots = await Promise.all(blocksOf(certificates).map((pem) => withItsKey(pem, blocksOf(keys))));
    const living = roots.filter((root) => leftOf(root, clock.now()) > 0);
    if (living.length > 0) return living.toSorted((a, b) => validityOf(a).notAfter - validityOf(b).notAfter);
    throw new Error(roots.length === 0 ? "root.crt holds no certificate" : "root.crt has expired");
  } catch (cause) {
    const message =
      `the internal CA in ${directory} cannot be used: ${(cause as Error).message}. ` +
      "Restore root.crt and root.key from a backup; or delete both, and install the new root where the old one was trusted.";
    throw new GatewayError("store-corrupt", 500, message, { source: "store", cause });
  }
}

async function withItsKey(certificate: string, keys: readonly string[]): Promise<Authority> {
  const tried = await Promise.allSettled(keys.map((key) => readAuthority(certificate, key)));
  const found = tried.find((one) => one.status === "fulfilled");
  if (found !== undefined) return found.value;
  throw new Error("root.key does not hold the key of a certificate in root.crt", { cause: tried });
}

function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? [];
}
