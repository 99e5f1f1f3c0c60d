import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import { charsetOf, encodeText } from "#policy/charset.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { messageOf } from "#policy/message.ts";
import { replaceBytes } from "#policy/replace-bytes.ts";
import { evaluateString } from "#policy/values.ts";

/** Works on the bytes, so that what is not replaced stays exactly as it came. With case, by code point, no patterns. */
export function link(node: PolicyNode, { section, ports }: LinkContext): Run {
  const from = evaluateString(requiredValue(node, "from"), ports.clock);
  const to = evaluateString(requiredValue(node, "to"), ports.clock);
  const message = messageOf(section);
  return (exchange) => {
    const body = message.bodyToChange(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const charset = charsetOf(message.headers(exchange));
    const wanted = encodeText(from(exchange), charset);
    if (wanted.byteLength === 0) throw expressionFailed("there is nothing to look for");
    const changed = replaceBytes(body, {
      from: wanted,
      to: encodeText(to(exchange), charset),
      step: charset === "utf-16le" ? 2 : 1,
      maxBytes: ports.bodies.maxBytes,
    });
    if (changed !== undefined) message.setBody(exchange, changed);
    return undefined;
  };
}
