import { randomBytes } from "node:crypto";
import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { Cipher, cipherNamed, transformBytes } from "#notation/csharp/crypto/cipher.ts";
import { Hash, type HashName, hashNamed, hashNames, newHmac } from "#notation/csharp/crypto/hash.ts";
import { HashAlgorithmName, type Rsa, RsaPadding } from "#notation/csharp/crypto/rsa.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { cipherModeTable, paddingModeTable } from "./enums.ts";

const namespace = "System.Security.Cryptography";

function hashTable(name: string, algorithm: HashName): TypeTable {
  const make = (): Hash => new Hash(name, algorithm, null);
  return {
    name,
    namespace,
    kind: "class",
    base: "HashAlgorithm",
    statics: {
      [`Create(): ${name}`]: make,
      "HashData(byte[] source): byte[]": (bytes: Uint8Array | null) => make().compute(bytes),
    },
  };
}

/** The classes that can be made with `new`. */
function concrete(name: string, base: string, algorithm: HashName): TypeTable {
  return { name, namespace, kind: "class", base, construct: { "()": () => new Hash(name, algorithm, null) } };
}

function hmacTable(name: string, algorithm: HashName): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    base: "HMAC",
    construct: {
      "()": () => newHmac(name, algorithm, null),
      "(byte[] key)": (key: Uint8Array | null) => newHmac(name, algorithm, key),
    },
    statics: {
      "HashData(byte[] key, byte[] source): byte[]": (key: Uint8Array, bytes: Uint8Array) =>
        newHmac(name, algorithm, key).compute(bytes),
    },
  };
}

const hashAlgorithm: TypeTable = {
  name: "HashAlgorithm",
  namespace,
  kind: "class",
  implements: ["IDisposable"],
  statics: {
    "Create(string hashName): HashAlgorithm": (name: string | null) => new Hash("HashAlgorithm", hashNamed(name), null),
  },
  members: {
    "ComputeHash(byte[] buffer): byte[]": (self: Hash, bytes: Uint8Array | null) => self.compute(bytes),
    "ComputeHash(byte[] buffer, int offset, int count): byte[]": (
      self: Hash,
      bytes: Uint8Array,
      offset: number,
      count: number,
    ) => self.compute(bytes.subarray(offset, offset + count)),
    "HashSize: int": (self: Hash) => self.bits,
    "Clear(): void": () => undefined,
  },
};

const keyed: TypeTable = {
  name: "KeyedHashAlgorithm",
  namespace,
  kind: "class",
  base: "HashAlgorithm",
  members: { "Key: byte[]": (self: Hash) => self.key },
  setters: {
    "Key: byte[]": (self: Hash, key: Uint8Array) => {
      self.key = key;
    },
  },
};

const symmetricMembers: TypeTable["members"] = {
  "Key: byte[]": (self: Cipher) => self.key,
  "IV: byte[]": (self: Cipher) => self.iv,
  "Mode: CipherMode": (self: Cipher) => new EnumValue({ id: "CipherMode", table: cipherModeTable }, self.mode),
  "Padding: PaddingMode": (self: Cipher) => new EnumValue({ id: "PaddingMode", table: paddingModeTable }, self.padding),
  "KeySize: int": (self: Cipher) => self.key.length * 8,
  "BlockSize: int": (self: Cipher) => self.blockBytes * 8,
  "GenerateKey(): void": (self: Cipher) => {
    self.key = new Uint8Array(randomBytes(self.isAes ? 32 : 24));
  },
  "GenerateIV(): void": (self: Cipher) => {
    self.iv = new Uint8Array(randomBytes(self.blockBytes));
  },
  "CreateEncryptor(): ICryptoTransform": (self: Cipher) => new Transform(self, true),
  "CreateEncryptor(byte[] rgbKey, byte[] rgbIV): ICryptoTransform": (self: Cipher, key: Uint8Array, iv: Uint8Array) =>
    new Transform(Object.assign(self, { key, iv }), true),
  "CreateDecryptor(): ICryptoTransform": (self: Cipher) => new Transform(self, false),
  "CreateDecryptor(byte[] rgbKey, byte[] rgbIV): ICryptoTransform": (self: Cipher, key: Uint8Array, iv: Uint8Array) =>
    new Transform(Object.assign(self, { key, iv }), false),
};

class Transform {
  readonly netType = "ICryptoTransform";
  readonly cipher: Cipher;
  readonly isEncryption: boolean;

  constructor(cipher: Cipher, isEncryption: boolean) {
    this.cipher = cipher;
    this.isEncryption = isEncryption;
  }

  toString(): string {
    return "System.Security.Cryptography.ICryptoTransform";
  }
}

const symmetric: TypeTable = {
  name: "SymmetricAlgorithm",
  namespace,
  kind: "class",
  implements: ["IDisposable"],
  statics: { "Create(string algName): SymmetricAlgorithm": cipherNamed },
  members: symmetricMembers,
  setters: {
    "Key: byte[]": (self: Cipher, value: Uint8Array) => void (self.key = value),
    "IV: byte[]": (self: Cipher, value: Uint8Array) => void (self.iv = value),
    "Mode: CipherMode": (self: Cipher, value: EnumValue) => void (self.mode = value.value),
    "Padding: PaddingMode": (self: Cipher, value: EnumValue) => void (self.padding = value.value),
    "KeySize: int": (self: Cipher, bits: number) => void (self.key = new Uint8Array(randomBytes(bits >> 3))),
    "BlockSize: int": () => undefined,
  },
};

function cipherTable(name: string, netType: string, base: string): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    base,
    statics: { [`Create(): ${netType}`]: () => new Cipher(netType) },
    ...(name === netType ? {} : { construct: { "()": () => new Cipher(netType) } }),
  };
}

const transformTable: TypeTable = {
  name: "ICryptoTransform",
  namespace,
  kind: "interface",
  implements: ["IDisposable"],
  members: {
    "TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount): byte[]": (
      self: Transform,
      bytes: Uint8Array,
      offset: number,
      count: number,
    ) => self.cipher.run(bytes.subarray(offset, offset + count), self.isEncryption),
  },
};

const rsaTable: TypeTable = {
  name: "RSA",
  namespace,
  kind: "class",
  base: "AsymmetricAlgorithm",
  members: {
    "SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding): byte[]": (
      self: Rsa,
      bytes: Uint8Array,
      hash: HashAlgorithmName,
      padding: RsaPadding,
    ) => self.sign(bytes, hash, padding),
    "VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding): bool": (
      self: Rsa,
      bytes: Uint8Array,
      signature: Uint8Array,
      hash: HashAlgorithmName,
      padding: RsaPadding,
    ) => self.verify(bytes, signature, hash, padding),
    "Encrypt(byte[] data, RSAEncryptionPadding padding): byte[]": (self: Rsa, bytes: Uint8Array, padding: RsaPadding) =>
      self.encrypt(bytes, padding),
    "Decrypt(byte[] data, RSAEncryptionPadding padding): byte[]": (self: Rsa, bytes: Uint8Array, padding: RsaPadding) =>
      self.decrypt(bytes, padding),
    "KeySize: int": (self: Rsa) => self.key.asymmetricKeyDetails?.modulusLength ?? 0,
  },
};

function paddings(name: string, kinds: Readonly<Record<string, RsaPadding>>): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    statics: Object.fromEntries(
      Object.entries(kinds).map(([member, padding]) => [`${member}: ${name}`, () => padding]),
    ),
  };
}

const hashNameTable: TypeTable = {
  name: "HashAlgorithmName",
  namespace,
  kind: "struct",
  zero: () => new HashAlgorithmName(""),
  construct: { "(string name)": (name: string) => new HashAlgorithmName(name) },
  statics: Object.fromEntries(
    Object.keys(hashNames).map((name) => {
      const value = new HashAlgorithmName(name);
      return [`${name}: HashAlgorithmName`, () => value];
    }),
  ),
  members: { "Name: string": (self: HashAlgorithmName) => self.name },
};

function fill(buffer: Uint8Array): void {
  buffer.set(randomBytes(buffer.length));
}

const generator: TypeTable = {
  name: "RNGCryptoServiceProvider",
  namespace,
  kind: "class",
  base: "RandomNumberGenerator",
  construct: { "()": () => ({ netType: "RNGCryptoServiceProvider" }) },
};

const generatorBase: TypeTable = {
  name: "RandomNumberGenerator",
  namespace,
  kind: "class",
  implements: ["IDisposable"],
  statics: {
    "Create(): RandomNumberGenerator": () => ({ netType: "RandomNumberGenerator" }),
    "GetBytes(int count): byte[]": (count: number) => {
      charge(count);
      return new Uint8Array(randomBytes(count));
    },
  },
  members: { "GetBytes(byte[] data): void": (_self: unknown, buffer: Uint8Array) => fill(buffer) },
};

const bytesExtensions: TypeTable = {
  name: "CryptographyExtensions",
  namespace: "",
  kind: "static",
  statics: {
    "Encrypt(this byte[] input, string alg, byte[] key, byte[] iv): byte[]": (
      bytes: Uint8Array,
      name: string,
      key: Uint8Array,
      iv: Uint8Array,
    ) => transformBytes(bytes, name, key, iv, true),
    "Encrypt(this byte[] input, SymmetricAlgorithm alg): byte[]": (bytes: Uint8Array, cipher: Cipher) =>
      cipher.run(bytes, true),
    "Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv): byte[]": (
      bytes: Uint8Array,
      cipher: Cipher,
      key: Uint8Array,
      iv: Uint8Array,
    ) => Object.assign(cipher, { key, iv }).run(bytes, true),
    "Decrypt(this byte[] input, string alg, byte[] key, byte[] iv): byte[]": (
      bytes: Uint8Array,
      name: string,
      key: Uint8Array,
      iv: Uint8Array,
    ) => transformBytes(bytes, name, key, iv, false),
    "Decrypt(this byte[] input, SymmetricAlgorithm alg): byte[]": (bytes: Uint8Array, cipher: Cipher) =>
      cipher.run(bytes, false),
    "Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv): byte[]": (
      bytes: Uint8Array,
      cipher: Cipher,
      key: Uint8Array,
      iv: Uint8Array,
    ) => Object.assign(cipher, { key, iv }).run(bytes, false),
  },
};

const algorithms = Object.entries(hashNames);

export const cryptoTables: readonly TypeTable[] = [
  hashAlgorithm,
  keyed,
  { name: "HMAC", namespace, kind: "class", base: "KeyedHashAlgorithm" },
  ...algorithms.map(([name, algorithm]) => hashTable(name, algorithm)),
  ...algorithms
    .filter(([name]) => name !== "MD5")
    .map(([name, algorithm]) => concrete(`${name}Managed`, name, algorithm)),
  concrete("MD5CryptoServiceProvider", "MD5", "md5"),
  concrete("SHA1CryptoServiceProvider", "SHA1", "sha1"),
  concrete("SHA256CryptoServiceProvider", "SHA256", "sha256"),
  ...algorithms.map(([name, algorithm]) => hmacTable(`HMAC${name}`, algorithm)),
  symmetric,
  cipherTable("Aes", "Aes", "SymmetricAlgorithm"),
  cipherTable("AesManaged", "Aes", "Aes"),
  cipherTable("AesCryptoServiceProvider", "Aes", "Aes"),
  cipherTable("RijndaelManaged", "Aes", "Aes"),
  cipherTable("TripleDES", "TripleDES", "SymmetricAlgorithm"),
  transformTable,
  { name: "AsymmetricAlgorithm", namespace, kind: "class", implements: ["IDisposable"] },
  rsaTable,
  { name: "RSACng", namespace, kind: "class", base: "RSA" },
  paddings("RSASignaturePadding", {
    Pkcs1: new RsaPadding("RSASignaturePadding", "pkcs1"),
    Pss: new RsaPadding("RSASignaturePadding", "pss"),
  }),
  paddings("RSAEncryptionPadding", {
    Pkcs1: new RsaPadding("RSAEncryptionPadding", "pkcs1"),
    OaepSHA1: new RsaPadding("RSAEncryptionPadding", "oaep", "sha1"),
    OaepSHA256: new RsaPadding("RSAEncryptionPadding", "oaep", "sha256"),
    OaepSHA384: new RsaPadding("RSAEncryptionPadding", "oaep", "sha384"),
    OaepSHA512: new RsaPadding("RSAEncryptionPadding", "oaep", "sha512"),
  }),
  hashNameTable,
  generatorBase,
  generator,
  bytesExtensions,
];
