import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReceivedResponse } from "#model/received-response.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import { linkCall } from "#policy/calls/link-call.ts";
import { sendCall } from "#policy/calls/send-call.ts";
import type { LinkContext, PolicyPorts, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { evaluateBoolean } from "#policy/values.ts";

/** Whatever status it is answered with is an answer. Only a call that got none fails, unless that is to be ignored. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { ports } = context;
  const make = linkCall(node, context);
  const variable = literalText(node, "responseVariable") ?? "";
  const timeout = evaluateDuration(requiredValue(node, "timeout"), ports.clock, 1, 3_600_000);
  const ignoresErrors = evaluateBoolean(requiredValue(node, "ignoreError"), ports.clock);
  return async (exchange, signal) => {
    const draft = await make(exchange);
    const ignores = ignoresErrors(exchange);
    const began = ports.clock.mono();
    const sending = sendCall(draft, exchange, ports, timeout(exchange), signal ?? exchange.signal);
    const response = await (ignores ? sending.catch(() => null) : sending);
    // Of a branch that is not wanted any more: later policies may have written the variable.
    if (signal?.aborted === true) return undefined;
    note(exchange, draft.url, response, began, ports);
    exchange.setVariable(variable, response);
    return undefined;
  };
}

function note(
  exchange: Exchange,
  url: string,
  response: ReceivedResponse | null,
  began: number,
  { clock }: PolicyPorts,
): void {
  exchange.trail.push({
    door: "policy",
    step: "send-request",
    outcome: response === null ? "failed" : "passed",
    detail: `${URL.parse(url)?.origin ?? ""}: ${response?.status ?? "no answer"}`,
    micros: Math.round((clock.mono() - began) * 1000),
  });
}
