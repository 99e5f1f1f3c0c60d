import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

/** The public half of a key that signs notes, in the form that their tools share: `name+id+base64`. @see https://c2sp.org/signed-note */
export interface VerifierKey {
  readonly name: string;
  /** Four bytes, hex: a hint at the key in a note's signature. */
  readonly id: string;
  /** What a signature by it means. */
  readonly type: number;
  readonly publicKey: Buffer;
}

const shape = /^([^ +]{1,256})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44,1751}=?)$/u;
const ed25519Bytes = 32;
const mlDsa44Bytes = 1312;

export function verifierKeyId(name: string, type: number, publicKey: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), publicKey]);
  return hash("sha256", bytes, "hex").slice(0, 8);
}

export function writeVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  const encoded = Buffer.concat([Buffer.from([type]), publicKey]).toString("base64");
  return `${name}+${verifierKeyId(name, type, publicKey)}+${encoded}`;
}

/** Undefined for what is no key, or has another length than keys of its type. */
export function readVerifierKey(text: string): VerifierKey | undefined {
  const [, name = "", id = "", encoded = ""] = shape.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const [type = 0, publicKey] = [bytes[0], bytes.subarray(1)];
  if (bytes.toString("base64") !== encoded) return undefined;
  const keyBytes = type === mlDsaCosignatureType ? mlDsa44Bytes : ed25519Bytes;
  if (publicKey.length !== keyBytes || verifierKeyId(name, type, publicKey) !== id) return undefined;
  return { name, id, type, publicKey };
}

/** Of Ed25519 signatures over a note's text: those of logs. */
export const noteSignatureType = 0x01;
/** Of Ed25519 cosignatures with a time: those of witnesses. @see https://c2sp.org/tlog-cosignature */
export const cosignatureType = 0x04;
/** Of ML-DSA-44 cosignatures: those of witnesses that a quantum computer shall not forge. */
export const mlDsaCosignatureType = 0x06;
