import { Pkcs12Error } from "./pkcs12-error.ts";

const blockBytes = 8;

/** A permutation of the bytes, from the digits of pi. */
const substitution: Uint8Array = Uint8Array.from(
  Buffer.from(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32" +
      "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
      "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a" +
      "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
      "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e" +
      "c5f3db47e5a59c770aa62068fe7fc1ad",
    "hex",
  ),
);

/**
 * Opens what is encrypted with RC2 in CBC mode. It protects nothing today; it is here so that files can be read which
 * Windows and OpenSSL 1 wrote, and the runtime has no such cipher. What comes in is as long as what goes out.
 * @param key 1 to 128 bytes, all of whose bits count
 * @throws Pkcs12Error `password` where the padding is none, `malformed` for half a block
 * @see RFC 2268
 */
export function decryptRc2(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  if (encrypted.length === 0 || encrypted.length % blockBytes !== 0) throw new Pkcs12Error("malformed");
  const words = expand(key);
  const opened = new Uint8Array(encrypted.length);
  for (let at = 0; at < encrypted.length; at += blockBytes) {
    decryptBlock(words, encrypted, opened, at);
    for (let index = 0; index < blockBytes; index += 1) {
      const before = at === 0 ? iv[index] : encrypted[at - blockBytes + index];
      opened[at + index] = (opened[at + index] as number) ^ (before as number);
    }
  }
  return withoutPadding(opened);
}

function withoutPadding(opened: Uint8Array): Uint8Array {
  const count = opened.at(-1) ?? 0;
  const isPadded = count >= 1 && count <= blockBytes && opened.subarray(-count).every((byte) => byte === count);
  if (!isPadded) throw new Pkcs12Error("password");
  return opened.subarray(0, -count);
}

/** @see RFC 2268 §2 @param bits that count; fewer than the key has make it weaker */
export function expand(key: Uint8Array, bits: number = key.length * 8): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  const at = (index: number): number => bytes[index] as number;
  for (let index = key.length; index < 128; index += 1) bytes[index] = swap(at(index - 1) + at(index - key.length));
  const counted = (bits + 7) >> 3;
  bytes[128 - counted] = swap(at(128 - counted) & (0xff >> (8 * counted - bits)));
  for (let index = 127 - counted; index >= 0; index -= 1) bytes[index] = swap(at(index + 1) ^ at(index + counted));
  return Uint16Array.from({ length: 64 }, (_none, index) => at(2 * index) | (at(2 * index + 1) << 8));
}

/** @param at of the block, in both @see RFC 2268 §4 */
export function decryptBlock(key: Uint16Array, encrypted: Uint8Array, into: Uint8Array, at: number): void {
  const word = (index: number): number => key[index & 63] as number;
  let a = wordAt(encrypted, at);
  let b = wordAt(encrypted, at + 2);
  let c = wordAt(encrypted, at + 4);
  let d = wordAt(encrypted, at + 6);
  for (let from = 60; from >= 0; from -= 4) {
    d = (turned(d, 5) - word(from + 3) - (c & b) - (~c & a)) & 0xffff;
    c = (turned(c, 3) - word(from + 2) - (b & a) - (~b & d)) & 0xffff;
    b = (turned(b, 2) - word(from + 1) - (a & d) - (~a & c)) & 0xffff;
    a = (turned(a, 1) - word(from) - (d & c) - (~d & b)) & 0xffff;
    // Behind five rounds, and behind six more, each word takes one of the key that its neighbour chooses.
    if (from !== 44 && from !== 20) continue;
    d = (d - word(c)) & 0xffff;
    c = (c - word(b)) & 0xffff;
    b = (b - word(a)) & 0xffff;
    a = (a - word(d)) & 0xffff;
  }
  putWord(into, at, a);
  putWord(into, at + 2, b);
  putWord(into, at + 4, c);
  putWord(into, at + 6, d);
}

function swap(value: number): number {
  return substitution[value & 0xff] as number;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word & 0xff;
  bytes[at + 1] = word >> 8;
}

function turned(word: number, by: number): number {
  return (word >> by) | (word << (16 - by));
}
