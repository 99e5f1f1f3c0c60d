import { charAt } from "./char.ts";
import { NetArray } from "./net-array.ts";
import { byteOf } from "./numbers.ts";

/** Goes through a sequence, whatever it is: text gives characters, byte[] bytes. */
export function iterate(sequence: unknown): Iterable<unknown> {
  if (sequence instanceof NetArray) return sequence.items;
  if (typeof sequence === "string") return characters(sequence);
  if (sequence instanceof Uint8Array) return bytes(sequence);
  return sequence as Iterable<unknown>;
}

function* characters(text: string): Generator<unknown> {
  for (let index = 0; index < text.length; index++) yield charAt(text, index);
}

function* bytes(array: Uint8Array): Generator<unknown> {
  for (const value of array) yield byteOf(value);
}
