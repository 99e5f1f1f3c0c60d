import type { Argument } from "#model/policy-tree.ts";
import { parseLiquid } from "#notation/liquid/engine.ts";
import { type ArgumentProblem, type CheckedArguments, literalOf } from "./common.ts";

/** Policies with an argument that may be a template in Liquid, which `template: liquid` says. */
function isLiquid({ template }: CheckedArguments): boolean {
  return literalOf(template) === "liquid";
}

/** Whether the template says `body` anywhere; once too often costs nothing but memory. */
export function templateReadsBody(argument: string): (args: CheckedArguments) => boolean {
  return (args) => isLiquid(args) && /\bbody\b/i.test(String(literalOf(args[argument]) ?? ""));
}

export function checkTemplateIn(argument: string): (args: CheckedArguments) => ArgumentProblem | undefined {
  return (args) => {
    const text = args[argument];
    if (!isLiquid(args) || text === undefined) return undefined;
    if (text.kind === "expression") return { argument, message: "a Liquid template holds no expressions" };
    const source = literalOf(text);
    // A text with holes cannot be parsed before they are filled.
    if (source === undefined)
      return isOpen(text) ? undefined : { argument, message: "a Liquid template holds no ${…}" };
    const parsed = parseLiquid(String(source));
    return "problem" in parsed ? { argument, message: `Liquid: ${parsed.problem}` } : undefined;
  };
}

function isOpen(text: Argument): boolean {
  return text.kind === "template" && text.parts.every((part) => typeof part === "string");
}
