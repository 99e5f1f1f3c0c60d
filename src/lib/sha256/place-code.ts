import { Code } from "#lib/wasm/code.ts";

const to = 0;
const mark = 1;
const from = 2;
const length = 3;
const at = 4;
const end = 5;
/** Never set, so all its bits are zero. */
const zeros = 6;

export const placeLocals = { parameters: 4, returns: false, words: 2, vectors: 1 } as const;

/**
 * Puts a message into a lane: a byte, then so many bytes from an address, padded to whole blocks. Copies in steps of 16
 * bytes, so it reads up to 15 bytes further and writes up to 80 bytes behind the message.
 *
 * @see FIPS 180-4 §5.1.1
 */
export function placeCode(): Code {
  const code = new Code();
  code.get(to, mark).storeByte(0);
  code.get(to).i32(1).op("i32.add").tee(at).get(length).op("i32.add").set(end);
  code.loop(() => {
    code.get(at, from).loadVector(0).storeVector(0);
    code.get(from).i32(16).op("i32.add").set(from);
    code.get(at).i32(16).op("i32.add").tee(at).get(end).op("i32.lt_u");
  });
  for (let offset = 0; offset < 80; offset += 16) code.get(end, zeros).storeVector(offset);
  code.get(end).i32(0x80).storeByte(0);
  putBits(code);
  return code;
}

/** The message's length in bits, in the last bytes of its last block. */
function putBits(code: Code): void {
  // Where the last block ends: the mark of the end and eight bytes of length have to fit into it.
  code
    .get(to)
    .get(length)
    .i32(64 + 9)
    .op("i32.add")
    .i32(-64)
    .op("i32.and", "i32.add")
    .set(at);
  code.get(length).i32(1).op("i32.add").i32(3).op("i32.shl").set(length);
  for (const [place, shift] of [24, 16, 8, 0].entries()) {
    code
      .get(at)
      .i32(4 - place)
      .op("i32.sub")
      .get(length)
      .i32(shift)
      .op("i32.shr_u")
      .storeByte(0);
  }
}
