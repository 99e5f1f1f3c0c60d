import type { DomNode } from "#notation/dom/node.ts";
import type { Expression, PathStep } from "#notation/xpath/ast.ts";
import { axisNodes } from "#notation/xpath/axes.ts";
import { compileXPath, filtered, type Functions, nodeTest } from "#notation/xpath/compile.ts";
import { wrong } from "#notation/xpath/problem.ts";
import type { Scene, SceneRun } from "./scene.ts";

/** Does a node match? */
export type Pattern = (node: DomNode, scene: Scene) => boolean;

export interface PatternAlternative {
  readonly matches: Pattern;
  readonly priority: number;
}

/** The alternatives of a pattern, each a rule of its own. @see XSLT 1.0 §5.2, §5.5 @throws XPathProblem */
export function compilePattern(pattern: Expression, functions: Functions<Scene>): readonly PatternAlternative[] {
  if (pattern.kind === "union")
    return [...compilePattern(pattern.left, functions), ...compilePattern(pattern.right, functions)];
  if (pattern.kind !== "path" || typeof pattern.from !== "string")
    return wrong("a pattern is a path of elements and attributes");
  const steps = pattern.steps.map((step) => compileStep(step, functions));
  const isFromTop = pattern.from === "top";
  return [
    {
      priority: priorityOf(pattern.steps, isFromTop),
      matches: (node, scene) => matchFrom(steps, steps.length - 1, node, isFromTop, scene),
    },
  ];
}

function priorityOf(steps: readonly PathStep[], isFromTop: boolean): number {
  const [step, ...more] = steps;
  if (step === undefined || isFromTop || more.length > 0 || step.predicates.length > 0) return 0.5;
  const { test } = step;
  if (test.kind === "instruction") return test.target === null ? -0.5 : 0;
  if (test.kind !== "name") return -0.5;
  if (test.local !== "*") return 0;
  return test.uri === null ? -0.5 : -0.25;
}

interface Step {
  /** Of `//`: anything may stand between what is before and what is after it. */
  readonly isGap: boolean;
  readonly fits: (node: DomNode, scene: Scene) => boolean;
}

function compileStep({ axis, test, predicates }: PathStep, functions: Functions<Scene>): Step {
  if (axis === "descendant-or-self" && test.kind === "node" && predicates.length === 0)
    return { isGap: true, fits: () => true };
  if (axis !== "child" && axis !== "attribute") return wrong("a pattern has steps to children and attributes only");
  const isOfAttribute = axis === "attribute";
  const isOfTest = nodeTest(test, isOfAttribute);
  const isThere = (node: DomNode): boolean =>
    node.parent !== null && (node.kind === "attribute") === isOfAttribute && isOfTest(node);
  if (predicates.length === 0) return { isGap: false, fits: isThere };
  const runs: readonly SceneRun[] = predicates.map((predicate) => compileXPath(predicate, functions));
  const counts = predicates.some(isPositional);
  return {
    isGap: false,
    fits(node, scene) {
      if (!isThere(node)) return false;
      // Only where places count do the siblings matter: they can be many.
      const row = counts ? [...axisNodes[axis](node.parent as DomNode, scene.meter)].filter(isThere) : [node];
      scene.meter.step(row.length);
      return filtered(row, runs, scene).includes(node);
    },
  };
}

function matchFrom(steps: readonly Step[], last: number, node: DomNode, isFromTop: boolean, scene: Scene): boolean {
  scene.meter.step();
  const step = steps[last];
  if (step === undefined) return isFromTop ? node.parent === null : true;
  if (step.isGap) {
    for (let at: DomNode | null = node; at !== null; at = at.parent) {
      if (matchFrom(steps, last - 1, at, isFromTop, scene)) return true;
    }
    return false;
  }
  if (!step.fits(node, scene)) return false;
  if (last === 0 && !isFromTop) return true;
  return node.parent !== null && matchFrom(steps, last - 1, node.parent, isFromTop, scene);
}

const numeric: ReadonlySet<string> = new Set([
  "position",
  "last",
  "count",
  "sum",
  "number",
  "string-length",
  "floor",
  "ceiling",
  "round",
]);

/** May a predicate ask for places? Said of more of them than do. */
function isPositional(predicate: Expression): boolean {
  const { kind } = predicate;
  if (kind === "number" || kind === "negate" || kind === "variable") return true;
  if (kind === "call") return numeric.has(predicate.name) || predicate.name.startsWith("{") || asksForPlace(predicate);
  if (kind === "binary" && /^[-+*]$|^div$|^mod$/.test(predicate.operator)) return true;
  return asksForPlace(predicate);
}

function asksForPlace(expression: Expression): boolean {
  switch (expression.kind) {
    case "call":
      return expression.name === "position" || expression.name === "last" || expression.args.some(asksForPlace);
    case "binary":
    case "union":
      return asksForPlace(expression.left) || asksForPlace(expression.right);
    case "negate":
    case "filter":
      return asksForPlace(expression.of);
    case "path":
      return typeof expression.from !== "string" && asksForPlace(expression.from);
    default:
      return false;
  }
}
