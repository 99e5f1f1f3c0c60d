import type { Rounding } from "./decimal.ts";

/** Rounds as Math.Round does: scaled, rounded, scaled back. */
export function roundTo(value: number, places: number, mode: Rounding): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e16) return value;
  const factor = 10 ** places;
  const scaled = value * factor;
  const whole = Math.trunc(scaled);
  const rest = scaled - whole;
  const sign = Math.sign(rest);
  const rounded = mode === "zero" || rest === 0 ? whole : roundPart(whole, rest, sign, mode);
  return rounded / factor;
}

function roundPart(whole: number, rest: number, sign: number, mode: Rounding): number {
  if (mode === "floor") return sign < 0 ? whole - 1 : whole;
  if (mode === "ceiling") return sign > 0 ? whole + 1 : whole;
  const distance = Math.abs(rest);
  if (distance === 0.5) return mode === "away" || whole % 2 !== 0 ? whole + sign : whole;
  return distance > 0.5 ? whole + sign : whole;
}
