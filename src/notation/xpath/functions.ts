import { type DomNode, textOf, xmlUri } from "#notation/dom/node.ts";
import type { At, Functions, XPathFunction } from "./compile.ts";
import { read, toBoolean, toNodes, toNumber, toText, type Value } from "./values.ts";

function define(least: number, most: number, run: (at: At, args: readonly Value[]) => Value): XPathFunction {
  return { least, most, run };
}

/** A function over texts. */
function ofTexts(least: number, most: number, run: (...texts: string[]) => Value): XPathFunction {
  return define(least, most, ({ around }, args) => {
    const value = run(...args.map((arg) => read(toText(arg, around.meter), around.meter)));
    if (typeof value === "string") around.meter.charge(value.length * 2);
    return value;
  });
}

/** A function over a text, that of the node by default. */
function ofText(run: (text: string) => Value): XPathFunction {
  return define(0, 1, ({ node, around: { meter } }, [arg]) => {
    const value = run(read(arg === undefined ? textOf(node, meter) : toText(arg, meter), meter));
    if (typeof value === "string") meter.charge(value.length * 2);
    return value;
  });
}

/** A function over the first node of a set, or the node. */
function ofNode(run: (node: DomNode) => string): XPathFunction {
  return define(0, 1, ({ node }, [arg]) => {
    const first = arg === undefined ? node : toNodes(arg)[0];
    return first === undefined ? "" : run(first);
  });
}

function ofNumber(run: (value: number) => number): XPathFunction {
  return define(1, 1, ({ around }, [arg = ""]) => run(toNumber(arg, around.meter)));
}

/** Half goes up, also below zero. */
function round(value: number): number {
  return Number.isFinite(value) ? Math.floor(value + 0.5) : value;
}

function substring(text: string, from: number, length: number): string {
  const start = round(from);
  const end = start + round(length);
  // Characters count, not their halves.
  return [...text].filter((_, index) => index + 1 >= start && index + 1 < end).join("");
}

function translate(text: string, from: string, to: string): string {
  const source = [...from];
  const target = [...to];
  const replaced = new Map<string, string>();
  for (const [index, character] of source.entries()) {
    if (!replaced.has(character)) replaced.set(character, target[index] ?? "");
  }
  return [...text].map((character) => replaced.get(character) ?? character).join("");
}

function speaks(node: DomNode, wanted: string): boolean {
  for (let at: DomNode | null = node; at !== null; at = at.parent) {
    const said = at.attribute(xmlUri, "lang")?.value.toLowerCase();
    if (said !== undefined) return said === wanted || said.startsWith(`${wanted}-`);
  }
  return false;
}

/** The functions of XPath 1.0 §4. There are no document types, so no attribute is an identifier. */
const core: ReadonlyMap<string, XPathFunction> = new Map(
  Object.entries({
    last: define(0, 0, ({ size }) => size),
    position: define(0, 0, ({ position }) => position),
    count: define(1, 1, (_, [nodes = ""]) => toNodes(nodes).length),
    id: define(1, 1, () => []),
    "local-name": ofNode(({ name }) => name.local),
    "namespace-uri": ofNode(({ name }) => name.uri),
    name: ofNode((node) => node.qualified),
    string: ofText((text) => text),
    concat: ofTexts(2, 64, (...texts) => texts.join("")),
    "starts-with": ofTexts(2, 2, (text = "", start = "") => text.startsWith(start)),
    contains: ofTexts(2, 2, (text = "", part = "") => text.includes(part)),
    "substring-before": ofTexts(2, 2, (text = "", part = "") => text.slice(0, Math.max(0, text.indexOf(part)))),
    "substring-after": ofTexts(2, 2, (text = "", part = "") =>
      text.includes(part) ? text.slice(text.indexOf(part) + part.length) : "",
    ),
    substring: define(2, 3, ({ around: { meter } }, [text = "", from = 1, length]) => {
      const whole = read(toText(text, meter), meter);
      meter.charge(whole.length * 8);
      return substring(whole, toNumber(from, meter), length === undefined ? Infinity : toNumber(length, meter));
    }),
    "string-length": ofText((text) => [...text].length),
    "normalize-space": ofText((text) => text.replaceAll(/[ \t\r\n]+/g, " ").replaceAll(/^ | $/g, "")),
    translate: ofTexts(3, 3, (text = "", from = "", to = "") => translate(text, from, to)),
    boolean: define(1, 1, (_, [value = ""]) => toBoolean(value)),
    not: define(1, 1, (_, [value = ""]) => !toBoolean(value)),
    true: define(0, 0, () => true),
    false: define(0, 0, () => false),
    lang: define(1, 1, ({ node, around }, [wanted = ""]) => speaks(node, toText(wanted, around.meter).toLowerCase())),
    number: define(0, 1, ({ node, around }, [value = [node]]) => toNumber(value, around.meter)),
    sum: define(1, 1, ({ around: { meter } }, [nodes = ""]) =>
      toNodes(nodes).reduce((sum, node) => sum + toNumber([node], meter), 0),
    ),
    floor: ofNumber(Math.floor),
    ceiling: ofNumber(Math.ceil),
    round: ofNumber(round),
  }),
);

export const coreFunctions: Functions = (name) => core.get(name);
