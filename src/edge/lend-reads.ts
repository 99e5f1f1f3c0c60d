import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/**
 * One for all connections of a thread. Reads come one after the other, and whoever takes one has all of it before doing
 * anything that could lead to the next.
 */
const memory = Buffer.allocUnsafeSlow(64 * 1024);

/** How Node names the places that `onread` of `net.connect` sets. */
const [buffer, callback, generator] = ["kBuffer", "kBufferCb", "kBufferGen"];

type Places = Record<symbol, unknown>;
type Handle = { readonly useUserBuffer?: (memory: Buffer) => void } | null;

/**
 * From now on what a socket of a server reads comes in memory that is used again, as `onread` of `net.connect` has it for
 * sockets of a client. Node gives servers no such option, so this does what that one does.
 *
 * @param take the bytes are good until it returns, which it does with false to have no more read
 * @returns false, and nothing has changed: this runtime does it in another way
 */
export function lendReads(socket: Socket, take: (bytes: Buffer) => boolean): boolean {
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

function placesOf(socket: Socket): readonly [symbol, symbol, symbol] | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string | undefined): symbol | undefined =>
    symbols.find(({ description }) => description === name);
  const [first, second, third] = [named(buffer), named(callback), named(generator)];
  if (first === undefined || second === undefined || third === undefined) return null;
  return [first, second, third];
}
