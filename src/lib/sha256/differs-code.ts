import { Code } from "#lib/wasm/code.ts";
import { layout } from "./layout.ts";

const digest = 0;
const text = 1;
const bytes = 2;
const low = 3;
const difference = 4;

export const differsLocals = { parameters: 2, returns: true, words: 0, vectors: 3 } as const;

/** Of the two halves of each byte, in turns. */
const firstHalf = Array.from({ length: 16 }, (_, at) => (at >> 1) + 16 * (at % 2));
const secondHalf = firstHalf.map((place) => place + 8);

/** Whether 64 bytes are not the hex digits of a digest. Nothing about it is secret. */
export function differsCode(): Code {
  const code = new Code();
  for (const half of [0, 1]) {
    code
      .get(digest)
      .loadVector(16 * half)
      .tee(bytes);
    code.i32(15).op("i8x16.splat", "v128.and").set(low);
    code.get(bytes).i32(4).op("i8x16.shr_u").set(bytes);
    for (const [at, places] of [firstHalf, secondHalf].entries()) {
      code.i32(layout.digits).loadVector(0);
      code.get(bytes, low).shuffle(places).op("i8x16.swizzle");
      code
        .get(text)
        .loadVector(32 * half + 16 * at)
        .op("v128.xor");
      code.get(difference).op("v128.or").set(difference);
    }
  }
  return code.get(difference).op("v128.any_true");
}
