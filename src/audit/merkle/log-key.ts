import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  mlDsaCosignatureType,
  noteSignatureType,
  readVerifierKey,
  verifierKeyId,
  writeVerifierKey,
} from "#lib/verifier-key.ts";
import type { SignedNote } from "./signed-note.ts";

/** The public half of a log's key: what a verifier has to know of it. */
export interface LogKey {
  /** Of the key, and the origin of the log's checkpoints. */
  readonly name: string;
  /** Four bytes, hex: a hint at the key in a note's signature. */
  readonly id: string;
  readonly key: KeyObject;
}

/** `SubjectPublicKeyInfo` of an Ed25519 key, up to its 32 bytes. @see RFC 8410 §4 */
const spkiStart = Buffer.from("302a300506032b6570032100", "hex");
/** And of one of ML-DSA-44, up to its 1312 bytes. @see RFC 9881 §4 */
const mlDsaSpkiStart = Buffer.from("30820532300b06096086480165030403110382052100", "hex");

/** @see https://c2sp.org/signed-note#signatures */
export function keyIdOf(name: string, publicKey: Uint8Array): string {
  return verifierKeyId(name, noteSignatureType, publicKey);
}

/** The form of keys that tools for signed notes share. */
export function writeLogKey(name: string, publicKey: Uint8Array): string {
  return writeVerifierKey(name, noteSignatureType, publicKey);
}

/** Undefined for what is no key, or not of Ed25519. */
export function readLogKey(text: string): LogKey | undefined {
  return keyOfType(text, noteSignatureType);
}

/** A key whose signatures mean what `type` says. */
export function keyOfType(text: string, type: number): LogKey | undefined {
  const found = readVerifierKey(text);
  if (found?.type !== type) return undefined;
  const { name, id, publicKey } = found;
  const der = Buffer.concat([type === mlDsaCosignatureType ? mlDsaSpkiStart : spkiStart, publicKey]);
  return { name, id, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
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
