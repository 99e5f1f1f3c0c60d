import { constants, type KeyObject, privateDecrypt, publicEncrypt, sign, verify } from "node:crypto";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { step } from "#notation/csharp/value/run.ts";
import { hashNamed } from "./hash.ts";

/** A padding: `Pkcs1`, `Pss`, or OAEP with a hash. */
export class RsaPadding implements NetObject {
  readonly netType: string;
  readonly kind: "pkcs1" | "pss" | "oaep";
  readonly hash: string;

  constructor(netType: string, kind: RsaPadding["kind"], hash = "sha1") {
    this.netType = netType;
    this.kind = kind;
    this.hash = hash;
  }

  toString(): string {
    return this.kind;
  }
}

export class HashAlgorithmName implements NetObject {
  readonly netType = "HashAlgorithmName";
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  equals(other: unknown): boolean {
    return other instanceof HashAlgorithmName && other.name === this.name;
  }

  toString(): string {
    return this.name;
  }
}

/** What a private-key operation costs, in steps: about a millisecond. */
const cost = 5000;

/** RSA over a key of a certificate. */
export class Rsa implements NetObject {
  readonly netType = "RSACng";
  readonly key: KeyObject;

  constructor(key: KeyObject) {
    this.key = key;
  }

  sign(bytes: Uint8Array, hash: HashAlgorithmName, padding: RsaPadding): Uint8Array {
    step(cost);
    if (this.key.type !== "private") throw new NetException("CryptographicException", "The key has no private part.");
    return new Uint8Array(sign(hashNamed(hash.name), bytes, { key: this.key, ...signPadding(padding) }));
  }

  verify(bytes: Uint8Array, signature: Uint8Array, hash: HashAlgorithmName, padding: RsaPadding): boolean {
    step(cost);
    return verify(hashNamed(hash.name), bytes, { key: this.key, ...signPadding(padding) }, signature);
  }

  encrypt(bytes: Uint8Array, padding: RsaPadding): Uint8Array {
    step(cost);
    return guarded(() => publicEncrypt({ key: this.key, ...cryptPadding(padding) }, bytes));
  }

  decrypt(bytes: Uint8Array, padding: RsaPadding): Uint8Array {
    step(cost);
    return guarded(() => privateDecrypt({ key: this.key, ...cryptPadding(padding) }, bytes));
  }

  toString(): string {
    return "System.Security.Cryptography.RSA";
  }
}

function guarded(run: () => Uint8Array): Uint8Array {
  try {
    return new Uint8Array(run());
  } catch {
    throw new NetException("CryptographicException", "The parameter is incorrect.");
  }
}

function signPadding({ kind }: RsaPadding): { padding: number; saltLength?: number } {
  if (kind === "pss") return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return { padding: constants.RSA_PKCS1_PADDING };
}

function cryptPadding({ kind, hash }: RsaPadding): { padding: number; oaepHash?: string } {
  return kind === "oaep"
    ? { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }
    : { padding: constants.RSA_PKCS1_PADDING };
}
