import type { CsType, NamedType } from "./cs-type.ts";

/**
 * What a member does. Instance members get the receiver first. A generic member gets, before the receiver, the runtime
 * type of each type parameter that its signature marks with `type`. An `out` parameter is a {@link Ref}. Lambdas are
 * functions. Declared with `never` so that a table may name the types that it knows to come.
 */
export type Implementation = (...args: never[]) => unknown;

/** What an `out` argument is written to. */
export interface Ref<T = unknown> {
  value: T;
}

export type TypeKind = "class" | "struct" | "interface" | "enum" | "delegate" | "static";

/** One .NET type: the form of a table in `net/`. See the README there. */
export interface TypeTable {
  /** With its type parameters: `Dictionary<TKey, TValue>`. */
  readonly name: string;
  readonly namespace: string;
  /** C#'s keyword for it: `string`. */
  readonly alias?: string;
  readonly kind: TypeKind;
  readonly base?: string;
  readonly implements?: readonly string[];
  /** `default(T)` of a struct. */
  readonly zero?: () => unknown;
  /** Members of an enum. */
  readonly values?: Readonly<Record<string, number>>;
  readonly isFlags?: boolean;
  /** Signatures without a name: `(string, int start = 0)`. Those of a generic type get its runtime arguments first. */
  readonly construct?: Readonly<Record<string, Implementation>>;
  readonly statics?: Readonly<Record<string, Implementation>>;
  readonly members?: Readonly<Record<string, Implementation>>;
  /** Properties that can be set, and indexers: `Name: string`, `this[int]: T`. */
  readonly setters?: Readonly<Record<string, Implementation>>;
  /** `+(DateTime, TimeSpan): DateTime`, `implicit(string): JToken`. */
  readonly operators?: Readonly<Record<string, Implementation>>;
  /** For delegates: `(T): bool`. */
  readonly invoke?: string;
}

export interface ParameterDef {
  readonly name: string;
  readonly type: CsType;
  readonly isOut: boolean;
  readonly isParams: boolean;
  /** Has a default value: the implementation sees it. */
  readonly isOptional: boolean;
  readonly initial: unknown;
}

export interface MemberDef {
  readonly name: string;
  readonly owner: TypeDef;
  readonly isStatic: boolean;
  /** Properties and fields take no arguments at all; indexers are named `this[]`. */
  readonly isMethod: boolean;
  readonly isExtension: boolean;
  readonly typeParameters: readonly string[];
  /** Those whose runtime types the implementation wants. */
  readonly passed: readonly string[];
  readonly parameters: readonly ParameterDef[];
  readonly returns: CsType;
  readonly run: Implementation;
  readonly signature: string;
}

/** A type of the table, its signatures read when first asked for. */
export interface TypeDef {
  /** Unique: the name with the arity, `List`1`. */
  readonly id: string;
  readonly name: string;
  readonly display: string;
  readonly namespace: string;
  readonly kind: TypeKind;
  readonly parameters: readonly string[];
  /** The type over its own parameters; what it is when it has none. */
  readonly self: NamedType;
  readonly table: TypeTable;
  readonly base: NamedType | null;
  readonly interfaces: readonly NamedType[];
  members(name: string): readonly MemberDef[];
  statics(name: string): readonly MemberDef[];
  setters(name: string): readonly MemberDef[];
  readonly constructors: readonly MemberDef[];
  operators(name: string): readonly MemberDef[];
  /** What a delegate takes and gives. */
  readonly invoke: { readonly parameters: readonly CsType[]; readonly returns: CsType } | null;
  /** Another type of the same table. @throws Error when it has none of that id */
  lookup(id: string): TypeDef;
  /** For messages and the reference. */
  readonly memberNames: readonly string[];
}
