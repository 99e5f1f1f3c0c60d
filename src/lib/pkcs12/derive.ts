import { hash } from "node:crypto";

export type DigestName = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

const sizes: Readonly<Record<DigestName, { readonly output: number; readonly block: number }>> = {
  sha1: { output: 20, block: 64 },
  sha224: { output: 28, block: 64 },
  sha256: { output: 32, block: 64 },
  sha384: { output: 48, block: 128 },
  sha512: { output: 64, block: 128 },
};

/** What is derived. */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

/**
 * A password as PKCS#12 takes it: UTF-16, the greater byte first, and a zero behind it. Of the empty one there are two
 * readings in the world, with that zero and without anything.
 */
export function passwordBytes(password: string | null): Uint8Array {
  if (password === null) return new Uint8Array(0);
  const bytes = new Uint8Array(password.length * 2 + 2);
  for (let index = 0; index < password.length; index += 1) {
    const unit = password.charCodeAt(index);
    bytes[index * 2] = unit >> 8;
    bytes[index * 2 + 1] = unit & 0xff;
  }
  return bytes;
}

/** @see RFC 7292 appendix B.2 */
export function derive(
  digest: DigestName,
  purpose: number,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const { output, block } = sizes[digest];
  const diversifier = new Uint8Array(block).fill(purpose);
  const input = new Uint8Array([...repeated(salt, block), ...repeated(password, block)]);
  const derived = new Uint8Array(Math.ceil(length / output) * output);
  for (let at = 0; at < length; at += output) {
    let round: Buffer = hash(digest, Buffer.concat([diversifier, input]), "buffer");
    for (let count = 1; count < iterations; count += 1) round = hash(digest, round, "buffer");
    derived.set(round, at);
    if (at + output < length) addToBlocks(input, repeatedTo(round, block), block);
  }
  return derived.subarray(0, length);
}

/** To a whole number of blocks. */
function repeated(bytes: Uint8Array, block: number): Uint8Array {
  return repeatedTo(bytes, Math.ceil(bytes.length / block) * block);
}

function repeatedTo(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_none, index) => bytes[index % bytes.length] as number);
}

/** Each block becomes block + addend + 1, as one large number. */
function addToBlocks(input: Uint8Array, addend: Uint8Array, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let index = block - 1; index >= 0; index -= 1) {
      const sum = (input[start + index] as number) + (addend[index] as number) + carry;
      input[start + index] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
