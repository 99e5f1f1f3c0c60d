import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { BerError, readElement } from "#lib/ber.ts";
import { pemBlocks } from "#lib/pem-blocks.ts";
import { DateTime, kinds, ticksOfUnix } from "#notation/csharp/value/date-time.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { distinguishedName, namesOf } from "./distinguished-name.ts";

export interface CertificateParts {
  /** The handshake has verified it. One that an expression makes by itself is verified by nobody. */
  readonly isVerified?: boolean;
  /** Its private key, when that stands elsewhere: it signs, and is never text. */
  readonly privateKey?: () => KeyObject | null;
}

/** X509Certificate2 over DER or PEM. */
export class X509Certificate2 implements NetObject {
  readonly netType = "X509Certificate2";
  readonly raw: Uint8Array;
  readonly isVerified: boolean;
  readonly #privateKey: (() => KeyObject | null) | undefined;
  #read: X509Certificate | undefined;

  /** @param raw DER, or PEM with or without its private key */
  constructor(raw: Uint8Array, { isVerified = false, privateKey }: CertificateParts = {}) {
    this.raw = raw;
    this.isVerified = isVerified;
    this.#privateKey = privateKey;
  }

  /** The key of the certificate, or the one that stands beside it in PEM, or null. */
  get privateKey(): KeyObject | null {
    if (this.#privateKey !== undefined) return this.#privateKey();
    const blocks = pemBlocks(Buffer.from(this.raw).toString("latin1"));
    const found = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
    if (found === undefined) return null;
    try {
      return createPrivateKey(found.text);
    } catch {
      throw new NetException("CryptographicException", "The private key cannot be read.");
    }
  }

  date(which: "validFrom" | "validTo"): DateTime {
    return new DateTime(ticksOfUnix(Date.parse(this.certificate[which])), kinds.local);
  }

  get certificate(): X509Certificate {
    try {
      this.#read ??= new X509Certificate(this.raw);
      return this.#read;
    } catch {
      throw new NetException("CryptographicException", "Cannot find the requested object.");
    }
  }

  get isReadable(): boolean {
    try {
      return this.certificate.raw.length > 0;
    } catch (error) {
      if (error instanceof NetException) return false;
      throw error;
    }
  }

  hash(algorithm: string): Uint8Array {
    return new Uint8Array(createHash(algorithm).update(this.certificate.raw).digest());
  }

  /** Upper-case hex of SHA-1. */
  get thumbprint(): string {
    return Buffer.from(this.hash("sha1")).toString("hex").toUpperCase();
  }

  get subject(): string {
    return this.#name("subject");
  }

  get issuer(): string {
    return this.#name("issuer");
  }

  #name(which: "subject" | "issuer"): string {
    try {
      return distinguishedName(namesOf(readElement(this.certificate.raw))[which]);
    } catch (error) {
      if (error instanceof BerError) throw new NetException("CryptographicException", "ASN1 corrupted data.");
      throw error;
    }
  }

  toString(): string {
    return `[Subject]\n  ${this.subject}\n\n[Issuer]\n  ${this.issuer}\n\n[Thumbprint]\n  ${this.thumbprint}\n`;
  }
}
