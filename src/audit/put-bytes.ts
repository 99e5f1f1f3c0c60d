import { Buffer } from "node:buffer";

const zero = 0x30;
const hashLength = 64;

/** ASCII text to be put into lines. */
export function pieceOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** Puts a few bytes, which costs less by a loop than by a call. @returns where they end */
export function putPiece(bytes: Buffer, at: number, piece: Uint8Array): number {
  for (let index = 0; index < piece.length; index += 1) bytes[at + index] = piece[index] as number;
  return at + piece.length;
}

/** Puts a positive integer in decimal digits. @returns where they end */
export function putCount(bytes: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const tens = Math.floor(rest / 10);
    bytes[place] = zero + (rest - tens * 10);
    rest = tens;
  }
  return at + digits;
}

/** Puts a hash, hex. @returns where it ends */
export function putHash(bytes: Buffer, at: number, hash: string): number {
  return at + bytes.write(hash, at, hashLength, "latin1");
}
