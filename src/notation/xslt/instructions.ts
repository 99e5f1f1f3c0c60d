import type { DomNode } from "#notation/dom/node.ts";
import { applyTemplates, callTemplate, choose, forEach, ifInstruction } from "./apply.ts";
import type { CompileElement, Compiler } from "./compiler.ts";
import { failed } from "./failure.ts";
import {
  attribute,
  comment,
  copy,
  copyOfInstruction,
  element,
  instruction as processingInstruction,
  literal,
  text,
  valueOf,
} from "./make.ts";
import { numberInstruction } from "./number.ts";
import type { Instruction } from "./stylesheet.ts";
import { variable } from "./variables.ts";

/** Messages go nowhere: they would be made of what clients send. */
const message: CompileElement = (compiler, node) => {
  compiler.body(node);
  return compiler.isYes(node, "terminate") === true
    ? () => failed("the stylesheet has ended the transformation")
    : () => undefined;
};

const table: Readonly<Record<string, CompileElement>> = {
  "apply-templates": applyTemplates,
  attribute,
  "call-template": callTemplate,
  choose,
  comment,
  copy,
  "copy-of": copyOfInstruction,
  element,
  "for-each": forEach,
  if: ifInstruction,
  message,
  number: numberInstruction,
  "processing-instruction": processingInstruction,
  text,
  "value-of": valueOf,
  variable,
};

export function compileInstruction(compiler: Compiler, node: DomNode): Instruction {
  const { local } = node.name;
  if (Object.hasOwn(table, local)) return (table[local] as CompileElement)(compiler, node);
  if (local === "apply-imports") return compiler.fail(node, "xsl:apply-imports needs imports, which there are none of");
  return compiler.fail(node, `${node.qualified} is no instruction of XSLT 1.0, or does not belong there`);
}

export function compileLiteral(compiler: Compiler, node: DomNode): Instruction {
  if (node.name.uri === "urn:schemas-microsoft-com:xslt")
    return compiler.fail(node, `${node.qualified} is an extension, and there are none`);
  return literal(compiler, node);
}
