import { atOnce } from "#lib/slices.ts";
import { type DomNode } from "#notation/dom/node.ts";
import { readDom } from "#notation/dom/read.ts";
import { Compiler } from "./compiler.ts";
import { type DecimalFormat, plainDecimalFormat } from "./format-number.ts";
import { compileInstruction, compileLiteral } from "./instructions.ts";
import { attributeSet } from "./make.ts";
import { xslUri } from "./names.ts";
import { readOutput } from "./output.ts";
import { StylesheetProblem } from "./problem.ts";
import { readSpaces } from "./spaces.ts";
import {
  type Instruction,
  type Key,
  type Rule,
  type Stylesheet,
  type Template,
  type VariableSource,
} from "./stylesheet.ts";
import { compileParameter, isXsl, parametersOf } from "./variables.ts";

const endless = { step: () => undefined, charge: () => undefined };

/**
 * Compiles a stylesheet of XSLT 1.0. It is its owner's, so reading it is not bounded; what is in it cannot reach out:
 * scripts, other stylesheets and other documents are refused.
 * @throws StylesheetProblem
 */
export function readStylesheet(source: string): Stylesheet {
  const lines = new Map<DomNode, number>();
  const document = atOnce(
    readDom(source, {
      meter: endless,
      keepsBlanks: true,
      keepsDeclaration: false,
      onElement: (element, line) => void lines.set(element, line),
      fail: (message) => {
        const [, line, rest] = /^(\d+):\d+: (.*)$/s.exec(message) ?? [];
        throw new StylesheetProblem(rest ?? message, line === undefined ? undefined : Number(line));
      },
    }),
  );
  const root = document.children.find(({ kind }) => kind === "element") as DomNode;
  const compiler = new Compiler(lines, compileInstruction, compileLiteral);
  return new Reader(compiler, root).read();
}

interface PlacedRule extends Rule {
  readonly mode: string;
}

class Reader {
  readonly #compiler: Compiler;
  readonly #root: DomNode;
  readonly #rules: PlacedRule[] = [];
  readonly #named = new Map<string, Template>();
  readonly #globals = new Map<string, VariableSource>();
  readonly #parameters = new Set<string>();
  readonly #keys = new Map<string, Key[]>();
  readonly #sets = new Map<string, Instruction[]>();
  readonly #formats = new Map<string, DecimalFormat>([["", plainDecimalFormat]]);

  constructor(compiler: Compiler, root: DomNode) {
    this.#compiler = compiler;
    this.#root = root;
  }

  read(): Stylesheet {
    const compiler = this.#compiler;
    const root = this.#root;
    if (!isXsl(root, "stylesheet") && !isXsl(root, "transform"))
      compiler.fail(root, "a stylesheet begins with xsl:stylesheet");
    const version = compiler.required(root, "version");
    if (version !== "1.0") compiler.fail(root, "only XSLT 1.0 is supported");
    for (const child of compiler.contentOf(root).filter((each) => isXsl(each, "namespace-alias"))) this.#alias(child);
    for (const child of compiler.contentOf(root)) this.#declaration(child);
    this.#checkWanted();
    return {
      rules: byMode(this.#rules),
      named: this.#named,
      globals: this.#globals,
      parameters: this.#parameters,
      keys: this.#keys,
      attributeSets: new Map([...this.#sets].map(([name, parts]) => [name, together(parts)])),
      decimalFormats: this.#formats,
      output: readOutput(
        compiler,
        compiler.contentOf(root).filter((each) => isXsl(each, "output")),
      ),
      strips: readSpaces(compiler, compiler.contentOf(root)),
    };
  }

  #checkWanted(): void {
    const { wantedTemplates, wantedSets } = this.#compiler;
    for (const [name, by] of wantedTemplates) {
      if (!this.#named.has(name)) this.#compiler.fail(by, `there is no template named '${name}'`);
    }
    for (const [name, by] of wantedSets) {
      if (!this.#sets.has(name)) this.#compiler.fail(by, `there is no attribute set named '${name}'`);
    }
  }

  #declaration(node: DomNode): void {
    const compiler = this.#compiler;
    if (node.isText) return compiler.fail(this.#root, "text stands outside of all templates");
    if (node.name.uri !== xslUri) return this.#foreign(node);
    switch (node.name.local) {
      case "template":
        return this.#template(node);
      case "variable":
      case "param":
        return this.#global(node);
      case "key":
        return this.#key(node);
      case "attribute-set":
        return this.#set(node);
      case "decimal-format":
        return this.#format(node);
      case "output":
      case "strip-space":
      case "preserve-space":
      case "namespace-alias":
        return undefined;
      case "import":
      case "include":
        return compiler.fail(node, `${node.qualified} would read another stylesheet; put its templates here`);
      default:
        return compiler.fail(node, `${node.qualified} does not belong there`);
    }
  }

  /** Data of the stylesheet's own may stand there; scripts may not. @see XSLT 1.0 §2.2 */
  #foreign(node: DomNode): void {
    if (node.name.uri === "") this.#compiler.fail(node, `${node.qualified} does not belong there`);
    if (node.name.local === "script") this.#compiler.fail(node, "scripts are not run");
  }

  #alias(node: DomNode): void {
    const compiler = this.#compiler;
    const uriOf = (name: string): { prefix: string; uri: string } => {
      const prefix = compiler.required(node, name);
      return prefix === "#default"
        ? { prefix: "", uri: compiler.namespace(node, "") }
        : { prefix, uri: compiler.namespace(node, prefix) };
    };
    compiler.aliases.set(uriOf("stylesheet-prefix").uri, uriOf("result-prefix"));
  }

  #template(node: DomNode): void {
    const compiler = this.#compiler;
    const template: Template = {
      params: parametersOf(compiler, node, "param"),
      body: compiler.body(node, (child) => isXsl(child, "param")),
    };
    const name = compiler.attribute(node, "name");
    const match = compiler.attribute(node, "match");
    if (name !== undefined) {
      const expanded = compiler.expand(node, name);
      if (this.#named.has(expanded)) compiler.fail(node, `there are two templates named '${name}'`);
      this.#named.set(expanded, template);
    } else if (match === undefined) compiler.fail(node, "a template has 'match' or 'name'");
    if (match === undefined) return;
    const mode = compiler.attribute(node, "mode");
    const given = compiler.attribute(node, "priority");
    if (given !== undefined && !/^-?\d+(\.\d+)?$/.test(given)) compiler.fail(node, "'priority' is a number");
    for (const { matches, priority } of compiler.pattern(node, match)) {
      this.#rules.push({
        pattern: matches,
        priority: given === undefined ? priority : Number(given),
        template,
        mode: mode === undefined ? "" : compiler.expand(node, mode),
      });
    }
  }

  #global(node: DomNode): void {
    const { name, value } = compileParameter(this.#compiler, node);
    if (this.#globals.has(name)) this.#compiler.fail(node, `there are two variables named '${name}'`);
    this.#globals.set(name, value);
    if (node.name.local === "param") this.#parameters.add(name);
  }

  #key(node: DomNode): void {
    const compiler = this.#compiler;
    const name = compiler.expand(node, compiler.required(node, "name"));
    const use = compiler.expression(node, compiler.required(node, "use"));
    const keys = compiler
      .pattern(node, compiler.required(node, "match"))
      .map(({ matches }) => ({ pattern: matches, use }));
    this.#keys.set(name, [...(this.#keys.get(name) ?? []), ...keys]);
  }

  #set(node: DomNode): void {
    const name = this.#compiler.expand(node, this.#compiler.required(node, "name"));
    this.#sets.set(name, [...(this.#sets.get(name) ?? []), attributeSet(this.#compiler, node)]);
  }

  #format(node: DomNode): void {
    const compiler = this.#compiler;
    const name = compiler.attribute(node, "name");
    const said = (attribute: string): string | undefined => compiler.attribute(node, attribute);
    const plain = plainDecimalFormat;
    this.#formats.set(name === undefined ? "" : compiler.expand(node, name), {
      decimalSeparator: said("decimal-separator") ?? plain.decimalSeparator,
      groupingSeparator: said("grouping-separator") ?? plain.groupingSeparator,
      infinity: said("infinity") ?? plain.infinity,
      minusSign: said("minus-sign") ?? plain.minusSign,
      nan: said("NaN") ?? plain.nan,
      percent: said("percent") ?? plain.percent,
      perMille: said("per-mille") ?? plain.perMille,
      zeroDigit: said("zero-digit") ?? plain.zeroDigit,
      digit: said("digit") ?? plain.digit,
      patternSeparator: said("pattern-separator") ?? plain.patternSeparator,
    });
  }
}

function together(parts: readonly Instruction[]): Instruction {
  return function* (scene) {
    for (const part of parts) {
      const task = part(scene);
      if (task !== undefined) yield task;
    }
  };
}

/** The highest priority first; of equal ones the one that comes last. @see XSLT 1.0 §5.5 */
function byMode(rules: readonly PlacedRule[]): ReadonlyMap<string, readonly Rule[]> {
  const modes = new Map<string, PlacedRule[]>();
  for (const rule of rules.toReversed()) {
    const row = modes.get(rule.mode);
    if (row === undefined) modes.set(rule.mode, [rule]);
    else row.push(rule);
  }
  for (const row of modes.values()) row.sort((a, b) => b.priority - a.priority);
  return modes;
}
