import { formatDouble, formatSingle } from "./format-real.ts";
import type { NetObject } from "./net-object.ts";

export class Double implements NetObject {
  readonly netType = "Double";
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** As `Double.Equals`: NaN equals NaN. */
  equals(other: unknown): boolean {
    return (
      other instanceof Double && (other.value === this.value || (Number.isNaN(other.value) && Number.isNaN(this.value)))
    );
  }

  get hashKey(): string {
    return `\0double ${this.value}`;
  }

  toString(): string {
    return formatDouble(this.value);
  }
}

export class Single implements NetObject {
  readonly netType = "Single";
  readonly value: number;

  constructor(value: number) {
    this.value = Math.fround(value);
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Single && (other.value === this.value || (Number.isNaN(other.value) && Number.isNaN(this.value)))
    );
  }

  get hashKey(): string {
    return `\0single ${this.value}`;
  }

  toString(): string {
    return formatSingle(this.value);
  }
}

export type SmallType = "Byte" | "SByte" | "Int16" | "UInt16" | "UInt32";

/** An integer that is neither int nor long. */
export class Small implements NetObject {
  readonly netType: SmallType;
  readonly value: number;

  constructor(netType: SmallType, value: number) {
    this.netType = netType;
    this.value = value;
  }

  equals(other: unknown): boolean {
    return other instanceof Small && other.netType === this.netType && other.value === this.value;
  }

  get hashKey(): string {
    return `\0${this.netType} ${this.value}`;
  }

  toString(): string {
    return String(this.value);
  }
}

export class ULong implements NetObject {
  readonly netType = "UInt64";
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }

  equals(other: unknown): boolean {
    return other instanceof ULong && other.value === this.value;
  }

  get hashKey(): string {
    return `\0ulong ${this.value}`;
  }

  toString(): string {
    return String(this.value);
  }
}

/** An integer beyond long, as Newtonsoft reads it from JSON. */
export class BigInteger implements NetObject {
  readonly netType = "BigInteger";
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }

  equals(other: unknown): boolean {
    return other instanceof BigInteger && other.value === this.value;
  }

  get hashKey(): string {
    return `\0big ${this.value}`;
  }

  toString(): string {
    return String(this.value);
  }
}

const bytes: Small[] = Array.from({ length: 256 }, (_, value) => new Small("Byte", value));

export function byteOf(value: number): Small {
  return bytes[value & 255] as Small;
}
