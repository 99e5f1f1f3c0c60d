import { createHash, X509Certificate } from "node:crypto";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";

/** X509Certificate2 over DER or PEM. */
export class X509Certificate2 implements NetObject {
  readonly netType = "X509Certificate2";
  readonly raw: Uint8Array;
  #read: X509Certificate | undefined;

  constructor(raw: Uint8Array) {
    this.raw = raw;
  }

  get certificate(): X509Certificate {
    try {
      this.#read ??= new X509Certificate(this.raw);
      return this.#read;
    } catch {
      throw new NetException("CryptographicException", "Cannot find the requested object.");
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
