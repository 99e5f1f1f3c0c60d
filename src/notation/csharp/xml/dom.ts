import { atOnce } from "#lib/slices.ts";
import { type DomNode, namespaceOf, walk } from "#notation/dom/node.ts";
import { readDom } from "#notation/dom/read.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { compileXPath } from "#notation/xpath/compile.ts";
import { coreFunctions } from "#notation/xpath/functions.ts";
import { type Namespaces, parseXPath } from "#notation/xpath/parse.ts";
import { wrong, XPathProblem } from "#notation/xpath/problem.ts";
import type { Value } from "#notation/xpath/values.ts";
import { runMeter } from "./run-meter.ts";

/** Reads a document as XmlDocument has it. @throws NetException XmlException */
export function parseDom(text: string, keepsBlanks: boolean): DomNode {
  return atOnce(
    readDom(text, {
      meter: runMeter,
      keepsBlanks,
      keepsDeclaration: true,
      fail: (message) => {
        throw new NetException("XmlException", message);
      },
    }),
  );
}

/** Nodes of a fragment: what InnerXml is set to. Prefixes mean what they mean at the node. */
export function parseFragment(text: string, around: DomNode): readonly DomNode[] {
  const used = new Set([...text.matchAll(/[<\s/]([\p{L}_][\p{L}\p{N}_.-]*):/gu)].map(([, prefix = ""]) => prefix));
  const declared = ["", ...used].flatMap((prefix) => {
    const uri = prefix === "xml" || prefix === "xmlns" ? undefined : namespaceOf(around, prefix);
    if (uri === undefined || uri === "") return [];
    return [
      ` xmlns${prefix === "" ? "" : `:${prefix}`}="${uri.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`,
    ];
  });
  const [root] = parseDom(`<x${declared.join("")}>${text}</x>`, false).children;
  const nodes = root?.children.slice() ?? [];
  for (const node of nodes) node.parent = null;
  return nodes;
}

/** What a path gives. @throws NetException XPathException */
export function evaluatePath(node: DomNode, path: string, namespaces: Namespaces): Value {
  try {
    const run = compileXPath(parseXPath(path, namespaces), coreFunctions);
    const around = { meter: runMeter, current: node, variable: () => wrong("there are no variables") };
    return run({ node, position: 1, size: 1, around });
  } catch (error) {
    if (error instanceof XPathProblem) throw new NetException("XPathException", `Invalid XPath: ${error.message}.`);
    throw error;
  }
}

export function selectNodes(node: DomNode, path: string, namespaces: Namespaces): readonly DomNode[] {
  const found = evaluatePath(node, path, namespaces);
  if (typeof found === "object") return found;
  throw new NetException("XPathException", "Expression must evaluate to a node-set.");
}

/** Elements below by their name: as it is written, or `*`. */
export function elementsNamed(node: DomNode, name: string): DomNode[] {
  return elementsBelow(node, (each) => name === "*" || each.qualified === name);
}

export function elementsIn(node: DomNode, local: string, uri: string): DomNode[] {
  return elementsBelow(
    node,
    ({ name }) => (local === "*" || name.local === local) && (uri === "*" || name.uri === uri),
  );
}

function elementsBelow(node: DomNode, fits: (node: DomNode) => boolean): DomNode[] {
  return [...walk(node, runMeter)].filter((each) => each !== node && each.kind === "element" && fits(each));
}
