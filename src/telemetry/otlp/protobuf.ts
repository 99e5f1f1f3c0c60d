import { Buffer } from "node:buffer";
import type { Field, Message } from "./schema.ts";

type Value = unknown;
type Tree = Readonly<Record<string, Value>>;

/** @see https://protobuf.dev/programming-guides/encoding/ */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A tree in the form of OTLP's JSON as protobuf. What is absent or empty is left out, as proto3 has it. */
export function protobufOf(message: Message, tree: Tree): Uint8Array {
  const writer = new Writer();
  writeMessage(writer, message, tree);
  return writer.finish();
}

function writeMessage(writer: Writer, message: Message, tree: Tree): void {
  for (const name of Object.keys(tree)) {
    const field = Object.hasOwn(message, name) ? message[name] : undefined;
    const value = tree[name];
    if (field !== undefined && value !== undefined) writeField(writer, field, value);
  }
}

function writeField(writer: Writer, [number, kind]: Field, value: Value): void {
  if (typeof kind !== "string") {
    for (const one of kind.many ? (value as readonly Tree[]) : [value as Tree]) {
      writer.tag(number, wire.bytes);
      const mark = writer.open();
      writeMessage(writer, kind.of(), one);
      writer.close(mark);
    }
    return;
  }
  switch (kind) {
    case "string":
    case "hex": {
      const bytes = Buffer.from(value as string, kind === "hex" ? "hex" : "utf8");
      if (bytes.length === 0 && kind === "hex") return;
      writer.tag(number, wire.bytes);
      writer.varint(bytes.length);
      return writer.bytes(bytes);
    }
    case "bool":
      writer.tag(number, wire.varint);
      return writer.varint(value === true ? 1 : 0);
    case "enum":
      writer.tag(number, wire.varint);
      return writer.varint(value as number);
    case "int64":
      writer.tag(number, wire.varint);
      return writer.varint(Number(value));
    case "double":
      writer.tag(number, wire.fixed64);
      return writer.double(value as number);
    case "fixed32":
      writer.tag(number, wire.fixed32);
      return writer.fixed32(value as number);
    case "fixed64":
      writer.tag(number, wire.fixed64);
      return writer.fixed64(value as string);
    case "doubles":
    case "fixed64s": {
      const all = value as readonly (number | string)[];
      writer.tag(number, wire.bytes);
      writer.varint(all.length * 8);
      for (const one of all) {
        if (kind === "doubles") writer.double(one as number);
        else writer.fixed64(one as string);
      }
    }
  }
}

/** Room that is left for a length until it is known. */
const lengthBytes = 5;

class Writer {
  #buffer: Buffer = Buffer.allocUnsafe(16 * 1024);
  #at = 0;

  tag(field: number, type: number): void {
    this.varint(field * 8 + type);
  }

  /** Not negative, at most 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  fixed64(decimal: string): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeBigUInt64LE(BigInt(decimal), this.#at);
  }

  open(): number {
    this.#reserve(lengthBytes);
    this.#at += lengthBytes;
    return this.#at;
  }

  /** Writes the length in front, in as few bytes as it takes: what stands behind moves up. */
  close(start: number): void {
    const end = this.#at;
    this.#at = start - lengthBytes;
    this.varint(end - start);
    this.#buffer.copyWithin(this.#at, start, end);
    this.#at += end - start;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#buffer.length - this.#at >= bytes) return;
    const wider = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    wider.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = wider;
  }
}
