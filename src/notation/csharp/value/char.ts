import type { NetObject } from "./net-object.ts";

/** A UTF-16 code unit. Interned: equal characters are the same object. */
export class Char implements NetObject {
  readonly netType = "Char";
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }

  toString(): string {
    return String.fromCharCode(this.code);
  }
}

const known: (Char | undefined)[] = [];

export function charOf(code: number): Char {
  return (known[code] ??= new Char(code));
}

export function charAt(text: string, index: number): Char {
  return charOf(text.charCodeAt(index));
}
