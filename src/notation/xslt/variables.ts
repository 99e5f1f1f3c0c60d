import type { DomNode } from "#notation/dom/node.ts";
import type { Value } from "#notation/xpath/values.ts";
import type { Compiler } from "./compiler.ts";
import { xslUri } from "./names.ts";
import type { Scene } from "./scene.ts";
import type { Instruction, Parameter, VariableSource } from "./stylesheet.ts";
import type { Task } from "./task.ts";

export function isXsl(node: DomNode, local: string): boolean {
  return node.kind === "element" && node.name.uri === xslUri && node.name.local === local;
}

/** What xsl:variable, xsl:param and xsl:with-param are: `select`, or what stands inside, or an empty text. */
export function compileSource(compiler: Compiler, element: DomNode): VariableSource {
  const select = compiler.attribute(element, "select");
  const isEmpty = compiler.contentOf(element).length === 0;
  if (select !== undefined) {
    if (!isEmpty) compiler.fail(element, `${element.qualified} has 'select' and content`);
    return { kind: "expression", run: compiler.expression(element, select) };
  }
  return isEmpty ? { kind: "expression", run: () => "" } : { kind: "tree", run: compiler.body(element) };
}

export function compileParameter(compiler: Compiler, element: DomNode): Parameter {
  const name = compiler.expand(element, compiler.required(element, "name"));
  return { name, value: compileSource(compiler, element) };
}

/** Parameters that stand first. */
export function parametersOf(compiler: Compiler, element: DomNode, kind: "param" | "with-param"): readonly Parameter[] {
  return compiler
    .contentOf(element)
    .filter((child) => isXsl(child, kind))
    .map((child) => compileParameter(compiler, child));
}

/** Finds the value of a variable. */
export function* evaluateSource(source: VariableSource, scene: Scene, set: (value: Value) => void): Task {
  if (source.kind === "expression") return set(scene.evaluate(source.run));
  const tree = scene.make("document");
  yield* writingTo(scene, tree, source.run);
  set([tree]);
}

/** Runs an instruction with its results going elsewhere. */
export function* writingTo(scene: Scene, out: DomNode, instruction: Instruction): Task {
  const before = scene.out;
  scene.out = out;
  const task = instruction(scene);
  if (task !== undefined) yield task;
  scene.out = before;
}

export function variable(compiler: Compiler, element: DomNode): Instruction {
  const { name, value: source } = compileParameter(compiler, element);
  return (scene) =>
    evaluateSource(source, scene, (value) => {
      scene.meter.charge(64);
      scene.variables = { name, value, outer: scene.variables };
    });
}
