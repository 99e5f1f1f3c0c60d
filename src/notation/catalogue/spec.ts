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
  /** Stands inside these policies only; absent: not so. */
  readonly inside?: readonly string[];
  /** Of this gateway alone: API Management's XML does not have it. */
  readonly native?: true;
  /**
   * Read and checked, but there is no engine for it yet: a definition that uses it does not load. `checked`: a
   * document that is only looked at is good all the same.
   */
  readonly pending?: true | "checked" | ((args: Readonly<Record<string, Argument>>) => string | undefined);
  /** It looks into the message of its section, whatever its expressions do: the whole body is in memory before it runs. */
  readonly readsBody?: true | ((args: Readonly<Record<string, Argument>>) => boolean);
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
  /**
   * Rule over several arguments. Returns what is wrong, or undefined; `linesBelow`: so many lines below the one where
   * the argument begins, where it is written out in XML.
   */
  readonly check?: (
    args: Readonly<Record<string, Argument>>,
  ) => { readonly argument: string; readonly message: string; readonly linesBelow?: number } | undefined;
  /** What is taken and yet to be known of an argument: a warning. */
  readonly caution?: (
    args: Readonly<Record<string, Argument>>,
  ) => { readonly argument: string; readonly message: string; readonly fix: string } | undefined;
  /** Why the policy does nothing here, when it stands in XML; such a one is left out with a warning. */
  readonly idleInXml?: (args: Readonly<Record<string, Argument>>) => string | undefined;
  /** Brings what API Management takes, and YAML does not, into the form that YAML takes. */
  readonly fromXml?: (args: Readonly<Record<string, Argument>>) => Readonly<Record<string, Argument>>;
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
  /** For `policies`: they do not run by themselves, but make up what this policy does. */
  readonly parts?: true;
  /** For `policies`: the only names allowed inside. */
  readonly only?: readonly string[];
  /**
   * Where it stands in API Management's XML: `@name` in an attribute, `name` in a child element (a list: in each
   * such child), `.` between the tags, `*` for policies between the tags; `wrapper/…` inside a child that holds it, `name|other` under either name.
   * Absent: in an attribute that is called as it is here, in kebab case; a list in children. Null: nowhere.
   */
  readonly xml?: string | null;
  /** What XML counts in: `s` (durations, unless said) or `ms`, `B` (sizes, unless said) or `KiB`. */
  readonly xmlUnit?: "s" | "ms" | "B" | "KiB";
  /** `inner`: what stands between the tags is text as it is, with its elements. `outer`: with its own tags too. */
  readonly xmlMarkup?: "inner" | "outer";
  /** As for a policy, when it is something else than its default; `expression`: when it is computed. */
  readonly pending?: true | "expression";
}
