import { Buffer } from "node:buffer";
import { expressionFailed } from "./failure.ts";

/**
 * A header field's value, safe to be written. CR, LF and NUL in a computed value would end the field and start
 * another (response splitting). A character above U+00FF goes out as its UTF-8 bytes: written as Latin-1, U+010A
 * would become a line feed. @see RFC 9110 §5.5
 * @throws GatewayError `expression-failed`
 */
export function safeFieldValue(text: string): string {
  let wide = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      throw expressionFailed("a header value holds a control character");
    }
    if (code > 0xff) wide = true;
  }
  return wide ? Buffer.from(text, "utf8").toString("latin1") : text;
}
