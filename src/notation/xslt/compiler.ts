import { type DomName, type DomNode, namespaceOf, xmlUri } from "#notation/dom/node.ts";
import { compileXPath, type Functions } from "#notation/xpath/compile.ts";
import { parseXPath } from "#notation/xpath/parse.ts";
import { XPathProblem } from "#notation/xpath/problem.ts";
import { toText } from "#notation/xpath/values.ts";
import { functionsAt } from "./functions.ts";
import { xslUri } from "./names.ts";
import { compilePattern, type PatternAlternative } from "./pattern.ts";
import { StylesheetProblem } from "./problem.ts";
import type { Scene, SceneRun } from "./scene.ts";
import type { Instruction, TextRun } from "./stylesheet.ts";
import type { Task } from "./task.ts";

/** Compiles an element of the stylesheet that stands among instructions. */
export type CompileElement = (compiler: Compiler, element: DomNode) => Instruction;

interface Alias {
  readonly prefix: string;
  readonly uri: string;
}

/** What compiling a stylesheet goes by; the instructions reach each other through it. */
export class Compiler {
  readonly #lines: ReadonlyMap<DomNode, number>;
  readonly #instruction: CompileElement;
  readonly #literal: CompileElement;
  /** Other names for namespaces of literal elements. */
  readonly aliases: Map<string, Alias> = new Map();
  /** Named templates and attribute sets that something asks for, with who does. */
  readonly wantedTemplates: (readonly [name: string, by: DomNode])[] = [];
  readonly wantedSets: (readonly [name: string, by: DomNode])[] = [];

  constructor(lines: ReadonlyMap<DomNode, number>, instruction: CompileElement, literal: CompileElement) {
    this.#lines = lines;
    this.#instruction = instruction;
    this.#literal = literal;
  }

  fail(element: DomNode, message: string): never {
    throw new StylesheetProblem(message, this.#lines.get(element));
  }

  /** An attribute of XSLT's, which are in no namespace. */
  attribute(element: DomNode, name: string): string | undefined {
    return element.attribute("", name)?.value;
  }

  required(element: DomNode, name: string): string {
    return this.attribute(element, name) ?? this.fail(element, `${element.qualified} lacks '${name}'`);
  }

  isYes(element: DomNode, name: string): boolean | undefined {
    const value = this.attribute(element, name);
    if (value === undefined || value === "yes" || value === "no")
      return value === undefined ? undefined : value === "yes";
    return this.fail(element, `'${name}' is yes or no`);
  }

  /** `{uri}local` of a name that stands in the element; names without a prefix are in no namespace. */
  expand(element: DomNode, qualified: string): string {
    const { uri, local } = this.nameOf(element, qualified.trim(), "");
    return uri === "" ? local : `{${uri}}${local}`;
  }

  nameOf(element: DomNode, qualified: string, defaultUri: string): DomName {
    const [first = "", second] = qualified.split(":", 2);
    if (!isQualifiedName(qualified)) return this.fail(element, `'${qualified}' is no name`);
    if (second === undefined) return { prefix: "", local: first, uri: defaultUri };
    return { prefix: first, local: second, uri: this.namespace(element, first) };
  }

  namespace(element: DomNode, prefix: string): string {
    return namespaceOf(element, prefix) ?? this.fail(element, `the prefix '${prefix}' is not declared`);
  }

  #functions(element: DomNode): Functions<Scene> {
    return functionsAt((qualified) => this.expand(element, qualified));
  }

  expression(element: DomNode, text: string): SceneRun {
    return this.#read(element, text, () =>
      compileXPath(
        parseXPath(text, (prefix) => namespaceOf(element, prefix)),
        this.#functions(element),
      ),
    );
  }

  pattern(element: DomNode, text: string): readonly PatternAlternative[] {
    return this.#read(element, text, () =>
      compilePattern(
        parseXPath(text, (prefix) => namespaceOf(element, prefix)),
        this.#functions(element),
      ),
    );
  }

  #read<Result>(element: DomNode, text: string, read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (error instanceof XPathProblem) return this.fail(element, `${error.message}: ${text.slice(0, 80)}`);
      throw error;
    }
  }

  /** A text with expressions in braces. @see XSLT 1.0 §7.6.2 */
  valueTemplate(element: DomNode, text: string): TextRun {
    const parts: (string | SceneRun)[] = [];
    let plain = "";
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? "";
      if (character === "}" && text[at + 1] !== "}")
        this.fail(element, "a brace closes that does not open: write '}}'");
      if (character !== "{" && character !== "}") plain += character;
      else if (text[at + 1] === character) {
        plain += character;
        at++;
      } else {
        const end = endOfBraces(text, at + 1);
        if (end === -1) this.fail(element, "a brace opens that does not close: write '{{'");
        parts.push(plain, this.expression(element, text.slice(at + 1, end)));
        plain = "";
        at = end;
      }
    }
    if (parts.length === 0) return () => plain;
    parts.push(plain);
    return (scene) =>
      parts.map((part) => (typeof part === "string" ? part : toText(scene.evaluate(part), scene.meter))).join("");
  }

  /** An attribute that is such a text. */
  template(element: DomNode, name: string): TextRun | undefined {
    const text = this.attribute(element, name);
    return text === undefined ? undefined : this.valueTemplate(element, text);
  }

  /** What stands inside an element, without what `isTaken` says that its parent has read. */
  body(element: DomNode, isTaken: (child: DomNode) => boolean = () => false): Instruction {
    const made: Instruction[] = [];
    for (const child of this.contentOf(element)) {
      if (isTaken(child)) continue;
      if (child.isText) made.push(textInstruction(child.value));
      else if (child.name.uri !== xslUri) made.push(this.#literal(this, child));
      else if (child.name.local !== "fallback") made.push(this.#instruction(this, child));
    }
    return sequence(made);
  }

  /** Texts and elements; white space that only lays out the stylesheet is no text. */
  contentOf(element: DomNode): readonly DomNode[] {
    const keepsBlanks = keepsSpace(element);
    return element.children.filter(
      (child) =>
        child.kind === "element" || (child.isText && (keepsBlanks || child.kind === "cdata" || !isBlank(child.value))),
    );
  }
}

function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

function keepsSpace(element: DomNode): boolean {
  if (element.name.uri === xslUri && element.name.local === "text") return true;
  for (let at: DomNode | null = element; at !== null; at = at.parent) {
    const said = at.attribute(xmlUri, "space")?.value;
    if (said !== undefined) return said === "preserve";
  }
  return false;
}

export function isQualifiedName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}\p{M}_.\-·]*(?::[\p{L}_][\p{L}\p{N}\p{M}_.\-·]*)?$/u.test(text);
}

function endOfBraces(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "}") return at;
  }
  return -1;
}

function textInstruction(text: string): Instruction {
  return (scene) => {
    writeText(scene, text);
    return undefined;
  };
}

/** Adds a text to the result, to the one before where there is one. */
export function writeText(scene: Scene, text: string): void {
  if (text === "") return;
  const { out, meter } = scene;
  const last = out.children.at(-1);
  if (last?.kind === "text" && !rawTexts.has(last)) {
    meter.charge(text.length * 2);
    last.value += text;
  } else out.insert(scene.make("text", undefined, text));
}

/** Texts that are written without being escaped. */
export const rawTexts: WeakSet<DomNode> = new WeakSet();

/** One after the other. Variables end with the row that they stand in. */
export function sequence(instructions: readonly Instruction[]): Instruction {
  const [only] = instructions;
  if (only === undefined) return () => undefined;
  return (scene) => inTurn(instructions, scene);
}

function* inTurn(instructions: readonly Instruction[], scene: Scene): Task {
  const { variables } = scene;
  for (const instruction of instructions) {
    scene.meter.step();
    const task = instruction(scene);
    if (task !== undefined) yield task;
  }
  scene.variables = variables;
}
