import type { DomNode } from "#notation/dom/node.ts";
import { toBoolean, toNodes, type Value } from "#notation/xpath/values.ts";
import type { CompileElement, Compiler } from "./compiler.ts";
import { writeText } from "./compiler.ts";
import { Scene } from "./scene.ts";
import { compileSorts } from "./sort.ts";
import type { Instruction, Parameter, Template } from "./stylesheet.ts";
import type { Task } from "./task.ts";
import { evaluateSource, isXsl, parametersOf } from "./variables.ts";

type Arguments = ReadonlyMap<string, Value>;

const noArguments: Arguments = new Map();

/** What running a template is beside looking at a node. Places are short-lived, so they are steps rather than bytes. */
const callSteps = 4;

export const applyTemplates: CompileElement = (compiler, element) => {
  const select = compiler.expression(element, compiler.attribute(element, "select") ?? "node()");
  const modeName = compiler.attribute(element, "mode");
  const mode = modeName === undefined ? "" : compiler.expand(element, modeName);
  const sort = compileSorts(compiler, element);
  const given = parametersOf(compiler, element, "with-param");
  checkContent(compiler, element, ["sort", "with-param"]);
  return function* (scene) {
    const values = new Map<string, Value>();
    for (const each of given) yield* argument(each, scene, values);
    const nodes = sort(toNodes(scene.evaluate(select)), scene);
    yield applyTo(nodes, mode, values, scene);
  };
};

export const callTemplate: CompileElement = (compiler, element) => {
  const name = compiler.expand(element, compiler.required(element, "name"));
  compiler.wantedTemplates.push([name, element]);
  const given = parametersOf(compiler, element, "with-param");
  checkContent(compiler, element, ["with-param"]);
  return function* (scene) {
    const values = new Map<string, Value>();
    for (const each of given) yield* argument(each, scene, values);
    const template = scene.engine.stylesheet.named.get(name) as Template;
    yield runTemplate(template, scene.at(scene.current, scene.position, scene.size), values);
  };
};

function checkContent(compiler: Compiler, element: DomNode, allowed: readonly string[]): void {
  for (const child of compiler.contentOf(element)) {
    if (!allowed.some((name) => isXsl(child, name))) compiler.fail(element, `${element.qualified} has content amiss`);
  }
}

function* argument({ name, value: source }: Parameter, scene: Scene, values: Map<string, Value>): Task {
  yield evaluateSource(source, scene, (value) => values.set(name, value));
}

/** Runs the templates that fit the nodes. */
export function* applyTo(nodes: readonly DomNode[], mode: string, values: Arguments, scene: Scene): Task {
  for (const [index, node] of nodes.entries()) {
    const { engine, out, meter } = scene;
    meter.step(callSteps);
    const inner = new Scene(engine, node, index + 1, nodes.length, mode, null, out);
    const rule = engine.stylesheet.rules.get(mode)?.find(({ pattern }) => pattern(node, inner));
    if (rule !== undefined) yield runTemplate(rule.template, inner, values);
    else if (node.kind === "element" || node.kind === "document")
      yield applyTo(node.children, mode, noArguments, inner);
    // Comments and instructions are left out. @see XSLT 1.0 §5.8
    else if (node.isText || node.kind === "attribute") writeText(inner, node.value);
  }
}

function* runTemplate({ params, body }: Template, scene: Scene, values: Arguments): Task {
  scene.meter.step(callSteps);
  scene.variables = null;
  for (const { name, value: source } of params) {
    const set = (value: Value): void => {
      scene.variables = { name, value, outer: scene.variables };
    };
    const given = values.get(name);
    if (given === undefined) yield evaluateSource(source, scene, set);
    else set(given);
  }
  const task = body(scene);
  if (task !== undefined) yield task;
}

export const forEach: CompileElement = (compiler, element) => {
  const select = compiler.expression(element, compiler.required(element, "select"));
  const sort = compileSorts(compiler, element);
  const body = compiler.body(element, (child) => isXsl(child, "sort"));
  return function* (scene) {
    const nodes = sort(toNodes(scene.evaluate(select)), scene);
    for (const [index, node] of nodes.entries()) {
      const task = body(scene.at(node, index + 1, nodes.length));
      if (task !== undefined) yield task;
    }
  };
};

export const ifInstruction: CompileElement = (compiler, element) => {
  const test = compiler.expression(element, compiler.required(element, "test"));
  const body = compiler.body(element);
  return (scene) => (toBoolean(scene.evaluate(test)) ? body(scene) : undefined);
};

export const choose: CompileElement = (compiler, element) => {
  const branches = compiler.contentOf(element).map((child) => {
    const isWhen = isXsl(child, "when");
    if (!isWhen && !isXsl(child, "otherwise")) compiler.fail(element, "xsl:choose has xsl:when and xsl:otherwise only");
    const test = isWhen ? compiler.expression(child, compiler.required(child, "test")) : () => true;
    return { test, body: compiler.body(child) };
  });
  if (branches.length === 0) compiler.fail(element, "xsl:choose has no xsl:when");
  const run: Instruction = (scene) => branches.find(({ test }) => toBoolean(scene.evaluate(test)))?.body(scene);
  return run;
};
