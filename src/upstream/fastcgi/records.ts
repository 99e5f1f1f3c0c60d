import { Buffer } from "node:buffer";

/** @see FastCGI 1.0 §8, types of records */
export const recordType = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6, stderr: 7 } as const;

type RecordType = (typeof recordType)[keyof typeof recordType];

const headerBytes = 8;
/** Largest content of a record that needs no padding. */
const maxContent = 65_528;
/** One request at a time on a connection: PHP-FPM does not multiplex. */
const requestId = 1;
const responder = 1;
const keepConnection = 1;
const padding: readonly Buffer[] = Array.from({ length: 8 }, (_, length) => Buffer.alloc(length));

function header(type: RecordType, length: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes[0] = 1;
  bytes[1] = type;
  bytes.writeUInt16BE(requestId, 2);
  bytes.writeUInt16BE(length, 4);
  bytes[6] = -length & 7;
  return bytes;
}

export function beginRequest(keep: boolean): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16BE(responder, 0);
  body[2] = keep ? keepConnection : 0;
  return Buffer.concat([header(recordType.begin, body.length), body]);
}

/** Content as records of that type; a length of 0 ends the stream. */
export function writeStream(type: RecordType, content: Uint8Array): readonly Uint8Array[] {
  if (content.length === 0) return [header(type, 0)];
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += maxContent) {
    const piece = content.subarray(at, at + maxContent);
    pieces.push(header(type, piece.length), piece, padding[-piece.length & 7] as Buffer);
  }
  return pieces;
}

/** Names and values, each behind its length. @see FastCGI 1.0 §3.4 */
export function encodePairs(pairs: ReadonlyMap<string, string>): Buffer {
  const pieces: Buffer[] = [];
  for (const [name, value] of pairs) {
    const [nameBytes, valueBytes] = [Buffer.from(name, "latin1"), Buffer.from(value, "utf8")];
    pieces.push(lengthOf(nameBytes), lengthOf(valueBytes), nameBytes, valueBytes);
  }
  return Buffer.concat(pieces);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 128) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x8000_0000) >>> 0);
  return bytes;
}

export interface RecordEvents {
  /** A piece of a record's content. */
  content(type: number, bytes: Buffer): void;
  /** @param protocolStatus 0 when the request was taken and is done */
  end(protocolStatus: number): void;
}

/** Reads records from a connection, whatever the pieces they arrive in. Keeps at most one header. */
export class RecordReader {
  readonly #events: RecordEvents;
  readonly #head: Buffer = Buffer.alloc(headerBytes);
  readonly #endBody: Buffer = Buffer.alloc(8);
  #headLength = 0;
  #left = 0;
  #padding = 0;
  #endLength = 0;

  constructor(events: RecordEvents) {
    this.#events = events;
  }

  /** @returns false when the bytes are not FastCGI, or of another request */
  push(chunk: Buffer): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#headLength < headerBytes) {
        rest = this.#takeHead(rest);
        if (this.#headLength < headerBytes) return true;
        if (!this.#open()) return false;
      } else if (this.#left > 0) rest = this.#takeContent(rest);
      else rest = this.#takePadding(rest);
      this.#closeWhenDone();
    }
    return true;
  }

  #takeHead(bytes: Buffer): Buffer {
    const taken = bytes.copy(this.#head, this.#headLength, 0, headerBytes - this.#headLength);
    this.#headLength += taken;
    return bytes.subarray(taken);
  }

  #open(): boolean {
    this.#left = this.#head.readUInt16BE(4);
    this.#padding = this.#head[6] as number;
    this.#endLength = 0;
    return this.#head[0] === 1 && this.#head.readUInt16BE(2) === requestId;
  }

  #takeContent(bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    const type = this.#head[1] as number;
    if (type === recordType.end) this.#endLength += piece.copy(this.#endBody, this.#endLength);
    else this.#events.content(type, piece);
    return bytes.subarray(piece.length);
  }

  #takePadding(bytes: Buffer): Buffer {
    const taken = Math.min(this.#padding, bytes.length);
    this.#padding -= taken;
    return bytes.subarray(taken);
  }

  #closeWhenDone(): void {
    if (this.#headLength < headerBytes || this.#left > 0 || this.#padding > 0) return;
    this.#headLength = 0;
    if (this.#head[1] === recordType.end) this.#events.end(this.#endLength < 5 ? -1 : (this.#endBody[4] as number));
  }
}
