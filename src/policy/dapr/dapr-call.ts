import type { Exchange } from "#model/exchange.ts";
import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReceivedResponse } from "#model/received-response.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import { newCall } from "#policy/calls/call-draft.ts";
import { noteCall } from "#policy/calls/note-call.ts";
import { sendCall } from "#policy/calls/send-call.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { safeFieldValue } from "#policy/field-value.ts";
import { evaluateBoolean } from "#policy/values.ts";
import { sidecarUrl } from "./sidecar.ts";

export interface DaprMessage {
  /** Below the sidecar's URL, encoded. */
  readonly path: string;
  /** Empty: it is not said. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * A POST to the sidecar, whose answer the variable gets. No answer, or one that says that it failed, is an error, unless
 * that is to be ignored; on-error finds the answer in the variable all the same.
 */
export function linkDaprCall(
  node: PolicyNode,
  { ports }: LinkContext,
  make: (exchange: Exchange) => Promise<DaprMessage>,
): Run {
  const { clock } = ports;
  const base = sidecarUrl(node, ports);
  const variable = literalText(node, "responseVariable");
  const timeout = evaluateDuration(requiredValue(node, "timeout"), clock, 1000, 240_000);
  const ignoresErrors = evaluateBoolean(requiredValue(node, "ignoreError"), clock);
  return async (exchange, signal) => {
    const { path, contentType, body } = await make(exchange);
    const call = newCall();
    Object.assign(call, { url: `${base}${path}`, declared: true, method: "POST", body });
    if (contentType !== "") call.headers.set("Content-Type", safeFieldValue(contentType));
    const ignores = ignoresErrors(exchange);
    const began = clock.mono();
    const sending = sendCall(call, exchange, ports, timeout(exchange), signal ?? exchange.signal);
    const response = await (ignores ? sending.catch(() => null) : sending);
    noteCall(exchange, node.name, call.url, response, clock.mono() - began);
    if (variable !== undefined) exchange.setVariable(variable, response);
    if (!ignores) assertDone(response);
    return undefined;
  };
}

function assertDone(response: ReceivedResponse | null): void {
  if (response !== null && response.status < 400) return;
  const message = `Dapr answered with status ${response?.status ?? 0}`;
  throw new GatewayError("service-refused", 500, message, { source: "upstream" });
}
