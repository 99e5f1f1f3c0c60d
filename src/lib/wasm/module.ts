import { signedLeb, unsignedLeb } from "./leb128.ts";
import type { Code } from "./code.ts";

/** Parameters are i32. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  /** It leaves an i32. */
  readonly returns: boolean;
  /** Local variables behind the parameters: so many i32, then so many vectors. */
  readonly words: number;
  readonly vectors: number;
  readonly code: Code;
}

export interface WasmData {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** `\0asm`, version 1. */
const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const i32 = 0x7f;
const v128 = 0x7b;

/**
 * A module of functions and one memory that is made outside (`env.memory`), written as the format says.
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export function writeModule(
  functions: readonly WasmFunction[],
  data: readonly WasmData[],
  pages: number,
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...magic,
    ...section(1, vectorOf(functions.map(typeOf))),
    ...section(2, vectorOf([[...name("env"), ...name("memory"), 0x02, 0x00, ...unsignedLeb(pages)]])),
    ...section(3, vectorOf(functions.map((_, index) => unsignedLeb(index)))),
    ...section(7, vectorOf(functions.map((one, index) => [...name(one.name), 0x00, ...unsignedLeb(index)]))),
    ...section(10, vectorOf(functions.map(body))),
    ...section(11, vectorOf(data.map(segment))),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsignedLeb(content.length), ...content];
}

function vectorOf(items: readonly (readonly number[])[]): number[] {
  return [...unsignedLeb(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return vectorOf([...text].map((letter) => [letter.charCodeAt(0)]));
}

function typeOf({ parameters, returns }: WasmFunction): number[] {
  return [0x60, ...words(parameters), ...words(returns ? 1 : 0)];
}

function words(count: number): number[] {
  return vectorOf(Array.from({ length: count }, () => [i32]));
}

function body({ words: scalars, vectors, code }: WasmFunction): number[] {
  const locals = vectorOf([
    [...unsignedLeb(scalars), i32],
    [...unsignedLeb(vectors), v128],
  ]);
  const all = [...locals, ...code.bytes, 0x0b];
  return [...unsignedLeb(all.length), ...all];
}

function segment({ at, bytes }: WasmData): number[] {
  return [0x00, 0x41, ...signedLeb(at), 0x0b, ...unsignedLeb(bytes.length), ...bytes];
}
