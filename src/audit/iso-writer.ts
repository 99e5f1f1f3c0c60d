import { Buffer } from "node:buffer";
import type { JsonWriter } from "./json-writer.ts";

const zero = 0x30;

/** Writes times as `Date#toISOString` does, formatting only the milliseconds while the second stays the same. */
export class IsoWriter {
  #second = Number.NaN;
  #prefix: Uint8Array = new Uint8Array(0);

  write(json: JsonWriter, at: number): void {
    const whole = Math.floor(at);
    const ms = whole % 1000;
    if (whole - ms !== this.#second) {
      this.#second = whole - ms;
      this.#prefix = Uint8Array.from(Buffer.from(new Date(this.#second).toISOString().slice(0, 20), "latin1"));
    }
    json.copy(this.#prefix);
    json.byte(zero + Math.floor(ms / 100));
    json.byte(zero + (Math.floor(ms / 10) % 10));
    json.byte(zero + (ms % 10));
    json.byte(0x5a);
  }
}
