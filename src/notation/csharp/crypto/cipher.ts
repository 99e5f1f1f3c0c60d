import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { argument, NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge, step } from "#notation/csharp/value/run.ts";

/** SymmetricAlgorithm: AES and Triple DES. */
export class Cipher implements NetObject {
  readonly netType: string;
  key: Uint8Array;
  iv: Uint8Array;
  /** CipherMode: 1 CBC, 2 ECB. */
  mode = 1;
  /** PaddingMode: 1 none, 2 PKCS7. */
  padding = 2;

  constructor(netType: string) {
    this.netType = netType;
    this.key = new Uint8Array(randomBytes(this.isAes ? 32 : 24));
    this.iv = new Uint8Array(randomBytes(this.blockBytes));
  }

  get isAes(): boolean {
    return this.netType === "Aes";
  }

  get blockBytes(): number {
    return this.isAes ? 16 : 8;
  }

  run(bytes: Uint8Array, isEncryption: boolean): Uint8Array {
    charge(bytes.length + 32);
    step(1 + (bytes.length >> 8));
    const name = this.#name();
    const iv = this.mode === 2 ? null : this.iv;
    try {
      const cipher = isEncryption ? createCipheriv(name, this.key, iv) : createDecipheriv(name, this.key, iv);
      cipher.setAutoPadding(this.padding !== 1);
      return new Uint8Array(Buffer.concat([cipher.update(bytes), cipher.final()]));
    } catch {
      throw new NetException(
        "CryptographicException",
        isEncryption ? "The input data is not a complete block." : "Padding is invalid and cannot be removed.",
      );
    }
  }

  #name(): string {
    if (this.mode !== 1 && this.mode !== 2)
      throw new NetException("CryptographicException", "Specified cipher mode is not valid for this algorithm.");
    if (this.padding !== 1 && this.padding !== 2)
      throw new NetException("CryptographicException", "Padding mode is not supported.");
    const bits = this.key.length * 8;
    const isKnown = this.isAes ? [128, 192, 256].includes(bits) : bits === 192;
    if (!isKnown)
      throw new NetException("CryptographicException", "Specified key is not a valid size for this algorithm.");
    if (this.mode === 1 && this.iv.length !== this.blockBytes)
      throw new NetException(
        "CryptographicException",
        "Specified initialization vector (IV) does not match the block size for this algorithm.",
      );
    const mode = this.mode === 1 ? "cbc" : "ecb";
    return this.isAes ? `aes-${bits}-${mode}` : this.mode === 1 ? "des-ede3-cbc" : "des-ede3-ecb";
  }

  toString(): string {
    return `System.Security.Cryptography.${this.netType}`;
  }
}

const names: Readonly<Record<string, string>> = {
  aes: "Aes",
  rijndael: "Aes",
  tripledes: "TripleDES",
  "3des": "TripleDES",
};

export function cipherNamed(name: string | null): Cipher {
  const found =
    names[
      (name ?? "")
        .toLowerCase()
        .replace(/^system\.security\.cryptography\./, "")
        .replace(/managed$|cng$|cryptoserviceprovider$/, "")
    ];
  if (found === undefined) throw argument(`'${name}' is not a known symmetric algorithm.`);
  return new Cipher(found);
}

/** `bytes.Encrypt(name, key, iv)` */
export function transformBytes(
  bytes: Uint8Array,
  name: string | null,
  key: Uint8Array,
  iv: Uint8Array,
  isEncryption: boolean,
): Uint8Array {
  const cipher = cipherNamed(name);
  cipher.key = key;
  cipher.iv = iv;
  return cipher.run(bytes, isEncryption);
}
