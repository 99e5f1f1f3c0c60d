import { badFormat, divideByZero, overflow } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";

const maxUnits = (1n << 96n) - 1n;
const maxScale = 28;

/** System.Decimal: a 96-bit integer over a power of ten, which keeps the zeros it was written with. */
export class Decimal implements NetObject {
  readonly netType = "Decimal";
  readonly units: bigint;
  readonly scale: number;

  constructor(units: bigint, scale: number) {
    this.units = units;
    this.scale = scale;
  }

  equals(other: unknown): boolean {
    return other instanceof Decimal && compareDecimals(this, other) === 0;
  }

  get hashKey(): string {
    return `\0decimal ${trimmed(this)}`;
  }

  toString(): string {
    return plain(this.units, this.scale);
  }

  toNumber(): number {
    return Number(this.toString());
  }
}

function plain(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const sign = units < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function trimmed(value: Decimal): string {
  let { units, scale } = value;
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale--;
  }
  return plain(units, scale);
}

export const decimalZero: Decimal = new Decimal(0n, 0);

/** Brings a result into 96 bits and 28 places, rounding half to even. */
function fit(units: bigint, scale: number): Decimal {
  let drop = Math.max(0, scale - maxScale);
  for (;;) {
    const rounded = drop === 0 ? units : divideHalfEven(units, 10n ** BigInt(drop));
    if (rounded <= maxUnits && rounded >= -maxUnits) return new Decimal(rounded, scale - drop);
    if (drop >= scale) throw overflow("a Decimal");
    drop++;
  }
}

export function divideHalfEven(units: bigint, by: bigint): bigint {
  const quotient = units / by;
  const rest = units % by;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const up = twice > by || (twice === by && quotient % 2n !== 0n);
  return up ? quotient + (units < 0n ? -1n : 1n) : quotient;
}

function aligned(a: Decimal, b: Decimal): readonly [a: bigint, b: bigint, scale: number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale];
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [left, right, scale] = aligned(a, b);
  return fit(left + right, scale);
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, new Decimal(-b.units, b.scale));
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return fit(a.units * b.units, a.scale + b.scale);
}

/** As many places as it takes, without trailing zeros beyond those of the operands. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw divideByZero();
  const least = Math.max(0, a.scale - b.scale);
  const extra = maxScale + 2;
  const sign = b.units < 0n ? -1n : 1n;
  const scaled = a.units * sign * 10n ** BigInt(extra + b.scale);
  const found = fit(divideHalfEven(scaled, b.units * sign), extra + a.scale);
  let { units, scale } = found;
  while (scale > least && units % 10n === 0n) {
    units /= 10n;
    scale--;
  }
  return new Decimal(units, scale);
}

export function remainderDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw divideByZero();
  const [left, right, scale] = aligned(a, b);
  return fit(left % right, scale);
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @param text digits with an optional sign, point and exponent */
export function parseDecimal(text: string): Decimal {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  const whole = found?.[2] ?? "";
  const rest = found?.[3] ?? "";
  if (found === null || whole + rest === "" || whole.length + rest.length > 200) throw badFormat();
  const units = BigInt(whole + rest) * (found[1] === "-" ? -1n : 1n);
  const scale = rest.length - Number(found[4] ?? 0);
  return scale < 0 ? fit(units * 10n ** BigInt(-scale), 0) : fit(units, scale);
}

/** A double has 15 digits for this conversion. */
export function decimalFromNumber(value: number): Decimal {
  if (!Number.isFinite(value) || Math.abs(value) >= 7.9228162514264338e28) throw overflow("a Decimal");
  return parseDecimal(String(Number(value.toPrecision(15))));
}

export type Rounding = "even" | "away" | "zero" | "floor" | "ceiling";

export function roundDecimal(value: Decimal, places: number, mode: Rounding): Decimal {
  if (places >= value.scale) return value;
  const by = 10n ** BigInt(value.scale - places);
  return new Decimal(roundUnits(value.units, by, mode), places);
}

function roundUnits(units: bigint, by: bigint, mode: Rounding): bigint {
  const quotient = units / by;
  const rest = units % by;
  if (rest === 0n) return quotient;
  const sign = units < 0n ? -1n : 1n;
  if (mode === "zero") return quotient;
  if (mode === "floor") return sign < 0n ? quotient - 1n : quotient;
  if (mode === "ceiling") return sign > 0n ? quotient + 1n : quotient;
  if (mode === "even") return divideHalfEven(units, by);
  return rest * 2n * sign >= by ? quotient + sign : quotient;
}
