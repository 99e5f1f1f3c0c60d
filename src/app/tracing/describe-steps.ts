import { sections } from "#model/policy-tree.ts";
import type { Change, TracedExpression, TracedStep } from "#model/tracing.ts";

/** Steps for a person, section by section, as lines. */
export function describeSteps(all: readonly TracedStep[]): readonly string[] {
  return sections.flatMap((section) => {
    const steps = all.filter((step) => step.section === section);
    return steps.length === 0 ? [] : [section, ...steps.flatMap(describeStep), ""];
  });
}

function describeStep({ depth, path, name, at, outcome, expressions, changes, traced }: TracedStep): readonly string[] {
  const indent = "  ".repeat(depth + 1);
  const own = path.split("/").at(-1) ?? name;
  const below = `${indent}    `;
  return [
    `${indent}${own.padEnd(Math.max(1, 34 - indent.length))}  ${outcome}  (${at})`,
    ...expressions.map((one) => `${below}${describeExpression(one)}`),
    ...traced.map((text) => `${below}trace: ${text}`),
    ...changes.flatMap((change) => describeChange(change).map((line) => `${below}${line}`)),
  ];
}

function describeExpression({ source, value, error }: TracedExpression): string {
  return `${source.length > 100 ? `${source.slice(0, 99)}…` : source} → ${error === null ? value : `error: ${error}`}`;
}

function describeChange({ what, before, after }: Change): readonly string[] {
  const lines: string[] = [];
  if (before !== null) lines.push(`- ${what}: ${before}`);
  if (after !== null) lines.push(`+ ${what}: ${after}`);
  return lines;
}
