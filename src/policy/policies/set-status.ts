import { STATUS_CODES } from "#lib/node-http.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { safeFieldValue } from "#policy/field-value.ts";
import { evaluateInteger, evaluateString } from "#policy/values.ts";

/** Without a response yet there is nothing to change: the backend's answer brings its own status. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const code = evaluateInteger(requiredValue(node, "code"), clock, 200, 599);
  const given = optionalValue(node, "reason");
  const reason = given === undefined ? undefined : evaluateString(given, clock);
  return (exchange) => {
    const { response } = exchange;
    if (response === null) return undefined;
    const status = code(exchange);
    response.statusText = reason === undefined ? (STATUS_CODES[status] ?? "") : safeFieldValue(reason(exchange));
    response.status = status;
    return undefined;
  };
}
