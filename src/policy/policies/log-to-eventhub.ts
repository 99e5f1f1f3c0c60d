import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { EventQueue } from "#policy/event-queue.ts";
import { evaluateTellable } from "#policy/tellable.ts";
import { evaluateString } from "#policy/values.ts";

/** As API Management cuts it. */
const maxBytes = 200 * 1024;

/** One for the worker: what is under way is bounded for all policies together. */
const queue = new EventQueue();

/** The request goes on at once, whatever becomes of the event. Credentials do not leave with it. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const name = literalText(node, "loggerId");
  const logger = ports.loggers.find((one) => one.name === name);
  if (logger === undefined) throw new GatewayError("definition-invalid", 500, `there is no logger ${name ?? ""}`);
  const message = evaluateTellable(requiredValue(node, "message"), ports.clock, maxBytes);
  const partitionId = literalText(node, "partitionId");
  const key = optionalValue(node, "partitionKey");
  const partitionKey = key && evaluateString(key, ports.clock);
  return (exchange) => {
    const body = Buffer.from(message(exchange)).subarray(0, maxBytes);
    const partition =
      partitionId !== undefined ? { id: partitionId } : partitionKey && { key: partitionKey(exchange).slice(0, 128) };
    queue.push(logger, { body, partition: partition ?? null }, ports);
    return undefined;
  };
}
