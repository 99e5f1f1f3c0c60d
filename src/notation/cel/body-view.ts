import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";

export const noBytes: Uint8Array = new Uint8Array(0);

const decoder = new TextDecoder("utf-8", { ignoreBOM: false });

/** @throws GatewayError `expression-failed` for a body that has not been read, as in an access rule */
export function bodyText(bytes: Uint8Array | undefined): string {
  return decoder.decode(bytes ?? unread());
}

/** Of the same bytes it is parsed once. Nobody changes it: CEL cannot. */
const parsed = new WeakMap<Uint8Array, { readonly value: unknown }>();

/** @throws GatewayError `expression-failed` for what is no JSON: never a value, it is the client's */
export function bodyJson(bytes: Uint8Array | undefined): unknown {
  const whole = bytes ?? unread();
  const known = parsed.get(whole);
  if (known !== undefined) return known.value;
  const value = parse(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString("utf8"));
  parsed.set(whole, { value });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GatewayError("expression-failed", 500, "the body is no JSON");
  }
}

function unread(): never {
  throw new GatewayError("expression-failed", 500, "the body has not been read here");
}
