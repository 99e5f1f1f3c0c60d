import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "./ca-files.ts";
import type { WorkloadIssuer } from "./acme-server/issuer.ts";
import {
  type Authority,
  exportKey,
  makeAuthority,
  makeLeaf,
  readAuthority,
  signWorkload,
  type Validity,
} from "./x509.ts";

type Signed = Awaited<ReturnType<WorkloadIssuer["issueFor"]>>;

const hour = 3_600_000;
const day = 24 * hour;
const rootLifetime = 3650 * day;
const intermediateLifetime = 7 * day;
const leafLifetime = 12 * hour;
/** Clocks of clients that run behind must not find a certificate from the future. */
const backdate = 5 * 60_000;

export interface InternalCaOptions {
  /** Made when absent, readable by its owner only. Holds `root.crt`, `root.key`, `intermediate.crt`, `intermediate.key`. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Plain strings, so that it can be posted to another thread. */
export interface IssuedCertificate {
  readonly names: readonly string[];
  /** The leaf, PEM. */
  readonly cert: string;
  /** PKCS #8 PEM; never written to disk. */
  readonly key: string;
  /** Leaf and intermediate, PEM: what a server sends. */
  readonly chain: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate authority for names that no public one serves. */
export interface InternalCa {
  readonly rootCertificatePem: string;
  readonly rootFile: string;
  /**
   * A new certificate of 12 hours with a new key.
   *
   * @param names host names, `*.` wildcards and IP addresses; at least one
   * @throws GatewayError `definition-invalid` for a name that no certificate can hold
   */
  issue(names: readonly string[]): Promise<IssuedCertificate>;
  /** For a workload that has its key already: a certificate that serves it as a server and as a client. */
  readonly issueFor: WorkloadIssuer["issueFor"];
}

/**
 * Opens the authority in a directory, or makes one. The root lives 10 years, the intermediate 7 days.
 *
 * @throws GatewayError `store-corrupt` when there is a root that cannot be used: it is never replaced on its own,
 * since every client that trusts it would have to be told
 */
export async function createInternalCa(options: InternalCaOptions): Promise<InternalCa> {
  await makeDirectory(options.directory);
  const root = await openRoot(options);
  return new DirectoryCa(options, root);
}

class DirectoryCa implements InternalCa {
  readonly rootCertificatePem: string;
  readonly rootFile: string;
  readonly #options: InternalCaOptions;
  readonly #root: Authority;
  #intermediate: Promise<Authority> | null = null;

  constructor(options: InternalCaOptions, root: Authority) {
    this.#options = options;
    this.#root = root;
    this.rootCertificatePem = pemOf(root);
    this.rootFile = join(options.directory, "root.crt");
  }

  async issue(names: readonly string[]): Promise<IssuedCertificate> {
    checkNames(names);
    const { clock, random } = this.#options;
    const intermediate = await this.#freshIntermediate();
    const validity = validityFrom(clock.now(), leafLifetime);
    const leaf = await makeLeaf(names, validity, intermediate, random);
    const cert = pemOf(leaf);
    return { names, cert, key: await exportKey(leaf.keys), chain: `${cert}${pemOf(intermediate)}`, ...validity };
  }

  async issueFor(names: readonly string[], publicKey: webcrypto.CryptoKey, lifetimeMs: number): Promise<Signed> {
    const { clock, random } = this.#options;
    const intermediate = await this.#freshIntermediate();
    // What outlives its issuer is refused by everybody.
    const validity = validityFrom(clock.now(), lifetimeMs);
    const notAfter = Math.min(validity.notAfter, validityOf(intermediate).notAfter);
    const leaf = await signWorkload({ names, publicKey }, { ...validity, notAfter }, intermediate, random);
    const chain = `${pemOf({ certificate: leaf })}${pemOf(intermediate)}`;
    return { chain, serial: leaf.serialNumber.toLowerCase(), notAfter };
  }

  /** One at a time, so that two callers do not each make an intermediate. */
  async #freshIntermediate(): Promise<Authority> {
    const current = this.#intermediate;
    const opening = current === null ? openIntermediate(this.#options, this.#root) : this.#renewed(current);
    this.#intermediate = opening;
    try {
      return await opening;
    } catch (error) {
      this.#intermediate = null;
      throw error;
    }
  }

  async #renewed(current: Promise<Authority>): Promise<Authority> {
    const authority = await current;
    return isDue(validityOf(authority), this.#options.clock.now())
      ? makeIntermediate(this.#options, this.#root)
      : authority;
  }
}

/** At a third of the lifetime left a certificate is renewed. */
export function isDue({ notBefore, notAfter }: Validity, now: number): boolean {
  return now >= notAfter - (notAfter - notBefore) / 3 || now < notBefore;
}

async function openRoot(options: InternalCaOptions): Promise<Authority> {
  const { directory, clock, random, log } = options;
  const certificate = await readText(join(directory, "root.crt"));
  const key = await readText(join(directory, "root.key"));
  if (certificate !== null || key !== null) return readRoot(options, certificate, key);
  const root = await makeAuthority("Sallyport Internal Root", validityFrom(clock.now(), rootLifetime), null, random);
  // The key first: a certificate without its key would be a root that is corrupt.
  await writeAtomically(join(directory, "root.key"), await exportKey(root.keys), random);
  await writeAtomically(join(directory, "root.crt"), pemOf(root), random);
  log.info("internal CA: made a root certificate", { file: join(directory, "root.crt") });
  return root;
}

async function readRoot(
  { directory, clock }: InternalCaOptions,
  certificate: string | null,
  key: string | null,
): Promise<Authority> {
  try {
    if (certificate === null) throw new Error("root.crt is missing");
    if (key === null) throw new Error("root.key is missing");
    const root = await readAuthority(certificate, key);
    if (validityOf(root).notAfter <= clock.now()) throw new Error("root.crt has expired");
    return root;
  } catch (cause) {
    const message =
      `the internal CA in ${directory} cannot be used: ${(cause as Error).message}. ` +
      "Restore root.crt and root.key from a backup; or delete both, and install the new root where the old one was trusted.";
    throw new GatewayError("store-corrupt", 500, message, { source: "store", cause });
  }
}

async function openIntermediate(options: InternalCaOptions, root: Authority): Promise<Authority> {
  const { directory, clock, log } = options;
  const certificate = await readText(join(directory, "intermediate.crt"));
  const key = await readText(join(directory, "intermediate.key"));
  if (certificate === null && key === null) return makeIntermediate(options, root);
  try {
    const authority = await readAuthority(certificate ?? "", key ?? "");
    await proveIssuer(authority, root);
    if (!isDue(validityOf(authority), clock.now())) return authority;
  } catch (error) {
    log.warn("internal CA: intermediate cannot be used, making a new one", { error: (error as Error).message });
  }
  return makeIntermediate(options, root);
}

async function proveIssuer({ certificate }: Authority, root: Authority): Promise<void> {
  const genuine = await certificate.verify({ publicKey: root.keys.publicKey, signatureOnly: true });
  if (!genuine) throw new Error("it was not issued by this root");
}

async function makeIntermediate(options: InternalCaOptions, root: Authority): Promise<Authority> {
  const { directory, clock, random, log } = options;
  const validity = validityFrom(clock.now(), intermediateLifetime);
  const authority = await makeAuthority("Sallyport Internal Intermediate", validity, root, random);
  await writeAtomically(join(directory, "intermediate.key"), await exportKey(authority.keys), random);
  await writeAtomically(join(directory, "intermediate.crt"), pemOf(authority), random);
  log.info("internal CA: made an intermediate certificate", { notAfter: new Date(validity.notAfter).toISOString() });
  return authority;
}

function validityFrom(now: number, lifetime: number): Validity {
  // Certificates count in seconds.
  const start = Math.floor(now / 1000) * 1000;
  return { notBefore: start - backdate, notAfter: start + lifetime };
}

function validityOf({ certificate }: Authority): Validity {
  return { notBefore: certificate.notBefore.getTime(), notAfter: certificate.notAfter.getTime() };
}

function pemOf({ certificate }: Pick<Authority, "certificate">): string {
  return `${certificate.toString("pem").trim()}\n`;
}

function checkNames(names: readonly string[]): void {
  const bad = names.find((name) => isIP(name) === 0 && !isDnsName(name));
  if (names.length > 0 && bad === undefined) return;
  const what = bad === undefined ? "no names" : `not a host name or address: ${bad}`;
  throw new GatewayError("definition-invalid", 500, `internal CA: ${what}`);
}

function isDnsName(name: string): boolean {
  return name.length <= 253 && /^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*$/.test(name);
}
