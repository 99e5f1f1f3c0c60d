import type { Meter } from "#notation/dom/meter.ts";
import { type DomNode, numberTree, topOf } from "#notation/dom/node.ts";
import type { BinaryOperator, Expression, NodeTest, PathStep } from "./ast.ts";
import { axisNodes, reverseAxes } from "./axes.ts";
import { isEqual, isLess } from "./compare.ts";
import { wrong } from "./problem.ts";
import { toBoolean, toNodes, toNumber, type Value } from "./values.ts";

/** What is around an expression while it runs. */
export interface Surroundings {
  readonly meter: Meter;
  /** `{uri}local`, or a local name. */
  variable(name: string): Value;
  /** The node that the whole expression is looked at from: XSLT's current(). */
  readonly current: DomNode;
}

/** The context of XPath 1.0 §1. */
export interface At<Around extends Surroundings = Surroundings> {
  readonly node: DomNode;
  /** From 1. */
  readonly position: number;
  readonly size: number;
  readonly around: Around;
}

export type Run<Around extends Surroundings = Surroundings> = (at: At<Around>) => Value;

export interface XPathFunction<Around extends Surroundings = Surroundings> {
  readonly least: number;
  readonly most: number;
  run(at: At<Around>, args: readonly Value[]): Value;
}

/** A function by its name, `{uri}local` where it has a prefix; undefined: there is none. */
export type Functions<Around extends Surroundings = Surroundings> = (name: string) => XPathFunction<Around> | undefined;

/** An expression, ready to run. @throws XPathProblem for a function that is not there */
export function compileXPath<Around extends Surroundings>(
  expression: Expression,
  functions: Functions<Around>,
): Run<Around> {
  return new Compiler(functions).compile(expression);
}

class Compiler<Around extends Surroundings> {
  readonly #functions: Functions<Around>;

  constructor(functions: Functions<Around>) {
    this.#functions = functions;
  }

  compile(expression: Expression): Run<Around> {
    switch (expression.kind) {
      case "number":
      case "text": {
        const { value } = expression;
        return () => value;
      }
      case "variable": {
        const { name } = expression;
        return ({ around }) => around.variable(name);
      }
      case "negate": {
        const of = this.compile(expression.of);
        return (at) => -toNumber(of(at), at.around.meter);
      }
      case "union": {
        const left = this.compile(expression.left);
        const right = this.compile(expression.right);
        return (at) => inOrder([...toNodes(left(at)), ...toNodes(right(at))], at.around.meter);
      }
      case "filter":
        return this.#filter(expression);
      case "path":
        return this.#path(expression);
      case "call":
        return this.#call(expression.name, expression.args);
      case "binary":
        return binary(expression.operator, this.compile(expression.left), this.compile(expression.right));
    }
  }

  #call(name: string, args: readonly Expression[]): Run<Around> {
    const called = this.#functions(name);
    if (called === undefined) return wrong(`there is no function '${name}'`);
    if (args.length < called.least || args.length > called.most) wrong(`'${name}' takes other arguments`);
    const runs = args.map((arg) => this.compile(arg));
    return (at) => {
      at.around.meter.step();
      return called.run(
        at,
        runs.map((run) => run(at)),
      );
    };
  }

  #filter({ of, predicates }: Extract<Expression, { kind: "filter" }>): Run<Around> {
    const run = this.compile(of);
    const tests = predicates.map((predicate) => this.#test(predicate));
    return (at) => filtered(toNodes(run(at)), tests, at.around);
  }

  #path({ from, steps }: Extract<Expression, { kind: "path" }>): Run<Around> {
    const runs = joined(steps).map((step) => this.step(step));
    const start = typeof from === "string" ? undefined : this.compile(from);
    return (at) => {
      const { around } = at;
      let nodes: readonly DomNode[] =
        start === undefined ? [from === "top" ? topOf(at.node) : at.node] : toNodes(start(at));
      for (const run of runs) {
        const found: DomNode[] = [];
        for (const node of nodes) for (const each of run(node, around)) found.push(each);
        nodes = inOrder(found, around.meter);
      }
      return nodes;
    };
  }

  #test(predicate: Expression): Test<Around> {
    return predicate.kind === "number" ? predicate.value : this.compile(predicate);
  }

  /** Nodes that a step selects from one, the nearest first. */
  step({ axis, test, predicates }: PathStep): (node: DomNode, around: Around) => readonly DomNode[] {
    const nodesOf = axisNodes[axis];
    const fits = nodeTest(test, axis === "attribute");
    const tests = predicates.map((predicate) => this.#test(predicate));
    return (node, around) => {
      const { meter } = around;
      numberTree(topOf(node), meter);
      const found: DomNode[] = [];
      for (const each of nodesOf(node, meter)) {
        meter.step();
        if (fits(each)) found.push(each);
      }
      const kept = tests.length === 0 ? found : filtered(found, tests, around);
      return reverseAxes.has(axis) ? kept.toReversed() : kept;
    };
  }
}

/** `//a` looks at all nodes below and at the children of each; without predicates that is what stands below. */
function joined(steps: readonly PathStep[]): readonly PathStep[] {
  const made: PathStep[] = [];
  for (const step of steps) {
    const before = made.at(-1);
    const isShort =
      before?.axis === "descendant-or-self" &&
      before.test.kind === "node" &&
      before.predicates.length === 0 &&
      step.axis === "child" &&
      step.predicates.length === 0;
    if (isShort) made[made.length - 1] = { ...step, axis: "descendant" };
    else made.push(step);
  }
  return made;
}

export function nodeTest(test: NodeTest, isAttribute: boolean): (node: DomNode) => boolean {
  const { kind } = test;
  switch (kind) {
    case "name": {
      const { uri, local } = test;
      const principal = isAttribute ? "attribute" : "element";
      return (node) =>
        node.kind === principal &&
        (local === "*" || node.name.local === local) &&
        (uri === null ? true : node.name.uri === uri) &&
        !node.isNamespace;
    }
    case "instruction": {
      const { target } = test;
      return (node) => node.kind === "instruction" && (target === null || node.name.local === target);
    }
    case "node":
      return (node) => node.kind !== "declaration" && !node.isNamespace;
    case "text":
      return (node) => node.isText;
    case "comment":
      return (node) => node.kind === "comment";
  }
}

/** A predicate: a place, written out, or what has to hold. */
export type Test<Around extends Surroundings> = number | Run<Around>;

export function filtered<Around extends Surroundings>(
  nodes: readonly DomNode[],
  tests: readonly Test<Around>[],
  around: Around,
): readonly DomNode[] {
  let kept = nodes;
  for (const test of tests) {
    if (typeof test === "number") {
      const only = kept[test - 1];
      kept = only === undefined ? [] : [only];
      continue;
    }
    const size = kept.length;
    kept = kept.filter((node, index) => {
      around.meter.step();
      const value = test({ node, position: index + 1, size, around });
      return typeof value === "number" ? value === index + 1 : toBoolean(value);
    });
  }
  return kept;
}

/** In the order of the document, each once. Nodes of several trees stay together by tree. */
export function inOrder(nodes: readonly DomNode[], meter: Meter): readonly DomNode[] {
  if (nodes.length < 2) return nodes;
  meter.step(nodes.length);
  const tops = nodes.map(topOf);
  const first = tops[0] as DomNode;
  if (tops.every((top) => top === first)) return sortedByOrder(nodes, first, meter);
  const groups = new Map<DomNode, DomNode[]>();
  for (const [index, top] of tops.entries()) {
    const group = groups.get(top);
    if (group === undefined) groups.set(top, [nodes[index] as DomNode]);
    else group.push(nodes[index] as DomNode);
  }
  return [...groups].flatMap(([top, group]) => sortedByOrder(group, top, meter));
}

function sortedByOrder(nodes: readonly DomNode[], top: DomNode, meter: Meter): readonly DomNode[] {
  numberTree(top, meter);
  let last = -1;
  let isSorted = true;
  for (const { order } of nodes) {
    if (order <= last) isSorted = false;
    last = order;
  }
  return isSorted ? nodes : [...new Set(nodes)].toSorted((a, b) => a.order - b.order);
}

function binary<Around extends Surroundings>(
  operator: BinaryOperator,
  left: Run<Around>,
  right: Run<Around>,
): Run<Around> {
  const numbers =
    (make: (a: number, b: number) => number): Run<Around> =>
    (at) =>
      make(toNumber(left(at), at.around.meter), toNumber(right(at), at.around.meter));
  switch (operator) {
    case "or":
      return (at) => toBoolean(left(at)) || toBoolean(right(at));
    case "and":
      return (at) => toBoolean(left(at)) && toBoolean(right(at));
    case "=":
    case "!=":
      return (at) => isEqual(left(at), right(at), operator === "=", at.around.meter);
    case "<":
    case "<=":
      return (at) => isLess(left(at), right(at), operator === "<=", at.around.meter);
    case ">":
    case ">=":
      return (at) => isLess(right(at), left(at), operator === ">=", at.around.meter);
    case "+":
      return numbers((a, b) => a + b);
    case "-":
      return numbers((a, b) => a - b);
    case "*":
      return numbers((a, b) => a * b);
    case "div":
      return numbers((a, b) => a / b);
    case "mod":
      return numbers((a, b) => a % b);
  }
}
