import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** How Node names the places that `onread` of `net.connect` sets. */
const [buffer, callback, generator] = ["kBuffer", "kBufferCb", "kBufferGen"];

type Places = Record<symbol, unknown>;
type Handle = { readonly useUserBuffer?: (memory: Buffer) => void } | null;

/**
 * From now on what a socket reads comes in memory that is used again, as `onread` of `net.connect` has it from the start.
 * Node gives those of a server no such option, so this does what that one does.
 *
 * @param memory many sockets may share it, where nothing that a reader of it does can cause another read into it before the
 *   reader is done with its bytes. What can: something empty that is written to a TLS socket
 * @param take the bytes are good until it returns, which it does with false to have no more read
 * @returns false, and nothing has changed: this runtime does it in another way
 */
export function lendReads(socket: Socket, memory: Buffer, take: (bytes: Buffer) => boolean): boolean {
  const places = placesOf(socket);
  const handle = (socket as unknown as { readonly _handle?: Handle })._handle;
  if (places === null || typeof handle?.useUserBuffer !== "function") return false;
  const own = socket as unknown as Places;
  own[places[0]] = memory;
  own[places[1]] = (count: number): boolean => take(memory.subarray(0, count));
  own[places[2]] = null;
  handle.useUserBuffer(memory);
  return true;
}

/** The same for all sockets of a thread. */
let known: readonly [symbol, symbol, symbol] | null = null;

function placesOf(socket: Socket): readonly [symbol, symbol, symbol] | null {
  if (known === null || !Object.hasOwn(socket, known[1])) known = lookFor(socket);
  return known;
}

function lookFor(socket: Socket): readonly [symbol, symbol, symbol] | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string | undefined): symbol | undefined =>
    symbols.find(({ description }) => description === name);
  const [first, second, third] = [named(buffer), named(callback), named(generator)];
  if (first === undefined || second === undefined || third === undefined) return null;
  return [first, second, third];
}
