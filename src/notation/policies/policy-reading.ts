import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, PolicyDocument, PolicyNode, Scope } from "#model/policy-tree.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { Place } from "./place.ts";

export type CelCheck = (
  source: string,
  expect: "bool" | "any",
) => { readonly message: string; readonly offset: number } | undefined;

/** Compiles, as far as that says whether it can be. `offset` counts in the source, from its `@`. */
export type CsharpCheck = CelCheck;

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
  readonly checkCsharp: CsharpCheck;
  readonly fragments: Fragments;
  /** Reads the XML file whose name stands where policies are due; empty when it could not be had, which was reported. */
  readonly readPolicyFile: (name: string, scope: Scope) => PolicyDocument;
  /** `{{name}}` stays in policies as it is written, for another gateway to fill in: what it will be is not checked. */
  readonly open?: true;
}

export interface Fragments {
  readonly names: readonly string[];
  /**
   * The policies of a fragment, for the place where it is included.
   * @returns undefined when there is none of that name
   */
  readonly read: (name: string, place: Place, at: SourcePosition) => readonly PolicyNode[] | undefined;
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

/** Where a sequence of policies in YAML stands. */
export interface PolicyPlace extends Place {
  readonly descent: Descent;
}
