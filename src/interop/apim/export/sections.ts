import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyDocument, PolicyNode, Section } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import { node } from "./nodes.ts";

/**
 * A document with every section written out. What is missing means the broader scope's section; in the global one there
 * is none, and what forwards has to stand there.
 */
export function complete(document: PolicyDocument, isGlobal: boolean, at: SourcePosition): PolicyDocument {
  const filled = sections.map((section) => [section, document[section] ?? missing(section, isGlobal, at)] as const);
  return Object.fromEntries(filled);
}

function missing(section: Section, isGlobal: boolean, at: SourcePosition): readonly PolicyNode[] {
  if (!isGlobal) return [{ name: "base", at, args: {} }];
  return section === "backend" ? [node("forward-request", at)] : [];
}

/** The same with policies before all others of inbound. */
export function precededBy(document: PolicyDocument, first: readonly PolicyNode[], at: SourcePosition): PolicyDocument {
  if (first.length === 0) return document;
  return { ...document, inbound: [...first, ...(document.inbound ?? [{ name: "base", at, args: {} }])] };
}

/** Whether the broader scope's inbound runs before anything else of this one. */
export function beginsWithBase({ inbound }: PolicyDocument): boolean {
  return inbound === undefined || inbound[0]?.name === "base";
}

export function isEmptyDocument(document: PolicyDocument): boolean {
  return sections.every((section) => document[section] === undefined);
}
