import { Buffer } from "node:buffer";
import type { X509Certificate } from "node:crypto";
import { fingerprintOf } from "#edge/ocsp/fingerprint.ts";
import { isLongSignedBy } from "#edge/signature-algorithms.ts";
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate as ParsedCertificate } from "#edge/x509.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { childrenOf, type Element, elementAt, integer, wholeOf } from "./der.ts";
import { parseRevocationList, type RevocationList } from "./revocation-list.ts";
import { RecentFailures } from "./recent-failures.ts";
import { Turns } from "./turns.ts";

const timeoutMs = 6000;
/** A list of a quarter of a million certificates. */
const maxListBytes = 8 * 2 ** 20;
/** Of all lists that are kept. */
const maxBytes = 32 * 2 ** 20;
/** Each may be as long as the longest. */
const atOnce = 4;
/** Clocks differ. */
const tolerance = 5 * 60_000;

export interface KeptListsOptions {
  /** For one place: where it may be is checked there. */
  readonly egress: (url: string) => Egress;
  readonly clock: Clock;
}

/** Revocation lists of others: fetched once at a time, verified, kept until they end or others need the room. */
export class KeptLists {
  readonly #options: KeptListsOptions;
  readonly #turns = new Turns(atOnce);
  readonly #failures: RecentFailures;
  readonly #pending = new Map<string, Promise<RevocationList>>();
  /** The one that was used longest ago first. */
  readonly #kept = new Map<string, RevocationList>();
  #bytes = 0;

  constructor(options: KeptListsOptions) {
    this.#options = options;
    this.#failures = new RecentFailures(options.clock);
  }

  /** A list that holds now. @throws Error that says what is wrong */
  get(url: string, issuer: X509Certificate): Promise<RevocationList> {
    const key = `${fingerprintOf(issuer.raw)} ${url}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#drop(key, kept);
    if (kept !== undefined && kept.nextUpdate > this.#options.clock.now()) {
      this.#keep(key, kept);
      return Promise.resolve(kept);
    }
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#fetchOnce(key, url, issuer);
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #fetchOnce(key: string, url: string, issuer: X509Certificate): Promise<RevocationList> {
    try {
      const list = await this.#turns.take(() => this.#failures.guard(key, () => this.#fetch(url, issuer)));
      this.#keep(key, list);
      return list;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #fetch(url: string, issuer: X509Certificate): Promise<RevocationList> {
    const { egress, clock } = this.#options;
    const { host } = new URL(url);
    const { status, body } = await egress(url)
      .fetch({ url, timeoutMs, maxBytes: maxListBytes, declared: false })
      .catch((error: Error) => {
        throw new Error(`${host} cannot be reached: ${error.message}`, { cause: error });
      });
    if (status !== 200) throw new Error(`${host} answered ${status}`);
    const list = parseRevocationList(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    await checkList(list, issuer, clock.now());
    return list;
  }

  #keep(key: string, list: RevocationList): void {
    const before = this.#kept.get(key);
    if (before !== undefined) this.#drop(key, before);
    this.#kept.set(key, list);
    this.#bytes += list.der.length;
    for (const [oldest, one] of this.#kept) {
      if (this.#bytes <= maxBytes) break;
      this.#drop(oldest, one);
    }
  }

  #drop(key: string, list: RevocationList): void {
    if (this.#kept.delete(key)) this.#bytes -= list.der.length;
  }
}

/** @throws Error that says what is wrong @see RFC 5280 §6.3.3 */
async function checkList(list: RevocationList, issuer: X509Certificate, now: number): Promise<void> {
  if (!list.issuer.equals(subjectOf(issuer.raw))) throw new Error("the list is of another issuer");
  const usages = new ParsedCertificate(issuer.raw).getExtension(KeyUsagesExtension)?.usages;
  if (usages !== undefined && (usages & KeyUsageFlags.cRLSign) === 0) throw new Error("the issuer may sign no lists");
  const { algorithm, signed: data, signature } = list;
  const genuine = await isLongSignedBy({ algorithm, data, signature }, issuer.publicKey);
  if (!genuine) throw new Error("the list's signature is wrong");
  if (list.thisUpdate > now + tolerance) throw new Error("the list is from the future");
  if (list.nextUpdate <= now) throw new Error("the list has expired");
}

/** The name as the certificate has it encoded. Its fields: version, serial number, algorithm, issuer, validity, subject. */
function subjectOf(der: Buffer): Buffer {
  const [tbs] = childrenOf(der, elementAt(der, 0, der.length));
  const fields = childrenOf(der, tbs as Element);
  const from = fields.findIndex(({ tag }) => tag === integer);
  return wholeOf(der, fields[from + 4] as Element);
}
