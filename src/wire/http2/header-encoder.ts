import type { Buffer } from "node:buffer";
import { DynamicTable, largestTable } from "./dynamic-table.ts";
import { staticFields, staticIndexes, staticLength } from "./static-table.ts";

/** What each connection remembers of names; those beyond are spelled out each time. */
const mostNames = 64;
/** A longer value would drive most others out of the table. */
const longestIndexed = 1024;
/** Index, and both lengths, at their longest. */
const fieldOverhead = 16;
/** Two changes of the table's size. */
const blockOverhead = 8;

/** Not in any table on the way, and not in that of whoever sends it on: others on the same connection could guess it. @see RFC 7541 §7.1 */
const secretNames: ReadonlySet<string> = new Set([
  "authentication-info",
  "authorization",
  "cookie",
  "proxy-authentication-info",
  "proxy-authorization",
  "set-cookie",
  "x-api-key",
  "ocp-apim-subscription-key",
]);

/** What went out under a name last. */
interface Sent {
  readonly index: number;
  readonly isSecret: boolean;
  value: string;
  /** Of its entry in the table; 0: none. */
  entry: number;
}

/**
 * Writes the header blocks of one connection. A field goes into the table when it comes for the second time in a row,
 * so that values which are new in each response do not drive out those that are not.
 *
 * @see RFC 7541
 */
export class HeaderEncoder {
  readonly #table = new DynamicTable();
  readonly #sent = new Map<string, Sent>();
  #size = largestTable;
  #smallest = largestTable;
  #isSizeDue = false;
  #out: Buffer | null = null;
  #at = 0;

  /** As the other side says. Ours is no larger than the default. */
  setTableSize(bytes: number): void {
    const size = Math.min(bytes, largestTable);
    if (size === this.#size && !this.#isSizeDue) return;
    this.#smallest = this.#isSizeDue ? Math.min(this.#smallest, size) : size;
    this.#size = size;
    this.#isSizeDue = true;
    this.#table.resize(this.#smallest);
    this.#table.resize(size);
  }

  /** Bytes that {@link write} needs at most. */
  bound(fields: readonly string[]): number {
    let bytes = blockOverhead;
    for (const part of fields) bytes += part.length;
    return bytes + (fields.length >>> 1) * fieldOverhead;
  }

  /** @param fields flat, names in lower case, all latin1 @returns where it ends */
  write(fields: readonly string[], out: Buffer, at: number): number {
    this.#out = out;
    this.#at = at;
    if (this.#isSizeDue) this.#writeSizes();
    for (let from = 0; from + 1 < fields.length; from += 2) {
      this.#writeField(fields[from] as string, fields[from + 1] as string);
    }
    this.#out = null;
    return this.#at;
  }

  #writeSizes(): void {
    this.#isSizeDue = false;
    if (this.#smallest < this.#size) this.#integer(0x20, 5, this.#smallest);
    this.#integer(0x20, 5, this.#size);
  }

  #writeField(name: string, value: string): void {
    const status = name === ":status" ? statusIndex(value) : 0;
    if (status > 0) return this.#integer(0x80, 7, status);
    const sent = this.#sentOf(name);
    if (sent.value !== value || sent.isSecret) this.#writeNew(name, value, sent);
    else if (sent.entry > 0 && this.#table.holds(sent.entry)) {
      this.#integer(0x80, 7, staticLength + 1 + this.#table.newest - sent.entry);
    } else this.#index(name, value, sent);
    return undefined;
  }

  #sentOf(name: string): Sent {
    const known = this.#sent.get(name);
    if (known !== undefined) return known;
    const index = staticIndexes.get(name) ?? 0;
    const sent = { index, isSecret: secretNames.has(name), value: "\n", entry: 0 };
    if (this.#sent.size < mostNames) this.#sent.set(name, sent);
    return sent;
  }

  #writeNew(name: string, value: string, sent: Sent): void {
    sent.entry = 0;
    if (!sent.isSecret) sent.value = value.length > longestIndexed ? "\n" : value;
    this.#literal(sent.isSecret ? 0x10 : 0, 4, sent.index, name, value);
  }

  #index(name: string, value: string, sent: Sent): void {
    this.#literal(0x40, 6, sent.index, name, value);
    this.#table.add(name, value, true);
    sent.entry = this.#table.newest;
  }

  #literal(kind: number, bits: number, index: number, name: string, value: string): void {
    this.#integer(kind, bits, index);
    if (index === 0) this.#string(name);
    this.#string(value);
  }

  #string(text: string): void {
    const { length } = text;
    this.#integer(0, 7, length);
    const out = this.#out as Buffer;
    if (length > 24) out.write(text, this.#at, "latin1");
    else for (let at = 0; at < length; at += 1) out[this.#at + at] = text.charCodeAt(at);
    this.#at += length;
  }

  #integer(kind: number, bits: number, value: number): void {
    const out = this.#out as Buffer;
    const mask = (1 << bits) - 1;
    if (value < mask) {
      out[this.#at++] = kind | value;
      return;
    }
    out[this.#at++] = kind | mask;
    let left = value - mask;
    for (; left >= 0x80; left >>>= 7) out[this.#at++] = (left & 0x7f) | 0x80;
    out[this.#at++] = left;
  }
}

const statusFrom = 8;
const statusTo = 14;

/** Index of a status in the static table; 0: it is none of them. */
function statusIndex(value: string): number {
  for (let index = statusFrom; index <= statusTo; index += 1) if (staticFields[index * 2 - 1] === value) return index;
  return 0;
}
