import { Buffer } from "node:buffer";
import type { HeaderList } from "#model/header-list.ts";
import { expressionFailed } from "./failure.ts";

export type Charset = "utf-8" | "latin1" | "utf-16le";

/** Names by which bodies come. Windows-1252 is no Latin-1, but nobody sends its control characters. */
const charsets: Readonly<Record<string, Charset>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  ascii: "utf-8",
  "iso-8859-1": "latin1",
  latin1: "latin1",
  "utf-16": "utf-16le",
  "utf-16le": "utf-16le",
};

/**
 * What the text of a body is coded in; UTF-8 unless Content-Type says otherwise.
 * @throws GatewayError `expression-failed` for one that is not known: its text would be changed into another one
 */
export function charsetOf(headers: HeaderList): Charset {
  const name = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get("content-type") ?? "")?.[1];
  const charset = name === undefined ? "utf-8" : charsets[name.toLowerCase()];
  if (charset === undefined) throw expressionFailed("the body's charset is not supported");
  return charset;
}

export function encodeText(text: string, charset: Charset): Buffer {
  return Buffer.from(text, charset);
}

/** Without the mark that may stand at its beginning. */
export function decodeText(bytes: Uint8Array, headers: HeaderList): string {
  return decodeBytes(bytes, charsetOf(headers));
}

/** As {@link decodeText}. */
export function decodeBytes(bytes: Uint8Array, charset: Charset): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(charset);
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
}
