import type { Buffer } from "node:buffer";
import { RememberedHead } from "#wire/remembered-head.ts";
import { DynamicTable, largestTable } from "./dynamic-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { isSoundName, isSoundValue } from "./sound-field.ts";
import { staticFields, staticLength } from "./static-table.ts";

/** How much of one list is kept. */
export interface ListLimits {
  /** Of names and values, with 32 a field. @see RFC 9113 §6.5.2 */
  readonly bytes: number;
  readonly fields: number;
}

/** One header block, read. Nobody changes the fields: the next block may be the same again. */
export interface FieldBlock {
  /** Flat `[name, value, …]`; what went over the limits is missing. */
  readonly fields: readonly string[];
  /** Every name and value is what a request's may be. */
  readonly isSound: boolean;
  readonly isTooLarge: boolean;
}

const fieldOverhead = 32;
/** Seven bits each: more than any length or index here needs. */
const longestInteger = 4;

/**
 * Reads header blocks of one connection, in their order: each may change the table that the next one is read with, so
 * that one that cannot be read ends the connection. A block is bounded by who collects it, the list by its limits.
 *
 * @see RFC 7541
 */
export class HeaderDecoder {
  readonly #table = new DynamicTable();
  readonly #remembered = new RememberedHead<FieldBlock>();
  readonly #limits: ListLimits;
  #bytes: Buffer | null = null;
  #at = 0;
  #end = 0;
  #fields: string[] = [];
  #size = 0;
  #isSound = true;
  #isTooLarge = false;
  #isWrong = false;
  #changes = false;

  constructor(limits: ListLimits) {
    this.#limits = limits;
  }

  /** @returns null: what came is no header block */
  decode(bytes: Buffer, from: number, to: number): FieldBlock | null {
    const known = this.#remembered.find(bytes, from, to);
    if (known !== null) return known;
    this.#begin(bytes, from, to);
    this.#readSizes();
    while (this.#at < this.#end && !this.#isWrong) this.#readField(this.#next());
    this.#bytes = null;
    if (this.#isWrong) return null;
    const block = { fields: this.#fields, isSound: this.#isSound, isTooLarge: this.#isTooLarge };
    if (this.#changes) this.#remembered.forget();
    else this.#remembered.keep(bytes, from, to, block);
    return block;
  }

  #begin(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#fields = [];
    this.#size = 0;
    this.#isSound = true;
    this.#isTooLarge = false;
    this.#changes = false;
  }

  /** Only in front of the first field. @see RFC 7541 §4.2 */
  #readSizes(): void {
    while (this.#at < this.#end && ((this.#bytes as Buffer)[this.#at] as number) >>> 5 === 1) {
      const size = this.#integer(this.#next(), 5);
      if (size > largestTable) this.#isWrong = true;
      if (this.#isWrong) return;
      this.#changes = true;
      this.#table.resize(size);
    }
  }

  #readField(first: number): void {
    if (first >= 0x80) this.#readIndexed(this.#integer(first, 7));
    else if (first >= 0x40) this.#readLiteral(this.#integer(first, 6), true);
    else if (first >= 0x20) this.#isWrong = true;
    else this.#readLiteral(this.#integer(first, 4), false);
  }

  #readIndexed(index: number): void {
    if (index === 0 || this.#isBeyond(index)) this.#isWrong = true;
    else if (index <= staticLength) {
      if (isOfResponses(index)) this.#isSound = false;
      this.#keep(staticFields[index * 2 - 2] as string, staticFields[index * 2 - 1] as string);
    } else {
      const at = index - staticLength - 1;
      if (!this.#table.isSound(at)) this.#isSound = false;
      this.#keep(this.#table.name(at), this.#table.value(at));
    }
  }

  #readLiteral(index: number, isKept: boolean): void {
    if (this.#isBeyond(index)) this.#isWrong = true;
    if (this.#isWrong) return;
    const name = index === 0 ? this.#string() : this.#nameAt(index);
    const value = this.#string();
    if (this.#isWrong) return;
    const isKnownName = index > 0 && index <= staticLength && !isOfResponses(index);
    const isSound = (isKnownName || isSoundName(name)) && isSoundValue(value);
    if (!isSound) this.#isSound = false;
    if (isKept) {
      this.#changes = true;
      this.#table.add(name, value, isSound);
    }
    this.#keep(name, value);
  }

  #nameAt(index: number): string {
    return index <= staticLength ? (staticFields[index * 2 - 2] as string) : this.#table.name(index - staticLength - 1);
  }

  #isBeyond(index: number): boolean {
    return index > staticLength + this.#table.length;
  }

  #keep(name: string, value: string): void {
    this.#size += name.length + value.length + fieldOverhead;
    if (this.#size > this.#limits.bytes || this.#fields.length >= this.#limits.fields * 2) this.#isTooLarge = true;
    else this.#fields.push(name, value);
  }

  #string(): string {
    if (this.#isWrong) return "";
    const first = this.#next();
    const length = this.#integer(first, 7);
    const from = this.#at;
    const to = from + length;
    if (this.#isWrong || to > this.#end) {
      this.#isWrong = true;
      return "";
    }
    this.#at = to;
    const bytes = this.#bytes as Buffer;
    if (first < 0x80) return bytes.toString("latin1", from, to);
    const text = decodeHuffman(bytes, from, to);
    if (text === null) this.#isWrong = true;
    return text ?? "";
  }

  #next(): number {
    if (this.#at >= this.#end) {
      this.#isWrong = true;
      return 0;
    }
    const byte = (this.#bytes as Buffer)[this.#at] as number;
    this.#at += 1;
    return byte;
  }

  /** @param bits of the first byte that are the number's @see RFC 7541 §5.1 */
  #integer(first: number, bits: number): number {
    const mask = (1 << bits) - 1;
    let value = first & mask;
    if (value < mask) return value;
    for (let count = 0; count < longestInteger; count += 1) {
      const byte = this.#next();
      value += (byte & 0x7f) << (count * 7);
      if (byte < 0x80) return value;
    }
    this.#isWrong = true;
    return 0;
  }
}

/** `:status`, in the static table. */
function isOfResponses(index: number): boolean {
  return index >= 8 && index <= 14;
}
