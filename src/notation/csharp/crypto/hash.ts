import { createHash, createHmac, randomBytes } from "node:crypto";
import { argumentNull, NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { step } from "#notation/csharp/value/run.ts";

export type HashName = "md5" | "sha1" | "sha256" | "sha384" | "sha512";

/** .NET's name of the class → the algorithm. */
export const hashNames: Readonly<Record<string, HashName>> = {
  MD5: "md5",
  SHA1: "sha1",
  SHA256: "sha256",
  SHA384: "sha384",
  SHA512: "sha512",
};

/** HashAlgorithm, with a key for HMAC. */
export class Hash implements NetObject {
  readonly netType: string;
  readonly name: HashName;
  key: Uint8Array | null;

  constructor(netType: string, name: HashName, key: Uint8Array | null) {
    this.netType = netType;
    this.name = name;
    this.key = key;
  }

  compute(bytes: Uint8Array | null): Uint8Array {
    if (bytes === null) throw argumentNull("buffer");
    // A megabyte takes some milliseconds.
    step(1 + (bytes.length >> 8));
    const hash = this.key === null ? createHash(this.name) : createHmac(this.name, this.key);
    return new Uint8Array(hash.update(bytes).digest());
  }

  get bits(): number {
    return { md5: 128, sha1: 160, sha256: 256, sha384: 384, sha512: 512 }[this.name];
  }

  toString(): string {
    return `System.Security.Cryptography.${this.netType}`;
  }
}

export function newHmac(netType: string, name: HashName, key: Uint8Array | null): Hash {
  return new Hash(netType, name, key ?? new Uint8Array(randomBytes(64)));
}

export function hashNamed(name: string | null): HashName {
  const found = hashNames[(name ?? "").toUpperCase().replace("-", "")];
  if (found === undefined) throw new NetException("CryptographicException", `'${name}' is not a known hash algorithm.`);
  return found;
}
