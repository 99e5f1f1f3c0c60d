import type { SourcePosition } from "./diagnostic.ts";

/** The four sections of a policy document, in the order of a request's way. */
export type Section = "inbound" | "backend" | "outbound" | "on-error";

export const sections: readonly Section[] = ["inbound", "backend", "outbound", "on-error"];

/** Broad to narrow. `base` runs the next broader scope's section. */
export type Scope = "global" | "workspace" | "product" | "api" | "operation";

/** Source text of an expression. It travels to the workers as text and is linked there. */
export interface Expression {
  /** `csharp`: `@(…)` or `@{…}`, with the mark and its brackets. */
  readonly language: "cel" | "csharp";
  readonly source: string;
  /** A secret value is in the source. */
  readonly secret?: true;
  readonly at: SourcePosition;
}

/** A scalar of a policy: written out, or computed for each request. */
export type Value =
  | { readonly kind: "literal"; readonly value: string | number | boolean; readonly secret?: true }
  /** Text with `${…}` parts; the result is always text. */
  | { readonly kind: "template"; readonly parts: readonly (string | Expression)[] }
  /** The whole value is one expression; the result keeps its type. */
  | { readonly kind: "expression"; readonly expression: Expression };

/** An argument of a policy. Tagged, so that a tree can be walked without knowing the policy. */
export type Argument =
  | Value
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "map"; readonly entries: Readonly<Record<string, Argument>> }
  | { readonly kind: "policies"; readonly policies: readonly PolicyNode[] };

/**
 * One policy of a document. `args` holds what the catalogue says the policy takes, under the catalogue's names,
 * checked and with durations in milliseconds, sizes in bytes; defaults filled in. `base` is a node named `base`
 * without arguments.
 */
export interface PolicyNode {
  readonly name: string;
  readonly id?: string;
  readonly at: SourcePosition;
  readonly args: Readonly<Record<string, Argument>>;
}

/** A section that is missing means `base` only. */
export type PolicyDocument = Readonly<Partial<Record<Section, readonly PolicyNode[]>>>;
