import type { AccessVerdict, RefusalRow, RuleRow } from "#app/access/access-check.ts";
import type { Principal } from "#model/principal.ts";
import { table } from "#cli/table.ts";

/** For people: who asks for what, each rule with its value, the outcome, and what would have to change. */
export function describeVerdict(verdict: AccessVerdict, principal: Principal): string {
  const lines = [
    `Principal  ${printable(principal.id)} (${principal.kind})`,
    `Route      ${routeText(verdict)}`,
    ...(verdict.product === null ? [] : [`Product    ${verdict.product}`]),
    "",
    ...ruleLines(verdict),
    ...outcomeLines(verdict),
  ];
  return `${lines.join("\n")}\n`;
}

function routeText({ route }: AccessVerdict): string {
  if (route === null) return "none";
  return `${route.api}/${route.operation}: ${route.method} ${route.path}`;
}

function ruleLines({ route, rules, public: isPublic }: AccessVerdict): readonly string[] {
  if (route === null) return [];
  if (rules.length === 0) return [isPublic ? "access: public" : "no access rules: its products decide", ""];
  return [...table(["RULE", "VALUE", "CONDITION", "AT"], rules.map(ruleCells)), ""];
}

function ruleCells({ effect, value, condition, at }: RuleRow): readonly string[] {
  return [effect, String(value), printable(condition), at];
}

function outcomeLines({ allowed, steps, refusal }: AccessVerdict): readonly string[] {
  if (allowed) return ["Allowed    (policies, such as limits and ip-filter, were not run)"];
  const step = steps.at(-1)?.step ?? "";
  return refusal === null ? [] : refusalLines(refusal, step);
}

function refusalLines({ status, reason, message, detail, remedy, approval }: RefusalRow, step: string): string[] {
  return [
    `Refused    ${status} ${reason} (${step}): ${message}`,
    ...(detail === null ? [] : [`Because    ${printable(detail)}`]),
    `Change     ${remedy}`,
    ...(approval === null ? [] : [`Ask        sallyport access request ${approval} --reason "…" --duration 1h`]),
  ];
}

/** What came from a file or a URL must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
