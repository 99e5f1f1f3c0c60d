import { Buffer } from "node:buffer";

/** Text with signatures under it. @see https://c2sp.org/signed-note */
export interface SignedNote {
  /** Ends with its line break; what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** The first four bytes: which key is meant, in hex. */
  readonly keyId: string;
  readonly signature: Buffer;
}

/** Far above any checkpoint with many cosignatures. */
const longestNote = 64 * 1024;
const dash = "— ";
const signatureShape = /^— ([^ +]{1,256}) ([A-Za-z0-9+/]+={0,2})$/u;

export function noteText({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(signatureLine).join("")}`;
}

function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `${dash}${name} ${Buffer.concat([Buffer.from(keyId, "hex"), signature]).toString("base64")}\n`;
}

/** Undefined for what is no signed note. Signatures are read, not verified. */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > longestNote || !note.endsWith("\n")) return undefined;
  const split = note.lastIndexOf(`\n\n${dash}`);
  if (split < 1) return undefined;
  const signatures = note
    .slice(split + 2, -1)
    .split("\n")
    .map(readSignature);
  if (!signatures.every((signature) => signature !== undefined)) return undefined;
  return { text: note.slice(0, split + 1), signatures };
}

function readSignature(line: string): NoteSignature | undefined {
  const [, name, encoded] = signatureShape.exec(line) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length < 5 || bytes.toString("base64") !== encoded) return undefined;
  return { name, keyId: bytes.toString("hex", 0, 4), signature: bytes.subarray(4) };
}
