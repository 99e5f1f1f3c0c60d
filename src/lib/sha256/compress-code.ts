import { Code } from "#lib/wasm/code.ts";
import { layout } from "./layout.ts";

/** Local variables of the function. */
const blocks = 0;
const pointers = [1, 2, 3, 4] as const;
const round = 5;
const state = [6, 7, 8, 9, 10, 11, 12, 13] as const;
const work = [14, 15, 16, 17, 18, 19, 20, 21] as const;
const words = Array.from({ length: 16 }, (_, at) => 22 + at);
/** What two rounds behind each other both need for the majority. */
const pairs = [38, 39] as const;
const first = 40;
const second = 41;

export const compressLocals = { parameters: 1, returns: false, words: 5, vectors: 36 } as const;

/** Byte orders of a vector: each word turned around; halves and words of two vectors side by side. */
const turned = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const lowWords = wordsOf(0, 4, 1, 5);
const highWords = wordsOf(2, 6, 3, 7);
const lowPairs = wordsOf(0, 1, 4, 5);
const highPairs = wordsOf(2, 3, 6, 7);

function wordsOf(...numbers: readonly number[]): readonly number[] {
  return numbers.flatMap((number) => [0, 1, 2, 3].map((byte) => number * 4 + byte));
}

/**
 * Four messages of the same number of blocks at once, one in each place of a vector. In WebAssembly, since a call of
 * `crypto.hash` takes as long as eight blocks do: where there are many short messages, most of the time is calls.
 *
 * The function takes the number of blocks; where the messages are and where their digests go, `layout` says.
 *
 * @see FIPS 180-4 §6.2.2
 */
export function compressCode(): Code {
  const code = new Code();
  for (const [lane, pointer] of pointers.entries())
    code
      .i32(layout.messages + 4 * lane)
      .loadI32(0)
      .set(pointer);
  for (const [at, word] of state.entries())
    code
      .i32(layout.initial)
      .loadSplat(4 * at)
      .set(word);
  code.loop(() => {
    for (let at = 0; at < 16; at += 4) loadWords(code, at);
    for (const [at, word] of work.entries()) code.get(state[at] as number).set(word);
    // The majority's pair of the round before the first: b ^ c.
    code.get(work[1], work[2]).op("v128.xor").set(pairs[1]);
    code.i32(layout.constants).set(round);
    sixteenRounds(code, false);
    code.loop(() => {
      code.get(round).i32(64).op("i32.add").set(round);
      sixteenRounds(code, true);
      code
        .get(round)
        .i32(layout.constants + 192)
        .op("i32.lt_u");
    });
    for (const [at, word] of state.entries())
      code
        .get(word, work[at] as number)
        .op("i32x4.add")
        .set(word);
    for (const pointer of pointers) code.get(pointer).i32(64).op("i32.add").set(pointer);
    code.get(blocks).i32(1).op("i32.sub").tee(blocks);
  });
  for (const [lane, pointer] of pointers.entries())
    code
      .i32(layout.digests + 4 * lane)
      .loadI32(0)
      .set(pointer);
  for (const at of [0, 4]) storeWords(code, at);
  return code;
}

/** Four words of each message, from word `at` of the block on. */
function loadWords(code: Code, at: number): void {
  const four = words.slice(at, at + 4);
  for (const [lane, pointer] of pointers.entries()) {
    code
      .get(pointer)
      .loadVector(4 * at)
      .tee(first)
      .get(first)
      .shuffle(turned)
      .set(four[lane] as number);
  }
  transpose(code, four);
}

function storeWords(code: Code, at: number): void {
  const four = state.slice(at, at + 4);
  transpose(code, four);
  for (const [lane, pointer] of pointers.entries()) {
    const word = four[lane] as number;
    code
      .get(pointer, word, word)
      .shuffle(turned)
      .storeVector(4 * at);
  }
}

/** Rows become columns: four words of one message each, one word of four messages each, and back. */
function transpose(code: Code, four: readonly number[]): void {
  const [a, b, c, d] = four as readonly [number, number, number, number];
  code.get(a, b).shuffle(lowWords).set(first);
  code.get(a, b).shuffle(highWords).set(second);
  code.get(c, d).shuffle(lowWords).set(a);
  code.get(c, d).shuffle(highWords).set(c);
  code.get(first, a).shuffle(highPairs).set(b);
  code.get(first, a).shuffle(lowPairs).set(a);
  code.get(second, c).shuffle(highPairs).set(d);
  code.get(second, c).shuffle(lowPairs).set(c);
}

function sixteenRounds(code: Code, extended: boolean): void {
  for (let at = 0; at < 16; at += 1) {
    if (extended) nextWord(code, at);
    oneRound(code, at);
  }
}

/** W[t] = σ1(W[t−2]) + W[t−7] + σ0(W[t−15]) + W[t−16] */
function nextWord(code: Code, at: number): void {
  const word = (back: number): number => words[(at + 16 - back) % 16] as number;
  code.get(word(16), word(7)).op("i32x4.add");
  mixed(code, word(15), 7, 18, (it) => it.get(word(15)).i32(3).op("i32x4.shr_u"));
  code.op("i32x4.add");
  mixed(code, word(2), 17, 19, (it) => it.get(word(2)).i32(10).op("i32x4.shr_u"));
  code.op("i32x4.add").set(word(16));
}

function oneRound(code: Code, at: number): void {
  const role = (number: number): number => work[(number + 16 - at) % 8] as number;
  const [a, b, d, e, f, g, h] = [role(0), role(1), role(3), role(4), role(5), role(6), role(7)];
  const [pair, before] = at % 2 === 0 ? [pairs[0], pairs[1]] : [pairs[1], pairs[0]];
  // T1 = h + Σ1(e) + Ch(e, f, g) + K + W
  code
    .get(round)
    .loadSplat(4 * at)
    .get(words[at] as number)
    .op("i32x4.add")
    .get(h)
    .op("i32x4.add");
  code.get(f, g).op("v128.xor").get(e).op("v128.and").get(g).op("v128.xor").op("i32x4.add");
  mixed(code, e, 6, 11, (it) => rotated(it, e, 25));
  code.op("i32x4.add").set(h);
  code.get(d, h).op("i32x4.add").set(d);
  // Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c))
  code.get(a, b).op("v128.xor").tee(pair).get(before).op("v128.and").get(b).op("v128.xor");
  code.get(h).op("i32x4.add");
  mixed(code, a, 2, 13, (it) => rotated(it, a, 22));
  code.op("i32x4.add").set(h);
}

/** A value turned right by two numbers of bits, and a third term of it. */
function mixed(code: Code, value: number, one: number, other: number, third: (code: Code) => void): void {
  rotated(code, value, one);
  rotated(code, value, other);
  code.op("v128.xor");
  third(code);
  code.op("v128.xor");
}

function rotated(code: Code, value: number, bits: number): void {
  code
    .get(value)
    .i32(bits)
    .op("i32x4.shr_u")
    .get(value)
    .i32(32 - bits)
    .op("i32x4.shl")
    .op("v128.or");
}
