import { badFormat } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { random } from "./run.ts";

const plain = /^[0-9a-f]{32}$/;

/** System.Guid, kept as its 32 lower-case digits. */
export class Guid implements NetObject {
  readonly netType = "Guid";
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  equals(other: unknown): boolean {
    return other instanceof Guid && other.digits === this.digits;
  }

  compareTo(other: unknown): number {
    const { digits } = other as Guid;
    return this.digits < digits ? -1 : this.digits > digits ? 1 : 0;
  }

  get hashKey(): string {
    return `\0guid ${this.digits}`;
  }

  toString(): string {
    return this.format("D");
  }

  format(format: string): string {
    const d = this.digits;
    const dashed = `${d.slice(0, 8)}-${d.slice(8, 12)}-${d.slice(12, 16)}-${d.slice(16, 20)}-${d.slice(20)}`;
    switch (format.toUpperCase()) {
      case "N":
        return d;
      case "":
      case "D":
        return dashed;
      case "B":
        return `{${dashed}}`;
      case "P":
        return `(${dashed})`;
      case "X":
        return hexForm(d);
      default:
        throw badFormat('Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".');
    }
  }

  /** The first three groups are little-endian. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Buffer.from(this.digits, "hex"));
    return swapped(bytes);
  }
}

function hexForm(d: string): string {
  const rest = (d.slice(16).match(/../g) ?? []).map((pair) => `0x${pair}`).join(",");
  return `{0x${d.slice(0, 8)},0x${d.slice(8, 12)},0x${d.slice(12, 16)},{${rest}}}`;
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (from) => bytes[from] ?? 0);
}

export const emptyGuid: Guid = new Guid("0".repeat(32));

export function guidOfBytes(bytes: Uint8Array): Guid {
  return new Guid(Buffer.from(swapped(bytes)).toString("hex"));
}

export function readGuid(text: string): Guid | undefined {
  const found = text.trim().toLowerCase();
  const shapes = [
    /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/,
    /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}$/,
    /^\(([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\)$/,
  ];
  if (plain.test(found)) return new Guid(found);
  for (const shape of shapes) {
    const parts = shape.exec(found);
    if (parts !== null) return new Guid(parts.slice(1).join(""));
  }
  return undefined;
}

/** @throws NetException FormatException */
export function parseGuid(text: string): Guid {
  const found = readGuid(text);
  if (found === undefined) throw badFormat("Unrecognized Guid format.");
  return found;
}

/** A random one, version 4. */
export function newGuid(): Guid {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return new Guid(Buffer.from(bytes).toString("hex"));
}
