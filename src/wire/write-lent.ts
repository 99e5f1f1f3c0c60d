import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { sendLater, type Sender } from "./outbox.ts";
import { giveMemory, pieceBytes, takeMemory } from "./piece-memory.ts";

/** A read of a clear socket, or what a read of a TLS socket holds in four records. */
const gatheredBytes = 64 * 1024;

function memoryFor(bytes: number): Buffer {
  return bytes > pieceBytes ? Buffer.allocUnsafeSlow(bytes) : takeMemory();
}

function writeMemory(socket: Socket, memory: Buffer, length: number): boolean {
  return socket.write(memory.subarray(0, length), (error) => {
    // Of a write that failed nobody says whether the system is done with it.
    if (!error && memory.length === pieceBytes) giveMemory(memory);
  });
}

/**
 * Writes a piece of a body with what frames it, all in one, from memory that is used again: new memory for each piece would
 * be cleared by the kernel first, and has V8 collect all the time.
 * @param piece its memory is the caller's again afterwards @param before latin1 @param behind latin1
 * @returns as `write` of a stream
 */
export function writeLent(socket: Socket, before: string, piece: Uint8Array, behind: string): boolean {
  const length = before.length + piece.byteLength + behind.length;
  const memory = memoryFor(length);
  if (before !== "") memory.write(before, 0, "latin1");
  memory.set(piece, before.length);
  if (behind !== "") memory.write(behind, before.length + piece.byteLength, "latin1");
  return writeMemory(socket, memory, length);
}

/** Writes pieces that come in one turn of the loop in one, as far as they fit. Whoever writes by other means flushes first. */
export class LentWriter implements Sender {
  readonly #socket: Socket;
  #memory: Buffer | null = null;
  #length = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param piece its memory is the caller's again afterwards @returns false: wait for the socket's `drain` */
  write(piece: Uint8Array): boolean {
    if (this.#length + piece.byteLength > gatheredBytes) this.flush();
    if (piece.byteLength > gatheredBytes) return writeLent(this.#socket, "", piece, "");
    if (this.#memory === null) {
      this.#memory = memoryFor(piece.byteLength);
      sendLater(this);
    }
    this.#memory.set(piece, this.#length);
    this.#length += piece.byteLength;
    if (this.#length === gatheredBytes) this.flush();
    // What a write says of itself: it may have gone at once.
    return this.#socket.writableLength < this.#socket.writableHighWaterMark;
  }

  flush(): void {
    const memory = this.#memory;
    const length = this.#length;
    this.#memory = null;
    this.#length = 0;
    if (memory !== null && !this.#socket.destroyed) writeMemory(this.#socket, memory, length);
  }

  sendNow(): void {
    this.flush();
  }
}
