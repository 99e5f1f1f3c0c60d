import type { Approval, ApproverPlan } from "#model/approvals.ts";
import type { Access, Api, Product } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Expression } from "#model/policy-tree.ts";
import { approvalNames } from "#notation/cel/approval-names.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApprovalInput, ApproversInput } from "#config/table/approval.ts";

/** Approvals, each with what the rules open for it: access rules and members of products alone say that. */
export function buildApprovals(
  approvals: readonly Named<ApprovalInput>[],
  { apis, products }: { readonly apis: readonly Api[]; readonly products: readonly Product[] },
  problems: Problems,
): readonly Approval[] {
  const opens = new Map(approvals.map(({ name }) => [name, [] as string[]]));
  for (const api of apis) {
    note(conditionsOf(api.access), api.name, opens, problems);
    for (const { access, name } of api.operations) note(conditionsOf(access), `${api.name}/${name}`, opens, problems);
  }
  for (const { members, name } of products) {
    const conditions = (members ?? []).flatMap((rule) => (rule.kind === "cel" ? [rule.condition] : []));
    note(conditions, `product ${name}`, opens, problems);
  }
  return approvals.map(({ name, at, value }) => ({
    name,
    description: value.description,
    opens: opens.get(name) ?? [],
    maxDurationMs: value.maxDuration,
    answerWithinMs: value.answerWithin,
    requesters: value.requesters,
    approvers: planOf(value.approvers?.value, value.approvers?.at ?? at, problems),
    breakGlass:
      value.breakGlass === undefined
        ? null
        : { rules: value.breakGlass.for ?? [], maxDurationMs: value.breakGlass.maxDuration },
    mailTo: value.mailTo,
    at,
  }));
}

/** One of the three ways, whole. Without any, nobody's word is enough: a plan that no one can fulfil. */
function planOf(input: ApproversInput | undefined, at: SourcePosition, problems: Problems): ApproverPlan {
  const { anyOf, allOf, atLeast, of } = input ?? {};
  const ways = [anyOf, allOf, atLeast ?? of].filter((way) => way !== undefined);
  if (input !== undefined && ways.length !== 1) {
    const fix = "write anyOf: [ … ], allOf: [ … ], or atLeast: 2 and of: [ … ]";
    problems.error("value-invalid", at, "approvers say one way of deciding", fix);
  }
  if (anyOf !== undefined) return { kind: "anyOf", rules: anyOf };
  if (allOf !== undefined) return { kind: "allOf", rules: allOf };
  if (input !== undefined && (atLeast === undefined) !== (of === undefined)) {
    problems.error("value-invalid", at, "atLeast and of belong together", "write atLeast: 2 and of: [ … ]");
  }
  return { kind: "atLeast", count: atLeast ?? 2, rules: of ?? [] };
}

function conditionsOf(access: Access): readonly Expression[] {
  return access.kind === "rules" ? access.rules.map(({ condition }) => condition) : [];
}

function note(
  conditions: readonly Expression[],
  place: string,
  opens: Map<string, string[]>,
  problems: Problems,
): void {
  const named = new Set(conditions.flatMap((condition) => known(condition, opens, problems)));
  for (const name of named) opens.get(name)?.push(place);
}

/** A name that nobody can ever hold would lock its operation or product without a word. */
function known(condition: Expression, opens: ReadonlyMap<string, unknown>, problems: Problems): readonly string[] {
  const names = condition.language === "cel" ? approvalNames(condition.source) : [];
  for (const name of names) {
    if (opens.has(name)) continue;
    const fix = suggestion(name, [...opens.keys()], (one) => one) ?? `define it: approvals: { ${name}: { … } }`;
    problems.error("reference-unknown", condition.at, `there is no approval ${name}`, fix);
  }
  return names;
}
