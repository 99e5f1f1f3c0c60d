import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { keyIdOf, rawPublicKey } from "./log-key.ts";
import { noteText, parseNote, type SignedNote } from "./signed-note.ts";

/** What a log was at a size. @see https://c2sp.org/tlog-checkpoint */
export interface Checkpoint {
  readonly origin: string;
  /** Lines that it speaks of: those numbered 1 to `size`. */
  readonly size: number;
  /** Of the tree over them, hex. */
  readonly root: string;
  readonly note: SignedNote;
}

/** Undefined for what is no checkpoint. Its signatures are not verified. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const note = parseNote(text);
  if (note === undefined) return undefined;
  const [origin = "", size = "", encoded = ""] = note.text.split("\n");
  const root = Buffer.from(encoded, "base64");
  if (origin === "" || !/^(0|[1-9]\d{0,14})$/.test(size)) return undefined;
  if (root.length !== 32 || root.toString("base64") !== encoded) return undefined;
  return { origin, size: Number(size), root: root.toString("hex"), note };
}

/** Signs what a log is. */
export interface CheckpointSigner {
  /** @param root hex */
  sign(size: number, root: string): string;
}

/** @param name of the key, which is the log's origin as well */
export function createSigner(name: string, key: KeyObject): CheckpointSigner {
  const keyId = keyIdOf(name, rawPublicKey(createPublicKey(key)));
  return {
    sign: (size, root) => {
      const text = `${name}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\n`;
      return noteText({ text, signatures: [{ name, keyId, signature: sign(null, Buffer.from(text), key) }] });
    },
  };
}
