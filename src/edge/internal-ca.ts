import { Buffer } from "node:buffer";
import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "./ca-files.ts";
import type { WorkloadIssuer } from "./acme-server/issuer.ts";
import { InternalRoots } from "./internal-roots.ts";
import { IssuedCertificates, type IssuedRecord } from "./issued-certificates.ts";
import { RetiredIssuers } from "./retired-issuers.ts";
import type { SecretFiles } from "./secret-files.ts";
import { RevocationLists } from "./revocation-lists.ts";
import { Revocations } from "./revocations.ts";
import { isDue, pemOf, validityFrom, validityOf } from "./validity.ts";
import {
  type Authority,
  AuthorityKeyIdentifierExtension,
  exportKey,
  keyIdOf,
  makeAuthority,
  makeLeaf,
  readAuthority,
  signWorkload,
  SubjectAlternativeNameExtension,
  type Validity,
  X509Certificate,
} from "./x509.ts";

type Signed = Awaited<ReturnType<WorkloadIssuer["issueFor"]>>;

const end = "-----END CERTIFICATE-----";
const hour = 3_600_000;
const day = 24 * hour;
const intermediateLifetime = 7 * day;
const leafLifetime = 12 * hour;

export interface InternalCaOptions {
  /** Made when absent, readable by its owner only. Holds `root.crt`, `root.key`, `intermediate.crt`, `intermediate.key`. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How keys are kept. */
  readonly secrets: SecretFiles;
  /** Called when the set of roots has changed, with all of them, PEM. */
  readonly onRoots?: (roots: string) => void;
  /** Called when something was revoked, here or by another process that {@link InternalCa.refreshRevocations} has found. */
  readonly onRevoked?: () => void;
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
  /** What clients are to trust: the root in use and, in its last year, the next one behind it. */
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
  readonly revoke: WorkloadIssuer["revoke"];
  readonly revocationList: WorkloadIssuer["revocationList"];
  /**
   * Null for an issuer that is not of this authority.
   *
   * @param serial hex, lower case
   * @param issuer DER of the certificate
   */
  statusOf(serial: string, issuer: Uint8Array): Promise<"good" | "revoked" | null>;
  /** By serial number, hex, lower case; null: none that has not ended. */
  findIssued(serial: string): Promise<IssuedWorkload | null>;
  /** Of a certificate, PEM, that this authority has signed; null for any other. */
  readIssued(certificate: string): Promise<IssuedWorkload | null>;
  /** On disk when it resolves. @param reason RFC 5280 §5.3.1 */
  revokeIssued(certificate: IssuedRecord, reason: number): Promise<void>;
  /** `<issuer>-<serial>` of all that is revoked. */
  readonly revoked: readonly string[];
  /** Where they are. */
  readonly revokedFolder: string;
  /** Takes up what another process has revoked. */
  refreshRevocations(): Promise<void>;
}

export interface IssuedWorkload extends IssuedRecord {
  readonly revocation: { readonly at: number; readonly reason: number } | null;
}

/**
 * Opens the authority in a directory, or makes one. A root lives 10 years, and is published a year before it is used; the
 * intermediate lives 7 days.
 *
 * @throws GatewayError `store-corrupt` when there is a root that cannot be used: it is never replaced at once, since
 * every client that trusts it would have to be told
 */
export async function createInternalCa(options: InternalCaOptions): Promise<InternalCa> {
  await makeDirectory(options.directory);
  const { directory, random } = options;
  return new DirectoryCa(options, {
    roots: await InternalRoots.open(options),
    retired: await RetiredIssuers.open(options),
    revocations: await Revocations.open(directory, random),
  });
}

interface Kept {
  readonly roots: InternalRoots;
  readonly retired: RetiredIssuers;
  readonly revocations: Revocations;
}

class DirectoryCa implements InternalCa {
  readonly rootFile: string;
  readonly #options: InternalCaOptions;
  readonly #roots: InternalRoots;
  readonly #retired: RetiredIssuers;
  readonly #revocations: Revocations;
  readonly #lists: RevocationLists;
  readonly #issued: IssuedCertificates;
  #intermediate: Promise<Authority> | null = null;

  constructor(options: InternalCaOptions, { roots, retired, revocations }: Kept) {
    this.#options = options;
    this.#roots = roots;
    this.#retired = retired;
    this.#revocations = revocations;
    this.#lists = new RevocationLists(revocations, options.clock);
    this.#issued = new IssuedCertificates(options.directory, options.clock, options.random);
    this.rootFile = join(options.directory, "root.crt");
  }

  get rootCertificatePem(): string {
    return this.#roots.pem;
  }

  async issue(names: readonly string[]): Promise<IssuedCertificate> {
    checkNames(names);
    const { clock, random } = this.#options;
    const intermediate = await this.#freshIntermediate();
    const validity = within(intermediate, validityFrom(clock.now(), leafLifetime));
    const leaf = await makeLeaf(names, validity, intermediate, random);
    const cert = pemOf(leaf);
    return { names, cert, key: await exportKey(leaf.keys), chain: `${cert}${pemOf(intermediate)}`, ...validity };
  }

  async issueFor(
    names: readonly string[],
    publicKey: webcrypto.CryptoKey,
    lifetimeMs: number,
    listsOf: (issuer: string) => readonly string[],
  ): Promise<Signed> {
    const { clock, random } = this.#options;
    const intermediate = await this.#freshIntermediate();
    const validity = within(intermediate, validityFrom(clock.now(), lifetimeMs));
    const lists = listsOf(keyIdOf(intermediate));
    const leaf = await signWorkload({ names, publicKey, lists }, validity, intermediate, random);
    const chain = `${pemOf({ certificate: leaf })}${pemOf(intermediate)}`;
    const record = recordOf(leaf, names);
    // What is not known here could not be revoked by its number.
    await this.#issued.add(record);
    return { chain, serial: record.serial, notAfter: validity.notAfter };
  }

  async revoke(chain: string, reason: number): Promise<void> {
    const leaf = new X509Certificate(chain.slice(0, chain.indexOf(end) + end.length));
    await this.revokeIssued(recordOf(leaf, []), reason);
  }

  async revokeIssued({ serial, issuer, notAfter }: IssuedRecord, reason: number): Promise<void> {
    await this.#revocations.add({ serial, issuer, at: this.#options.clock.now(), reason, notAfter });
    this.#options.onRevoked?.();
  }

  async findIssued(serial: string): Promise<IssuedWorkload | null> {
    const record = await this.#issued.find(serial);
    return record === null ? null : this.#withRevocation(record);
  }

  async readIssued(certificate: string): Promise<IssuedWorkload | null> {
    const leaf = new X509Certificate(certificate);
    const record = recordOf(leaf, leaf.getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? []);
    const issuer = await this.#intermediateOf(record.issuer);
    if (issuer === null) return null;
    const genuine = await leaf.verify({ publicKey: issuer.keys.publicKey, signatureOnly: true });
    return genuine ? this.#withRevocation(record) : null;
  }

  #withRevocation(record: IssuedRecord): IssuedWorkload {
    return { ...record, revocation: this.#revocations.find(record.issuer, record.serial) };
  }

  get revoked(): readonly string[] {
    return this.#revocations.keys;
  }

  get revokedFolder(): string {
    return this.#revocations.folder;
  }

  async refreshRevocations(): Promise<void> {
    if (await this.#revocations.refresh()) this.#options.onRevoked?.();
  }

  async revocationList(issuer: string): Promise<Uint8Array | null> {
    const found = await this.#intermediateOf(issuer);
    if (found !== null) return this.#lists.listOf(issuer, found);
    this.#lists.forget(issuer);
    return null;
  }

  async statusOf(serial: string, issuer: Uint8Array): Promise<"good" | "revoked" | null> {
    const id = keyIdOf({ certificate: new X509Certificate(new Uint8Array(issuer)) });
    const found = this.#roots.find(id) ?? (await this.#intermediateOf(id));
    // Somebody else's certificate may say that it has the same key identifier.
    if (found === null || !Buffer.from(found.certificate.rawData).equals(issuer)) return null;
    return this.#revocations.find(id, serial) === null ? "good" : "revoked";
  }

  async #intermediateOf(id: string): Promise<Authority | null> {
    const current = await this.#freshIntermediate();
    return keyIdOf(current) === id ? current : this.#retired.find(id);
  }

  /** One at a time, so that two callers do not each make an intermediate. */
  async #freshIntermediate(): Promise<Authority> {
    const current = this.#intermediate;
    const opening = current === null ? this.#opened() : this.#renewed(current);
    this.#intermediate = opening;
    try {
      return await opening;
    } catch (error) {
      this.#intermediate = null;
      throw error;
    }
  }

  async #opened(): Promise<Authority> {
    return openIntermediate(this.#options, await this.#rootInUse(), this.#retired);
  }

  async #renewed(current: Promise<Authority>): Promise<Authority> {
    const authority = await current;
    const root = await this.#rootInUse();
    if (!isDue(validityOf(authority), this.#options.clock.now())) return authority;
    await this.#retired.add(authority);
    // Another process may have made it: `sallyport ca issue` opens the same folder.
    return openIntermediate(this.#options, root, this.#retired);
  }

  /** Whatever is issued looks whether it is time for another root: every twelve hours at the latest. */
  async #rootInUse(): Promise<Authority> {
    const before = this.#roots.pem;
    await this.#roots.refresh();
    if (this.#roots.pem !== before) this.#options.onRoots?.(this.#roots.pem);
    return this.#roots.inUse();
  }
}

async function openIntermediate(
  options: InternalCaOptions,
  root: Authority,
  retired: RetiredIssuers,
): Promise<Authority> {
  const { directory, clock, log, secrets } = options;
  try {
    const certificate = await readText(join(directory, "intermediate.crt"));
    const key = await secrets.read(join(directory, "intermediate.key"));
    if (certificate === null && key === null) return await makeIntermediate(options, root);
    const authority = await readAuthority(certificate ?? "", key ?? "");
    await proveIssuer(authority, root);
    if (!isDue(validityOf(authority), clock.now())) return authority;
    await retired.add(authority);
  } catch (error) {
    log.warn("internal CA: intermediate cannot be used, making a new one", { error: (error as Error).message });
  }
  return makeIntermediate(options, root);
}

/** @param names as they are, or as the certificate has them */
function recordOf(leaf: X509Certificate, names: readonly (string | { readonly value: string })[]): IssuedRecord {
  return {
    serial: leaf.serialNumber.toLowerCase(),
    issuer: leaf.getExtension(AuthorityKeyIdentifierExtension)?.keyId?.toLowerCase() ?? "",
    names: names.map((name) => (typeof name === "string" ? name : name.value)),
    at: leaf.notBefore.getTime(),
    notAfter: leaf.notAfter.getTime(),
  };
}

async function proveIssuer({ certificate }: Authority, root: Authority): Promise<void> {
  const genuine = await certificate.verify({ publicKey: root.keys.publicKey, signatureOnly: true });
  if (!genuine) throw new Error("it was not issued by this root");
}

async function makeIntermediate(options: InternalCaOptions, root: Authority): Promise<Authority> {
  const { directory, clock, random, log, secrets } = options;
  const validity = within(root, validityFrom(clock.now(), intermediateLifetime));
  const authority = await makeAuthority("Sallyport Internal Intermediate", validity, root, random);
  await secrets.write(join(directory, "intermediate.key"), await exportKey(authority.keys));
  await writeAtomically(join(directory, "intermediate.crt"), pemOf(authority), random);
  log.info("internal CA: made an intermediate certificate", { notAfter: new Date(validity.notAfter).toISOString() });
  return authority;
}

/** What outlives its issuer is refused by everybody. */
function within(issuer: Authority, { notBefore, notAfter }: Validity): Validity {
  return { notBefore, notAfter: Math.min(notAfter, validityOf(issuer).notAfter) };
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
