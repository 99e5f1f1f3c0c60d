import type { DomNode } from "#notation/dom/node.ts";
import { toNumber } from "#notation/xpath/values.ts";
import { type CompileElement, type Compiler, writeText } from "./compiler.ts";
import { formatCount } from "./count.ts";
import type { Pattern } from "./pattern.ts";
import type { Scene } from "./scene.ts";

/** xsl:number. @see XSLT 1.0 §7.7 */
export const numberInstruction: CompileElement = (compiler, element) => {
  const value = compiler.attribute(element, "value");
  const counted = value === undefined ? counter(compiler, element) : undefined;
  const given = value === undefined ? undefined : compiler.expression(element, value);
  const format = compiler.template(element, "format") ?? (() => "1");
  const group = compiler.template(element, "grouping-separator") ?? (() => "");
  const groupSize = compiler.template(element, "grouping-size") ?? (() => "0");
  return (scene) => {
    const numbers =
      given === undefined ? (counted?.(scene) ?? []) : [Math.round(toNumber(scene.evaluate(given), scene.meter))];
    writeText(scene, formatCount(numbers, format(scene), group(scene), Number(groupSize(scene))));
    return undefined;
  };
};

function counter(compiler: Compiler, element: DomNode): (scene: Scene) => readonly number[] {
  const level = compiler.attribute(element, "level") ?? "single";
  if (!["single", "multiple", "any"].includes(level)) compiler.fail(element, "'level' is single, multiple or any");
  const count = anyOf(compiler, element, "count") ?? likeCurrent;
  const from = anyOf(compiler, element, "from") ?? (() => false);
  return (scene) => {
    if (level === "any") {
      const number = countBefore(scene, count, from);
      return number === 0 ? [] : [number];
    }
    const counted: number[] = [];
    for (let at: DomNode | null = scene.current; at !== null && !from(at, scene); at = at.parent) {
      if (!count(at, scene)) continue;
      counted.unshift(placeAmong(at, count, scene));
      if (level === "single") break;
    }
    return counted;
  };
}

function anyOf(compiler: Compiler, element: DomNode, name: string): Pattern | undefined {
  const text = compiler.attribute(element, name);
  if (text === undefined) return undefined;
  const alternatives = compiler.pattern(element, text);
  return (node, scene) => alternatives.some(({ matches }) => matches(node, scene));
}

const likeCurrent: Pattern = (node, { current }) =>
  node.kind === current.kind && node.name.local === current.name.local && node.name.uri === current.name.uri;

function placeAmong(node: DomNode, count: Pattern, scene: Scene): number {
  let place = 1;
  for (const sibling of node.parent?.children ?? []) {
    scene.meter.step();
    if (sibling === node) break;
    if (count(sibling, scene)) place++;
  }
  return place;
}

/** Nodes up to this one, in the order of the document, since the last where counting begins. */
function countBefore(scene: Scene, count: Pattern, from: Pattern): number {
  let counted = 0;
  for (let at: DomNode | null = scene.current; at !== null && !from(at, scene); at = before(at)) {
    scene.meter.step();
    if (count(at, scene)) counted++;
  }
  return counted;
}

function before(node: DomNode): DomNode | null {
  const row = node.kind === "attribute" ? [] : (node.parent?.children ?? []);
  let at = row[row.indexOf(node) - 1];
  if (at === undefined) return node.parent;
  while (at.children.length > 0) at = at.children.at(-1) as DomNode;
  return at;
}
