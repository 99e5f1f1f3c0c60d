import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { compileModule, instantiate, makeMemory, type WasmModule } from "#lib/wasm/instantiate.ts";
import { type WasmData, type WasmFunction, writeModule } from "#lib/wasm/module.ts";
import { compressCode, compressLocals } from "./compress-code.ts";
import { initialState, roundConstants } from "./constants.ts";
import { differsCode, differsLocals } from "./differs-code.ts";
import { freeFrom, laneBlocks, laneBytes, layout } from "./layout.ts";
import { placeCode, placeLocals } from "./place-code.ts";

/** Blocks that a message of so many bytes takes, with what is put behind it. @see FIPS 180-4 §5.1.1 */
export function blocksOf(length: number): number {
  return (length + 9 + 63) >>> 6;
}

/**
 * SHA-256 of four short messages at once. A message is a byte and what stands somewhere in `memory`: it is put into a
 * lane, and when all four lanes hold messages of the same number of blocks, `run` hashes them.
 */
export interface Sha256Lanes {
  /** All of the memory; from `free` on it is the caller's. Addresses are offsets in it. */
  readonly memory: Buffer;
  readonly free: number;
  /** @param length at most `longestInLane` */
  place(lane: number, mark: number, from: number, length: number): void;
  /** Digests go to the addresses given, 32 bytes each. */
  run(blocks: number, to0: number, to1: number, to2: number, to3: number): void;
  /** The 64 bytes at `text` are the digest's hex digits. */
  isHex(digest: number, text: number): boolean;
}

/** Bytes behind the first one of a message that a lane has room for. */
export const longestInLane: number = laneBlocks * 64 - 9 - 1;

interface Functions {
  readonly compress: (blocks: number) => void;
  readonly place: (to: number, mark: number, from: number, length: number) => void;
  readonly differs: (digest: number, text: number) => number;
}

/**
 * Undefined where the machine has no vectors, or no room: then there is `crypto.hash` alone.
 * @param bytes of memory for the caller
 */
export function createLanes(bytes: number): Sha256Lanes | undefined {
  try {
    const memory = makeMemory(freeFrom + bytes);
    const functions = instantiate(moduleOnce(), memory) as Functions;
    const lanes = new Lanes(Buffer.from(memory.buffer), functions);
    return isRight(lanes) ? lanes : undefined;
  } catch {
    return undefined;
  }
}

let compiled: WasmModule | undefined;

function moduleOnce(): WasmModule {
  compiled ??= compileModule(writeModule(code(), data(), 1));
  return compiled;
}

function code(): readonly WasmFunction[] {
  return [
    { name: "compress", ...compressLocals, code: compressCode() },
    { name: "place", ...placeLocals, code: placeCode() },
    { name: "differs", ...differsLocals, code: differsCode() },
  ];
}

function data(): readonly WasmData[] {
  return [
    { at: layout.constants, bytes: wordBytes(roundConstants) },
    { at: layout.initial, bytes: wordBytes(initialState) },
    { at: layout.digits, bytes: Buffer.from("0123456789abcdef") },
    { at: layout.messages, bytes: wordBytes([0, 1, 2, 3].map((lane) => layout.lanes + lane * laneBytes)) },
  ];
}

/** As WebAssembly reads them on any machine. */
function wordBytes(words: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * words.length);
  for (const [at, word] of words.entries()) bytes.writeUInt32LE(word, 4 * at);
  return bytes;
}

class Lanes implements Sha256Lanes {
  readonly memory: Buffer;
  readonly free: number = freeFrom;
  readonly #functions: Functions;
  readonly #digests: DataView;

  constructor(memory: Buffer, functions: Functions) {
    this.memory = memory;
    this.#functions = functions;
    this.#digests = new DataView(memory.buffer, layout.digests, 16);
  }

  place(lane: number, mark: number, from: number, length: number): void {
    if (length > longestInLane) throw new RangeError("the message is too long for a lane");
    this.#functions.place(layout.lanes + lane * laneBytes, mark, from, length);
  }

  run(blocks: number, to0: number, to1: number, to2: number, to3: number): void {
    const digests = this.#digests;
    digests.setUint32(0, to0, true);
    digests.setUint32(4, to1, true);
    digests.setUint32(8, to2, true);
    digests.setUint32(12, to3, true);
    this.#functions.compress(blocks);
  }

  isHex(digest: number, text: number): boolean {
    return this.#functions.differs(digest, text) === 0;
  }
}

/** A look at known answers: nothing is left to a compiler that gets it wrong. */
function isRight(lanes: Lanes): boolean {
  const { memory, free } = lanes;
  const length = 130;
  if (memory.length < free + 4 * length) return false;
  for (let lane = 0; lane < 4; lane += 1) {
    memory.fill(lane + 1, free + lane * length, free + (lane + 1) * length);
    lanes.place(lane, lane, free + lane * length, length);
  }
  lanes.run(blocksOf(1 + length), free, free + 32, free + 64, free + 96);
  return [0, 1, 2, 3].every((lane) => {
    const message = Buffer.alloc(1 + length, lane + 1);
    message[0] = lane;
    const at = free + 32 * lane;
    return memory.toString("hex", at, at + 32) === hash("sha256", message, "hex");
  });
}
