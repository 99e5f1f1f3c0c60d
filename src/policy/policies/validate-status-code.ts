import type { Exchange } from "#model/exchange.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { argumentOf, listOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { describedResponse } from "#policy/validation/described-response.ts";
import { type Action, evaluateAction, Findings } from "#policy/validation/findings.ts";
import { type Evaluate, isValue } from "#policy/values.ts";

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const unspecified = evaluateAction(requiredValue(node, "unspecifiedStatusCodeAction"), ports.clock);
  const single = new Map(listOf(argumentOf(node, "statusCodes")).map((item) => statusAction(item, ports.clock)));
  return (exchange: Exchange) => {
    const { response } = exchange;
    if (response === null || describedResponse(exchange) !== undefined) return undefined;
    const findings = new Findings(exchange);
    const action = (single.get(response.status) ?? unspecified)(exchange);
    findings.add(
      action,
      "StatusCode",
      "status-code",
      "Unspecified",
      `Response status code ${response.status} is not allowed.`,
    );
    return findings.conclude(node, false);
  };
}

function statusAction(item: Argument, clock: Clock): readonly [number, Evaluate<Action>] {
  const { code, action } = item.kind === "map" ? item.entries : {};
  const evaluate = isValue(action) ? evaluateAction(action, clock) : (): Action => "prevent";
  return [code?.kind === "literal" ? Number(code.value) : 0, evaluate];
}
