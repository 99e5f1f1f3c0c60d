import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { DateTime, kinds, ticksOfUnix } from "#notation/csharp/value/date-time.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";

/** X509Certificate2 over DER or PEM. */
export class X509Certificate2 implements NetObject {
  readonly netType = "X509Certificate2";
  readonly raw: Uint8Array;
  /** The handshake has verified it. One that an expression makes by itself is verified by nobody. */
  readonly isVerified: boolean;
  #read: X509Certificate | undefined;

  /** @param raw DER, or PEM with or without its private key */
  constructor(raw: Uint8Array, isVerified = false) {
    this.raw = raw;
    this.isVerified = isVerified;
  }

  /** The key that stands beside the certificate in PEM, or null. */
  get privateKey(): KeyObject | null {
    const found = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(
      Buffer.from(this.raw).toString("latin1"),
    );
    if (found === null) return null;
    try {
      return createPrivateKey(found[0]);
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
    return distinguishedName(this.certificate.subject);
  }

  get issuer(): string {
    return distinguishedName(this.certificate.issuer);
  }

  toString(): string {
    return `[Subject]\n  ${this.subject}\n\n[Issuer]\n  ${this.issuer}\n\n[Thumbprint]\n  ${this.thumbprint}\n`;
  }
}

/** Node gives a line for each part, the broadest first; .NET one line, the narrowest first. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .toReversed()
    .map((line) => line.replace(/^emailAddress=/, "E=").replace(/^ST=/, "S="))
    .map((line) =>
      /[,+"]/.test(line.slice(line.indexOf("=") + 1))
        ? line.replace(/=(.*)$/s, (_all, value: string) => `="${value}"`)
        : line,
    )
    .join(", ");
}
