import { STATUS_CODES } from "#lib/node-http.ts";
import { GatewayError } from "#model/errors.ts";
import { isFieldValue, isToken } from "#wire/characters.ts";

/**
 * The head of a response without the empty line that ends it, so that more fields can follow.
 *
 * @param fields flat `[name, value, …]`
 * @throws GatewayError `internal` for what would end the head early; nothing has been sent then
 */
export function writeHead(status: number, statusText: string | null, fields: readonly string[]): string {
  const reason = statusText ?? STATUS_CODES[status] ?? "";
  if (!isFieldValue(reason)) throw unwritable();
  return `HTTP/1.1 ${status} ${reason}\r\n${writeFields(fields)}`;
}

/** @throws GatewayError `internal`, as {@link writeHead} */
export function writeFields(fields: readonly string[]): string {
  let text = "";
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    if (!isToken(name) || !isFieldValue(value)) throw unwritable();
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

/** The field's text is not in the message: it may be a secret. */
function unwritable(): GatewayError {
  return new GatewayError("internal", 500, "a field of the response holds characters that HTTP/1.1 cannot carry");
}
