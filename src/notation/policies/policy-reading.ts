import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";

export type CelCheck = (
  source: string,
  expect: "bool" | "any",
) => { readonly message: string; readonly offset: number } | undefined;

/** An argument as it was read, for whoever checks what it refers to. */
export interface ArgumentUse {
  readonly policy: string;
  readonly argument: string;
  readonly value: Argument;
  readonly at: SourcePosition;
  /** The policy's other arguments. */
  readonly args: Readonly<Record<string, Argument>>;
}

export interface PolicyReading extends Reading {
  readonly catalogue: ReadonlyMap<string, PolicySpec>;
  readonly checkCel: CelCheck;
  readonly onArgument: (use: ArgumentUse) => void;
}

/** Arguments hold policies, and those hold arguments: the readers reach each other through this. */
export interface Descent {
  readonly readSequence: (reading: PolicyReading, slot: Slot, place: PolicyPlace) => readonly PolicyNode[];
  readonly readArgument: (
    reading: PolicyReading,
    spec: ArgumentSpec,
    slot: Slot,
    place: PolicyPlace,
    owner: string,
  ) => Argument | undefined;
}

/** Where a sequence of policies stands. */
export interface PolicyPlace {
  readonly descent: Descent;
  readonly section: Section;
  readonly scope: Scope;
  /** The policy it is an argument of; null for the section itself. */
  readonly inside: string | null;
  /** The only names allowed, when that is limited. */
  readonly only: readonly string[] | null;
  /** Names met in this section so far. */
  readonly seen: Set<string>;
  /** How many policies deep. */
  readonly depth: number;
}
