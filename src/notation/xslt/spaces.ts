import { type DomNode, xmlUri } from "#notation/dom/node.ts";
import type { Compiler } from "./compiler.ts";
import { isXsl } from "./variables.ts";

interface Test {
  readonly strips: boolean;
  /** A name counts more than a namespace, and that more than all. */
  readonly rank: number;
  readonly fits: (element: DomNode) => boolean;
}

/** xsl:strip-space and xsl:preserve-space. @see XSLT 1.0 §3.4 */
export function readSpaces(compiler: Compiler, declarations: readonly DomNode[]): (element: DomNode) => boolean {
  const tests = declarations
    .filter((each) => isXsl(each, "strip-space") || isXsl(each, "preserve-space"))
    .flatMap((each) =>
      compiler
        .required(each, "elements")
        .split(/\s+/)
        .filter((name) => name !== "")
        .map((name) => testOf(compiler, each, name)),
    )
    .toReversed()
    .toSorted((a, b) => b.rank - a.rank);
  if (tests.length === 0) return () => false;
  return (element) => (tests.find(({ fits }) => fits(element))?.strips ?? false) && !keepsByItself(element);
}

function testOf(compiler: Compiler, declaration: DomNode, name: string): Test {
  const strips = isXsl(declaration, "strip-space");
  if (name === "*") return { strips, rank: 0, fits: () => true };
  if (name.endsWith(":*")) {
    const uri = compiler.namespace(declaration, name.slice(0, -2));
    return { strips, rank: 1, fits: (element) => element.name.uri === uri };
  }
  const wanted = compiler.nameOf(declaration, name, "");
  return { strips, rank: 2, fits: ({ name: own }) => own.local === wanted.local && own.uri === wanted.uri };
}

function keepsByItself(element: DomNode): boolean {
  for (let at: DomNode | null = element; at !== null; at = at.parent) {
    const said = at.attribute(xmlUri, "space")?.value;
    if (said !== undefined) return said === "preserve";
  }
  return false;
}
