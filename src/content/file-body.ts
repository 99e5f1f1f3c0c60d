import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Underway } from "#model/exchange.ts";
import type { FileRoom } from "./file-room.ts";
import type { OpenFile } from "./open-file.ts";
import type { ByteRange } from "./ranges.ts";

/**
 * A read is a way to another thread and back, so the later ones are larger, as long as the client takes what it gets.
 * What a slow one has not taken yet is memory: thousands of slow readers are an attack, and keep small pieces.
 */
const leastBytes = 32 * 1024;
const mostBytes = 256 * 1024;
/** A client that keeps a piece for longer is a slow one. */
const slowMs = 10;

/** Ranges of a file, with bytes of our own between them. */
export type Piece = ByteRange | Uint8Array;

/**
 * A file on its way to the client: one read at a time, the next when the client has room. The bytes are those of one
 * state of the file: when it changes on the way, the client sees truncation and never a mixture.
 */
export class FileBody implements BodySource, Underway {
  readonly length: number;
  readonly #file: OpenFile;
  readonly #handle: FileHandle;
  readonly #pieces: readonly Piece[];
  readonly #room: FileRoom;
  #sink: BodySink | null = null;
  #at = 0;
  #offset = 0;
  #readBytes = leastBytes;
  #paused = false;
  #pausedMs = 0;
  #reading = false;
  #closed = false;

  constructor(file: OpenFile, handle: FileHandle, pieces: readonly Piece[], room: FileRoom) {
    this.#file = file;
    this.#handle = handle;
    this.#pieces = pieces;
    this.#room = room;
    this.length = lengthOf(pieces);
    room.open += 1;
  }

  start(sink: BodySink): void {
    if (this.#closed) return;
    this.#sink = sink;
    void this.#pump();
  }

  pause(): void {
    this.#paused = true;
    this.#pausedMs = this.#room.nowMs();
  }

  resume(): void {
    this.#paused = false;
    if (this.#room.nowMs() - this.#pausedMs > slowMs) this.#readBytes = leastBytes;
    void this.#pump();
  }

  cancel(): void {
    this.#sink = null;
    this.#close();
  }

  abort(): void {
    this.cancel();
  }

  async #pump(): Promise<void> {
    if (this.#reading || this.#sink === null) return;
    this.#reading = true;
    try {
      while (!this.#paused && this.#sink !== null) await this.#next();
    } catch (cause) {
      this.#fail(new GatewayError("file-changed", 500, "the file could not be read to its end", { cause }));
    } finally {
      this.#reading = false;
    }
  }

  async #next(): Promise<void> {
    const piece = this.#pieces[this.#at];
    const chunk = piece === undefined ? null : await this.#take(piece);
    const last = this.#at >= this.#pieces.length;
    // Before the last byte: with it the client would hold a whole.
    if (last && (await this.#hasChanged())) throw new Error("it changed while it was sent");
    const sink = this.#sink;
    if (sink === null) return;
    if (chunk !== null) sink.data(chunk);
    if (!last || this.#sink === null) return;
    this.#sink = null;
    this.#close();
    sink.end(null);
  }

  async #take(piece: Piece): Promise<Uint8Array> {
    if (piece instanceof Uint8Array) {
      this.#at += 1;
      return piece;
    }
    const from = piece.first + this.#offset;
    const left = piece.last - from + 1;
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.#readBytes, left));
    this.#readBytes = Math.min(this.#readBytes * 2, mostBytes);
    const { bytesRead } = await this.#room.gate.run(() => this.#handle.read(buffer, 0, buffer.length, from));
    if (bytesRead === 0) throw new Error("it became shorter while it was sent");
    this.#offset += bytesRead;
    if (bytesRead === left) [this.#at, this.#offset] = [this.#at + 1, 0];
    return buffer.subarray(0, bytesRead);
  }

  async #hasChanged(): Promise<boolean> {
    const { size, modifiedNs } = this.#file;
    const now = await this.#room.gate.run(() => this.#handle.stat({ bigint: true }));
    return now.mtimeNs !== modifiedNs || Number(now.size) !== size;
  }

  #fail(error: GatewayError): void {
    const sink = this.#sink;
    this.cancel();
    sink?.fail(error);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room.open -= 1;
    // A read that is under way holds the file until it is done; what fails here has been read.
    void this.#handle.close().catch(() => {});
  }
}

/** The pieces of a file that is in memory. One alone is not copied. */
export function takePieces(whole: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  const parts = pieces.map((piece) =>
    piece instanceof Uint8Array ? piece : whole.subarray(piece.first, piece.last + 1),
  );
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}

export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.last - piece.first + 1),
    0,
  );
}
