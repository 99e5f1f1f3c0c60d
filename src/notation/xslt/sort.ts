import type { DomNode } from "#notation/dom/node.ts";
import { toNumber, toText } from "#notation/xpath/values.ts";
import type { Compiler } from "./compiler.ts";
import type { Scene, SceneRun } from "./scene.ts";
import type { TextRun } from "./stylesheet.ts";
import { isXsl } from "./variables.ts";

interface Sort {
  readonly select: SceneRun;
  readonly order: TextRun;
  readonly dataType: TextRun;
  readonly caseOrder: TextRun;
  readonly lang: TextRun;
}

export type SortNodes = (nodes: readonly DomNode[], scene: Scene) => readonly DomNode[];

const keep: SortNodes = (nodes) => nodes;

/** The xsl:sort elements inside another. @see XSLT 1.0 §10 */
export function compileSorts(compiler: Compiler, element: DomNode): SortNodes {
  const sorts = compiler
    .contentOf(element)
    .filter((child) => isXsl(child, "sort"))
    .map((child) => compileSort(compiler, child));
  return sorts.length === 0 ? keep : (nodes, scene) => sorted(nodes, sorts, scene);
}

function compileSort(compiler: Compiler, element: DomNode): Sort {
  const text = (name: string, value: string): TextRun => compiler.template(element, name) ?? (() => value);
  return {
    select: compiler.expression(element, compiler.attribute(element, "select") ?? "."),
    order: text("order", "ascending"),
    dataType: text("data-type", "text"),
    caseOrder: text("case-order", ""),
    lang: text("lang", "en"),
  };
}

type Compare = (a: string | number, b: string | number) => number;

function sorted(nodes: readonly DomNode[], sorts: readonly Sort[], scene: Scene): readonly DomNode[] {
  const { meter } = scene;
  meter.charge(nodes.length * sorts.length * 64);
  meter.step(nodes.length * sorts.length * (1 + Math.ceil(Math.log2(nodes.length + 1))));
  const comparisons = sorts.map((sort) => comparison(sort, scene));
  const rows = nodes.map((node, index) => {
    const at = { node, position: index + 1, size: nodes.length, around: scene.at(node, index + 1, nodes.length) };
    return {
      node,
      keys: comparisons.map(({ isNumber, select }) => {
        const value = select(at);
        return isNumber ? toNumber(value, meter) : toText(value, meter);
      }),
    };
  });
  return rows
    .toSorted((a, b) => {
      for (const [index, { compare }] of comparisons.entries()) {
        const difference = compare(a.keys[index] ?? "", b.keys[index] ?? "");
        if (difference !== 0) return difference;
      }
      return 0;
    })
    .map(({ node }) => node);
}

function comparison(
  sort: Sort,
  scene: Scene,
): { readonly isNumber: boolean; readonly select: SceneRun; readonly compare: Compare } {
  const isNumber = sort.dataType(scene) === "number";
  const compare = isNumber ? compareNumbers : compareTexts(sort.lang(scene), sort.caseOrder(scene));
  const isReverse = sort.order(scene) === "descending";
  return { isNumber, select: sort.select, compare: isReverse ? (a, b) => compare(b, a) : compare };
}

/** What is no number comes before all that are. */
const compareNumbers: Compare = (a, b) => {
  const [left, right] = [Number(a), Number(b)];
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return left - right;
};

function compareTexts(lang: string, caseOrder: string): Compare {
  const caseFirst = caseOrder === "upper-first" ? "upper" : caseOrder === "lower-first" ? "lower" : "false";
  const known = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(lang) ? [lang, "en"] : ["en"];
  const collator = new Intl.Collator(known, { caseFirst });
  return (a, b) => collator.compare(String(a), String(b));
}
