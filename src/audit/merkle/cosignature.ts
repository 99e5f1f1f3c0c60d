import { Buffer } from "node:buffer";
import { verify } from "node:crypto";
import { cosignatureType, mlDsaCosignatureType } from "#lib/verifier-key.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { cosignedText, cosignedTree } from "./cosigned-message.ts";
import { keyOfType, type LogKey } from "./log-key.ts";
import type { NoteSignature } from "./signed-note.ts";

/** The public half of a witness's key: it has seen that each checkpoint it signs goes on from the one before. */
export interface WitnessKey extends LogKey {
  readonly witness: "ed25519" | "ml-dsa-44";
}

/** Undefined for what is no key, or one that signs in another way. */
export function readWitnessKey(text: string): WitnessKey | undefined {
  const ed25519 = keyOfType(text, cosignatureType);
  if (ed25519 !== undefined) return { ...ed25519, witness: "ed25519" };
  const mlDsa = keyOfType(text, mlDsaCosignatureType);
  return mlDsa && { ...mlDsa, witness: "ml-dsa-44" };
}

export interface Cosignature {
  /** When the witness has seen it, by its clock; milliseconds since the epoch. */
  readonly at: number;
  readonly signature: NoteSignature;
}

const timeBytes = 8;

/**
 * The checkpoint's signature by this witness. Undefined: there is none. `bad`: one says that it is, and is not.
 * @see https://c2sp.org/tlog-cosignature
 */
export function cosignatureOf(checkpoint: Checkpoint, key: WitnessKey): Cosignature | "bad" | undefined {
  const signature = checkpoint.note.signatures.find(({ name, keyId }) => name === key.name && keyId === key.id);
  if (signature === undefined) return undefined;
  const bytes = signature.signature;
  if (bytes.length <= timeBytes) return "bad";
  const time = bytes.readBigUInt64BE(0);
  const signed = signedBy(key, time, checkpoint);
  const at = Number(time) * 1000;
  if (signed === undefined || !Number.isSafeInteger(at)) return "bad";
  return verify(null, signed, key.key, bytes.subarray(timeBytes)) ? { at, signature } : "bad";
}

/** Undefined for what no witness signs. */
function signedBy({ witness, name }: WitnessKey, time: bigint, checkpoint: Checkpoint): Buffer | undefined {
  if (witness === "ed25519") return Buffer.from(cosignedText(time, checkpoint.note.text));
  // Without a time it says nothing of the newest state that the witness has seen.
  return time === 0n ? undefined : cosignedTree(name, time, checkpoint);
}
