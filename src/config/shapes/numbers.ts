import type { Reading } from "#notation/yaml/reading.ts";
import { readFilled } from "#notation/yaml/scalars.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { durationPattern, formatDuration, formatSize, parseDuration, parseSize, sizePattern } from "#notation/units.ts";
import { fillable } from "./fillable.ts";
import type { Shape } from "./shape.ts";

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Shape<number> {
  return {
    schema: fillable({ type: "integer", minimum: min, maximum: max }),
    read: (reading, slot) => {
      const filled = readFilled(reading, slot, "a whole number");
      if (filled === undefined) return undefined;
      if (typeof filled.value !== "number" || !Number.isSafeInteger(filled.value)) {
        return reportType(reading, slot, "a whole number");
      }
      return within(reading, slot, filled.value, min, max, String);
    },
  };
}

/** A number from `min` to `max`. */
export function decimal(min: number, max: number): Shape<number> {
  return {
    schema: fillable({ type: "number", minimum: min, maximum: max }),
    read: (reading, slot) => {
      const filled = readFilled(reading, slot, "a number");
      if (filled === undefined) return undefined;
      if (typeof filled.value !== "number" || !Number.isFinite(filled.value)) {
        return reportType(reading, slot, "a number");
      }
      return within(reading, slot, filled.value, min, max, String);
    },
  };
}

/** `250ms`, `60s`, `5m`, `1h`, `7d`; bounds and value in milliseconds. */
export function duration(min: number, max: number): Shape<number> {
  const about = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  return {
    schema: fillable({ type: "string", pattern: durationPattern, description: about }, { const: 0 }),
    show: formatDuration,
    read: (reading, slot) => readUnit(reading, slot, min, max, durationUnit),
  };
}

/** `512B`, `10KiB`, `1MiB` or a number of bytes; bounds and value in bytes. */
export function size(min: number, max: number): Shape<number> {
  const about = `from ${formatSize(min)} to ${formatSize(max)}`;
  return {
    schema: fillable(
      { type: "string", pattern: sizePattern, description: about },
      { type: "integer", minimum: min, maximum: max },
    ),
    show: formatSize,
    read: (reading, slot) => readUnit(reading, slot, min, max, sizeUnit),
  };
}

interface Unit {
  readonly expected: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
  /** A number without a unit, when that has a meaning. */
  readonly bare: (value: number) => number | undefined;
  readonly fix: (text: string) => string;
}

const durationUnit: Unit = {
  expected: "a duration such as 60s",
  parse: parseDuration,
  format: formatDuration,
  bare: (value) => (value === 0 ? 0 : undefined),
  fix: (text) => (/^\d+$/.test(text) ? `write the unit: ${text}s` : "write 250ms, 60s, 5m, 1h or 7d"),
};

const sizeUnit: Unit = {
  expected: "a size such as 10MiB",
  parse: parseSize,
  format: formatSize,
  bare: (value) => (Number.isSafeInteger(value) ? value : undefined),
  fix: (text) => {
    const [, amount, prefix] = /^(\d+)([KMG])B?$/i.exec(text) ?? [];
    return prefix === undefined ? "write 512B, 10KiB or 1MiB" : `write ${amount}${prefix.toUpperCase()}iB`;
  },
};

function readUnit(reading: Reading, slot: Slot, min: number, max: number, unit: Unit): number | undefined {
  const filled = readFilled(reading, slot, unit.expected);
  if (filled === undefined) return undefined;
  const value = typeof filled.value === "number" ? unit.bare(filled.value) : unit.parse(filled.text);
  if (value !== undefined) return within(reading, slot, value, min, max, unit.format);
  const shown = JSON.stringify(filled.text.slice(0, 40));
  reading.problems.error("value-invalid", slot.at, `${shown} is not ${unit.expected}`, unit.fix(filled.text));
  return undefined;
}

function within(
  { problems }: Reading,
  { at }: Slot,
  value: number,
  min: number,
  max: number,
  show: (value: number) => string,
): number | undefined {
  if (value >= min && value <= max) return value;
  const bounds = `write a value from ${show(min)} to ${show(max)}`;
  problems.error("value-invalid", at, `${show(value)} is ${value < min ? "too small" : "too large"}`, bounds);
  return undefined;
}
