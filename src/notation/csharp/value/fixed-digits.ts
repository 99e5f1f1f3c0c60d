import { type Decimal, roundDecimal } from "./decimal.ts";

export type Raw = number | bigint | Decimal;

export function isBelowZero(value: Raw): boolean {
  return typeof value === "object" ? value.units < 0n : value < 0;
}

export function whole(value: Raw): string {
  return String(value).replace("-", "");
}

/** Without a sign, rounded half away from zero. */
export function fixed(value: Raw, places: number): string {
  if (typeof value === "bigint") return whole(value) + zeros(places);
  if (typeof value === "number") {
    if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(Math.abs(value)).toString() + zeros(places);
    if (Math.abs(value) >= 1e21) return BigInt(Math.abs(value)).toString() + zeros(places);
    return Math.abs(value)
      .toFixed(Math.min(places, 100))
      .padEnd(places > 100 ? places : 0, "0");
  }
  const rounded = roundDecimal(value, places, "away");
  const text = rounded.toString().replace("-", "");
  return text + zeros(places - rounded.scale, rounded.scale > 0);
}

function zeros(places: number, hasPoint = false): string {
  if (places <= 0) return "";
  return (hasPoint ? "" : ".") + "0".repeat(places);
}

export function grouped(text: string): string {
  const [before = "", after] = text.split(".");
  const digits = before.replace(/\B(?=(\d{3})+$)/g, ",");
  return after === undefined ? digits : `${digits}.${after}`;
}
