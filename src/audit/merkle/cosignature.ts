import { Buffer } from "node:buffer";
import { verify } from "node:crypto";
import { cosignatureType } from "#lib/verifier-key.ts";
import { keyOfType, type LogKey } from "./log-key.ts";
import type { NoteSignature, SignedNote } from "./signed-note.ts";

/** The public half of a witness's key: it has seen that each checkpoint it signs goes on from the one before. */
export interface WitnessKey extends LogKey {
  readonly witness: true;
}

/** Undefined for what is no key, or one that signs in another way. */
export function readWitnessKey(text: string): WitnessKey | undefined {
  const key = keyOfType(text, cosignatureType);
  return key && { ...key, witness: true };
}

export interface Cosignature {
  /** When the witness has seen it, by its clock; milliseconds since the epoch. */
  readonly at: number;
  readonly signature: NoteSignature;
}

const timeBytes = 8;

/**
 * The note's signature by this witness. Undefined: there is none. `bad`: one says that it is, and is not.
 * @see https://c2sp.org/tlog-cosignature
 */
export function cosignatureOf(note: SignedNote, key: WitnessKey): Cosignature | "bad" | undefined {
  const signature = note.signatures.find(({ name, keyId }) => name === key.name && keyId === key.id);
  if (signature === undefined) return undefined;
  const bytes = signature.signature;
  if (bytes.length <= timeBytes) return "bad";
  const time = bytes.readBigUInt64BE(0);
  const signed = Buffer.from(cosignedText(time, note.text));
  const at = Number(time) * 1000;
  const isGood = Number.isSafeInteger(at) && verify(null, signed, key.key, bytes.subarray(timeBytes));
  return isGood ? { at, signature } : "bad";
}

/** What a witness signs. @param time seconds since the epoch */
export function cosignedText(time: bigint, text: string): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}
