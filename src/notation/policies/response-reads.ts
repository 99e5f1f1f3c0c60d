import type { Argument, Expression } from "#model/policy-tree.ts";
import { readsResponse } from "#notation/cel/body-reads.ts";

/** Whether a value can only be told once there is a response. */
export function needsResponse(argument: Argument | undefined): boolean {
  if (argument?.kind === "expression") return expressionNeedsResponse(argument.expression);
  if (argument?.kind !== "template") return false;
  return argument.parts.some((part) => typeof part !== "string" && expressionNeedsResponse(part));
}

function expressionNeedsResponse({ language, source }: Expression): boolean {
  return language === "csharp" ? /\bcontext\s*\.\s*Response\b/.test(source) : readsResponse(source);
}
