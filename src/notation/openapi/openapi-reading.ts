import { NamedValues } from "#notation/named-values.ts";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";

/** What reads one OpenAPI document; references are looked up from its root. */
export interface OpenApiReading extends Reading {
  readonly root: Slot;
}

/** An OpenAPI document is no part of the definition's text: nothing is filled in. */
export const noValues: NamedValues = new NamedValues(new Map());
