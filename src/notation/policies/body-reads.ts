import type { Argument, Expression, PolicyNode, Section } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { bodyReads } from "#notation/cel/body-reads.ts";
import { csharpBodyReads } from "#notation/csharp/body-reads.ts";

/** The bodies that expressions look into. */
export interface BodyReads {
  readonly request: boolean;
  readonly response: boolean;
}

export const noBodies: BodyReads = { request: false, response: false };

export function bothReads(one: BodyReads, other: BodyReads): BodyReads {
  return { request: one.request || other.request, response: one.response || other.response };
}

/** What one policy and its expressions read; not those of policies inside it, which may never run. */
export function readsOfPolicy(node: PolicyNode, section: Section): BodyReads {
  const own = bothReads(readsByItself(node, section), readsOfAll(Object.values(node.args)));
  return partsOf(node).reduce((reads, part) => bothReads(reads, readsOfPolicy(part, section)), own);
}

function partsOf({ name, args }: PolicyNode): readonly PolicyNode[] {
  const specs = Object.entries(catalogue.get(name)?.args ?? {});
  return specs.flatMap(([argument, { parts }]) => {
    const given = args[argument];
    return parts === true && given?.kind === "policies" ? given.policies : [];
  });
}

function readsByItself({ name, args }: PolicyNode, section: Section): BodyReads {
  const reads = catalogue.get(name)?.readsBody;
  if (reads === undefined || (typeof reads === "function" && !reads(args))) return noBodies;
  const request = section === "inbound" || section === "backend";
  return { request, response: !request };
}

/** What policies, and all those inside them, may read. */
export function readsInside(nodes: readonly PolicyNode[], section: Section): BodyReads {
  return nodes.reduce((reads, node) => {
    const inner = readsInside(inside(Object.values(node.args)), section);
    return bothReads(reads, bothReads(readsOfPolicy(node, section), inner));
  }, noBodies);
}

function inside(args: readonly Argument[]): readonly PolicyNode[] {
  return args.flatMap((argument) => {
    if (argument.kind === "policies") return argument.policies;
    if (argument.kind === "list") return inside(argument.items);
    return argument.kind === "map" ? inside(Object.values(argument.entries)) : [];
  });
}

function readsOfAll(args: readonly Argument[]): BodyReads {
  return args.reduce((reads, argument) => bothReads(reads, readsOfArgument(argument)), noBodies);
}

export function readsOfArgument(argument: Argument): BodyReads {
  switch (argument.kind) {
    case "literal":
    case "policies":
      return noBodies;
    case "expression":
      return readsOfExpression(argument.expression);
    case "template":
      return argument.parts
        .filter((part) => typeof part !== "string")
        .reduce((reads, part) => bothReads(reads, readsOfExpression(part)), noBodies);
    case "list":
      return readsOfAll(argument.items);
    case "map":
      return readsOfAll(Object.values(argument.entries));
  }
}

function readsOfExpression({ language, source }: Expression): BodyReads {
  return language === "csharp" ? csharpBodyReads(source) : bodyReads(source);
}
