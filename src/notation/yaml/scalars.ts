import { isScalar } from "yaml";
import { type Filled, fill } from "./fill.ts";
import type { Reading } from "./reading.ts";
import type { Slot } from "./slot.ts";
import { reportType } from "./wrong-type.ts";

export interface RawScalar {
  readonly value: string | number | boolean;
  /** As written, without quotes. */
  readonly text: string;
}

/** A scalar before anything is filled in. Undefined, and reported, for anything else. */
export function readRaw(reading: Reading, slot: Slot, expected: string): RawScalar | undefined {
  const { node } = slot;
  if (!isScalar(node)) return reportType(reading, slot, expected);
  const { value, source } = node;
  if (typeof value === "string") return { value, text: value };
  if (typeof value === "number" || typeof value === "boolean") return { value, text: source ?? String(value) };
  return reportType(reading, slot, expected);
}

/** A scalar with plain values filled in: what a setting takes. */
export function readFilled(reading: Reading, slot: Slot, expected: string): Filled | undefined {
  const raw = readRaw(reading, slot, expected);
  if (raw === undefined) return undefined;
  if (typeof raw.value !== "string") return { value: raw.value, text: raw.text, secret: false, filled: false };
  return fill(reading, raw.value, slot.at, "plain");
}
