import { Buffer } from "node:buffer";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import { charsetOf, encodeText } from "#policy/charset.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateString } from "#policy/values.ts";

/** Works on the bytes, so that what is not replaced stays exactly as it came. With case, by code point, no patterns. */
export function link(node: PolicyNode, { section, ports }: LinkContext): Run {
  const from = evaluateString(requiredValue(node, "from"), ports.clock);
  const to = evaluateString(requiredValue(node, "to"), ports.clock);
  const message = messageOf(section);
  return (exchange) => {
    const body = message.body(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const charset = charsetOf(message.headers(exchange));
    const step = charset === "utf-16le" ? 2 : 1;
    const wanted = encodeText(from(exchange), charset);
    if (wanted.byteLength === 0) throw expressionFailed("there is nothing to look for");
    const changed = replaceAll(body, wanted, encodeText(to(exchange), charset), step, ports.bodies.maxBytes);
    if (changed !== undefined) message.setBody(exchange, changed);
    return undefined;
  };
}

/**
 * @param step bytes of one character: a match begins at a multiple of it
 * @param maxBytes a long text in the place of a short one may make any body large
 * @returns undefined when nothing was found
 */
function replaceAll(
  body: Uint8Array,
  from: Buffer,
  to: Buffer,
  step: number,
  maxBytes: number,
): Uint8Array | undefined {
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let rest = 0;
  for (let at = whole.indexOf(from); at >= 0;) {
    if (at % step !== 0) {
      at = whole.indexOf(from, at + 1);
      continue;
    }
    bytes += at - rest + to.byteLength;
    if (bytes > maxBytes) throw expressionFailed(`the body would become larger than ${maxBytes} bytes`);
    pieces.push(whole.subarray(rest, at), to);
    rest = at + from.byteLength;
    at = whole.indexOf(from, rest);
  }
  return rest === 0 ? undefined : Buffer.concat([...pieces, whole.subarray(rest)]);
}
