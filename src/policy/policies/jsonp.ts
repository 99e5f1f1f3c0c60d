import { Buffer } from "node:buffer";
import { refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import { isJson, mediaTypeOf } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { messageOf } from "#policy/message.ts";
import { responseOf } from "#policy/request-draft.ts";
import { evaluateString } from "#policy/values.ts";

/** Nothing but a name may stand before the data: the script runs in whatever page asked for it. */
const identifier = /^[A-Za-z_$][\w$]{0,127}$/;

export function link(node: PolicyNode, { section, ports }: LinkContext): Run {
  const name = evaluateString(requiredValue(node, "callbackParameter"), ports.clock);
  const message = messageOf(section);
  return (exchange) => {
    const parameter = name(exchange);
    const [callback, more] = new URLSearchParams(exchange.facts.query).getAll(parameter);
    if (callback === undefined) return undefined;
    if (more !== undefined || !identifier.test(callback)) {
      // The name is the definition's, the value is not told.
      const told = `Value of callback parameter ${parameter} is not a valid JavaScript identifier.`;
      return refuse("callback-invalid", { message: told });
    }
    const body = message.bodyToChange(exchange);
    const type = body === undefined ? "" : mediaTypeOf(message.headers(exchange));
    if (body === undefined || !(type === "" || isJson(type))) return undefined;
    message.setBody(exchange, Buffer.concat([Buffer.from(`${callback}(`), body, Buffer.from(");")]));
    const { headers } = responseOf(exchange);
    headers.set("Content-Type", "application/javascript; charset=utf-8");
    headers.set("X-Content-Type-Options", "nosniff");
    return undefined;
  };
}
