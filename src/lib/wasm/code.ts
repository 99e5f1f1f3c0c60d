import { signedLeb, unsignedLeb } from "./leb128.ts";

/** Vectors of four 32-bit words have their instructions behind a prefix of their own. */
const vector = 0xfd;

/** Instructions that take all they need from the stack. @see https://webassembly.github.io/spec/core/binary/instructions.html */
const scalarOps = {
  end: 0x0b,
  "i32.lt_u": 0x49,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.and": 0x71,
  "i32.shl": 0x74,
  "i32.shr_u": 0x76,
} as const;

const vectorOps = {
  "i8x16.swizzle": 14,
  "i8x16.splat": 15,
  "v128.and": 78,
  "v128.or": 80,
  "v128.xor": 81,
  "v128.any_true": 83,
  "i8x16.shr_u": 109,
  "i32x4.shl": 171,
  "i32x4.shr_u": 173,
  "i32x4.add": 174,
} as const;

type Op = keyof typeof scalarOps | keyof typeof vectorOps;

function opBytes(op: Op): readonly number[] {
  return op in scalarOps
    ? [scalarOps[op as keyof typeof scalarOps]]
    : [vector, ...unsignedLeb(vectorOps[op as keyof typeof vectorOps])];
}

/** The body of a function as it is written, instruction by instruction. Indexes are those of the module. */
export class Code {
  readonly bytes: number[] = [];

  op(...ops: readonly Op[]): this {
    for (const op of ops) this.bytes.push(...opBytes(op));
    return this;
  }

  get(...locals: readonly number[]): this {
    for (const local of locals) this.bytes.push(0x20, ...unsignedLeb(local));
    return this;
  }

  set(local: number): this {
    this.bytes.push(0x21, ...unsignedLeb(local));
    return this;
  }

  tee(local: number): this {
    this.bytes.push(0x22, ...unsignedLeb(local));
    return this;
  }

  i32(value: number): this {
    this.bytes.push(0x41, ...signedLeb(value));
    return this;
  }

  /** What `body` writes is run until its last value, an i32, is zero. */
  loop(body: () => void): this {
    this.bytes.push(0x03, 0x40);
    body();
    this.bytes.push(0x0d, 0);
    return this.op("end");
  }

  /** The words are those at `offset` from the address that was pushed. */
  loadI32(offset: number): this {
    this.bytes.push(0x28, 2, ...unsignedLeb(offset));
    return this;
  }

  /** The value's low byte. */
  storeByte(offset: number): this {
    this.bytes.push(0x3a, 0, ...unsignedLeb(offset));
    return this;
  }

  loadVector(offset: number): this {
    return this.#access(0, 0, offset);
  }

  /** One word, in all four places. */
  loadSplat(offset: number): this {
    return this.#access(9, 2, offset);
  }

  storeVector(offset: number): this {
    return this.#access(11, 0, offset);
  }

  /** Of two vectors' 32 bytes, those with these numbers. */
  shuffle(places: readonly number[]): this {
    this.bytes.push(vector, 13, ...places);
    return this;
  }

  /** `alignment` is a hint: addresses need not be multiples of anything. */
  #access(instruction: number, alignment: number, offset: number): this {
    this.bytes.push(vector, instruction, alignment, ...unsignedLeb(offset));
    return this;
  }
}
