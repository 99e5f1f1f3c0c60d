import type { Argument, Scope, Section } from "#model/policy-tree.ts";

/**
 * What the catalogue says of one policy: where it may stand and what it takes. Both notations read policies by
 * this table, the published JSON Schema and the reference pages are generated from it.
 */
export interface PolicySpec {
  /** API Management's name. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly sections: readonly Section[];
  readonly scopes: readonly Scope[];
  /** At most once in a section of a document. */
  readonly once?: boolean;
  readonly args: Readonly<Record<string, ArgumentSpec>>;
  /** The argument that a bare YAML scalar or sequence stands for: `set-method: GET`. */
  readonly shorthand?: string;
  /**
   * May it run where another proxy asks and forwards by itself (forward_auth)? That way sees the head of the request
   * alone, and only header fields reach the upstream. Absent: no. A function says what stands in the way, or undefined.
   */
  readonly forwardAuth?: true | ((args: Readonly<Record<string, Argument>>) => string | undefined);
  /** A YAML example, complete, one policy. */
  readonly example: string;
  /** Rule over several arguments. Returns what is wrong, or undefined. */
  readonly check?: (
    args: Readonly<Record<string, Argument>>,
  ) => { readonly argument: string; readonly message: string } | undefined;
}

export type ArgumentType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  /** Written `90s`, `5m`, `1h`, `7d`, `250ms`; literal in milliseconds in the tree. */
  | "duration"
  /** Written `10KiB`, `1MiB`, `512B` or a number of bytes; literal in bytes in the tree. */
  | "size"
  /** One of `values`. */
  | "enum"
  /** CEL source that gives a boolean; `expression` in the tree, or a literal for `true` and `false`. */
  | "condition"
  /** Any scalar; an expression keeps its type. */
  | "any"
  /** `items` of one kind. A single item may stand without the brackets. */
  | "list"
  /** Fixed `entries`, or free names with `additional`. */
  | "map"
  /** A sequence of policies. */
  | "policies";

export interface ArgumentSpec {
  readonly type: ArgumentType;
  readonly summary: string;
  readonly required?: boolean;
  /** Filled in when absent, in the tree's units. */
  readonly default?: string | number | boolean;
  /** May hold `${…}`. Conditions always are expressions. */
  readonly expression?: boolean;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly items?: ArgumentSpec;
  readonly entries?: Readonly<Record<string, ArgumentSpec>>;
  readonly additional?: ArgumentSpec;
  /** For `policies`: the only names allowed inside. */
  readonly only?: readonly string[];
  /** API Management's attribute or child element, for the XML notation. */
  readonly xml?: string;
}
