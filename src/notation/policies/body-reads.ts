import type { Argument, Expression, PolicyNode } from "#model/policy-tree.ts";
import { bodyReads } from "#notation/cel/body-reads.ts";

/** The bodies that expressions look into. */
export interface BodyReads {
  readonly request: boolean;
  readonly response: boolean;
}

export const noBodies: BodyReads = { request: false, response: false };

export function bothReads(one: BodyReads, other: BodyReads): BodyReads {
  return { request: one.request || other.request, response: one.response || other.response };
}

/** What the expressions of one policy read; not those of policies inside it, which may never run. */
export function readsOfPolicy({ args }: PolicyNode): BodyReads {
  return readsOfAll(Object.values(args));
}

function readsOfAll(args: readonly Argument[]): BodyReads {
  return args.reduce((reads, argument) => bothReads(reads, readsOfArgument(argument)), noBodies);
}

function readsOfArgument(argument: Argument): BodyReads {
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

function readsOfExpression({ source }: Expression): BodyReads {
  return bodyReads(source);
}
