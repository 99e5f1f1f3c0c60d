import type { Expr, Parameter } from "#notation/csharp/syntax/ast.ts";
import type { CsType } from "#notation/csharp/type/cs-type.ts";
import type { MemberDef } from "#notation/csharp/type/type-def.ts";

/** Variables of one call: slot 0 is the context, slot 1 what `return` gives, the rest are locals. */
export type Frame = unknown[];
export type Code = (frame: Frame) => unknown;

export const contextSlot = 0;
export const resultSlot = 1;
export const firstSlot = 2;

/** An expression whose type is known. Nothing is linked before the whole text has been bound. */
export interface Bound {
  readonly kind: "value";
  readonly type: CsType;
  readonly at: number;
  /** The value where the compiler knows it; a type's literal null is `null`. */
  readonly constant?: unknown;
  readonly place?: Place;
  /** A member of a dynamic value, for when it is called. */
  readonly late?: LateMember;
  /** Of a local function. */
  readonly parameters?: readonly Parameter[];
  emit(): Code;
}

export interface LateMember {
  readonly target: Bound;
  readonly name: string;
  readonly typeArgs: readonly CsType[];
}

/** What can be assigned to. Its parts are evaluated once, before the value. */
export interface Place {
  /** Undefined: it can only be set. */
  readonly get: ((frame: Frame, parts: readonly unknown[]) => unknown) | undefined;
  readonly set: (frame: Frame, parts: readonly unknown[], value: unknown) => void;
  parts(): readonly Code[];
}

/** A method of a type, with the types in the place of its owner's parameters. */
export interface Candidate {
  readonly member: MemberDef;
  readonly bindings: ReadonlyMap<string, CsType>;
}

export interface MethodGroup {
  readonly kind: "group";
  readonly name: string;
  readonly at: number;
  readonly receiver: Bound | null;
  readonly candidates: readonly Candidate[];
  readonly extensions: readonly Candidate[];
  readonly typeArgs: readonly CsType[];
}

/** What gets its type from where it stands. */
export interface Untyped {
  readonly kind: "untyped";
  readonly what: "lambda" | "default" | "throw" | "new" | "array-items" | "choice" | "out";
  readonly syntax: Expr;
  readonly at: number;
}

export type Operand =
  | Bound
  | MethodGroup
  | Untyped
  | { readonly kind: "type"; readonly type: CsType; readonly at: number }
  | { readonly kind: "namespace"; readonly name: string; readonly at: number };

export function valueOf(type: CsType, at: number, emit: () => Code): Bound {
  return { kind: "value", type, at, emit };
}

export function constantOf(type: CsType, at: number, constant: unknown): Bound {
  return { kind: "value", type, at, constant, emit: () => () => constant };
}
