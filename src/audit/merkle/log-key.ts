import { Buffer } from "node:buffer";
import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import type { SignedNote } from "./signed-note.ts";

/** The public half of a log's key: what a verifier has to know of it. */
export interface LogKey {
  /** Of the key, and the origin of the log's checkpoints. */
  readonly name: string;
  /** Four bytes, hex: a hint at the key in a note's signature. */
  readonly id: string;
  readonly key: KeyObject;
}

const ed25519 = 0x01;
/** `SubjectPublicKeyInfo` of an Ed25519 key, up to its 32 bytes. @see RFC 8410 §4 */
const spkiStart = Buffer.from("302a300506032b6570032100", "hex");
const shape = /^([^ +]{1,256})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u;

/** @see https://c2sp.org/signed-note#signatures */
export function keyIdOf(name: string, publicKey: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ed25519]), publicKey]);
  return hash("sha256", bytes, "hex").slice(0, 8);
}

/** The form of keys that tools for signed notes share. */
export function writeLogKey(name: string, publicKey: Uint8Array): string {
  const encoded = Buffer.concat([Buffer.from([ed25519]), publicKey]).toString("base64");
  return `${name}+${keyIdOf(name, publicKey)}+${encoded}`;
}

/** Undefined for what is no key, or not of Ed25519. */
export function readLogKey(text: string): LogKey | undefined {
  const [, name = "", id, encoded = ""] = shape.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const raw = bytes.subarray(1);
  if (bytes[0] !== ed25519 || raw.length !== 32 || keyIdOf(name, raw) !== id) return undefined;
  return { name, id, key: createPublicKey({ key: Buffer.concat([spkiStart, raw]), format: "der", type: "spki" }) };
}

/** The 32 bytes of a public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" }).subarray(spkiStart.length);
}

/** One of the note's signatures is by this key, and good. */
export function isSignedBy(note: SignedNote, { name, id, key }: LogKey): boolean {
  const text = Buffer.from(note.text);
  return note.signatures.some((one) => one.name === name && one.keyId === id && verify(null, text, key, one.signature));
}
