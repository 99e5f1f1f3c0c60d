import type { PolicyNode } from "#model/policy-tree.ts";
import { argumentOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkValues } from "#policy/validation/check-value.ts";
import { describedResponse } from "#policy/validation/described-response.ts";
import { evaluateAction, Findings } from "#policy/validation/findings.ts";
import { linkNamedActions } from "#policy/validation/named-actions.ts";
import { isStandardField } from "#policy/validation/standard-fields.ts";

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock } = ports;
  const specified = evaluateAction(requiredValue(node, "specifiedHeaderAction"), clock);
  const unspecified = evaluateAction(requiredValue(node, "unspecifiedHeaderAction"), clock);
  const single = linkNamedActions(argumentOf(node, "headers"), clock);
  return (exchange) => {
    const { response } = exchange;
    if (response === null) return undefined;
    const findings = new Findings(exchange);
    const described = new Map(
      (describedResponse(exchange)?.headers ?? []).map((header) => [header.name.toLowerCase(), header] as const),
    );
    for (const [name, header] of described) {
      const values = response.headers.all(name);
      const problem =
        values.length === 0
          ? header.required && "is required and missing."
          : checkValues([values.join(",")], { schema: header.schema, list: "commas" });
      if (typeof problem !== "string") continue;
      const action = (single.get(name) ?? specified)(exchange);
      findings.add(
        action,
        header.name,
        "header",
        "IncorrectMessage",
        `The value of the header ${header.name} ${problem}`,
      );
    }
    for (const name of namesOf(response.headers.raw)) {
      if (described.has(name) || isStandardField(name)) continue;
      const action = (single.get(name) ?? unspecified)(exchange);
      findings.add(action, name, "header", "Unspecified", `Unspecified header ${name.slice(0, 100)} is not allowed.`);
    }
    return findings.conclude(node, false);
  };
}

function namesOf(raw: readonly string[]): ReadonlySet<string> {
  return new Set(raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
}
