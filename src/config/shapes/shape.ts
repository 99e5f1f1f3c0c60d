import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What may stand in one place of a definition: how it is read, and how it is described to editors. Reader and
 * published schema come from the same shapes, so they cannot say different things.
 */
export interface Shape<T> {
  /** Undefined, and reported, when something else stands there. */
  readonly read: (reading: PolicyReading, slot: Slot) => T | undefined;
  readonly schema: JsonSchema;
  /** How a value is written, for defaults in the schema. */
  readonly show?: (value: T) => unknown;
}

/** A value and where it stands, for what is checked when everything is read. */
export interface Located<T> {
  readonly value: T;
  readonly at: SourcePosition;
}

/** Gives `fallback` for what could not be read, so that it is not taken for missing as well. */
export function withFallback<T>(shape: Shape<T>, fallback: T): Shape<T> {
  return { ...shape, read: (reading, slot) => shape.read(reading, slot) ?? fallback };
}

export function located<T>(shape: Shape<T>): Shape<Located<T>> {
  return {
    schema: shape.schema,
    read: (reading, slot) => {
      const value = shape.read(reading, slot);
      return value === undefined ? undefined : { value, at: slot.at };
    },
  };
}
