import type { DomNode } from "#notation/dom/node.ts";
import type { DecimalFormat } from "./format-number.ts";
import type { Pattern } from "./pattern.ts";
import type { Scene, SceneRun } from "./scene.ts";
import type { Task } from "./task.ts";

/** One instruction, ready to run. */
export type Instruction = (scene: Scene) => Task | undefined;

/** A text put together when it is needed. */
export type TextRun = (scene: Scene) => string;

export interface Parameter {
  readonly name: string;
  readonly value: VariableSource;
}

/** What a variable is: an expression's value, or a tree that instructions make. */
export type VariableSource =
  | { readonly kind: "expression"; readonly run: SceneRun }
  | { readonly kind: "tree"; readonly run: Instruction };

export interface Template {
  readonly params: readonly Parameter[];
  readonly body: Instruction;
}

/** A template for the nodes of a pattern. */
export interface Rule {
  readonly pattern: Pattern;
  readonly priority: number;
  readonly template: Template;
}

export interface Key {
  readonly pattern: Pattern;
  readonly use: SceneRun;
}

export interface Output {
  /** undefined: html where the root is `html`, xml otherwise. */
  readonly method: "xml" | "html" | "text" | undefined;
  readonly encoding: "utf-8" | "utf-16" | "iso-8859-1" | "us-ascii";
  readonly omitsDeclaration: boolean;
  readonly standalone: string | undefined;
  readonly indents: boolean | undefined;
  readonly doctypePublic: string | undefined;
  readonly doctypeSystem: string | undefined;
  readonly mediaType: string | undefined;
  /** `{uri}local` of elements whose text is written as CDATA. */
  readonly cdataElements: ReadonlySet<string>;
}

export interface Stylesheet {
  /** By mode, what wins first. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly named: ReadonlyMap<string, Template>;
  readonly globals: ReadonlyMap<string, VariableSource>;
  /** Globals that a caller may set. */
  readonly parameters: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, readonly Key[]>;
  readonly attributeSets: ReadonlyMap<string, Instruction>;
  readonly decimalFormats: ReadonlyMap<string, DecimalFormat>;
  readonly output: Output;
  /** Does the text of nothing but white space go that stands in this element of the document? */
  readonly strips: (element: DomNode) => boolean;
}
