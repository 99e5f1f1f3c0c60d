import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import { linkCall } from "#policy/calls/link-call.ts";
import { noteCall } from "#policy/calls/note-call.ts";
import { sendCall } from "#policy/calls/send-call.ts";
import type { LinkContext, Run } from "#policy/context.ts";
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
    noteCall(exchange, "send-request", draft.url, response, ports.clock.mono() - began);
    exchange.setVariable(variable, response);
    return undefined;
  };
}
