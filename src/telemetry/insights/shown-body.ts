import { Buffer } from "node:buffer";
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import type { Exchange } from "#model/exchange.ts";
import { margin, type TappedMessage } from "./exchange-tap.ts";
import type { Clean } from "./shown-headers.ts";

/** Of what a few KiB are coded from: more is a bomb. */
const mostDecoded = 256 * 1024;

type Decode = (bytes: Uint8Array) => Uint8Array;

/** Of a body whose end may be missing. */
const flated = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostDecoded };
const gunzip: Decode = (bytes) => gunzipSync(bytes, flated);
const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["", (bytes) => bytes],
  ["identity", (bytes) => bytes],
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", (bytes) => inflateSync(bytes, flated)],
  [
    "br",
    (bytes) =>
      brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: mostDecoded }),
  ],
]);

const unshown = (why: string): string => `[not shown: ${why}]`;

/**
 * The beginning of a body as text, without what is to be kept out of it. What cannot be looked into is not shown.
 * @param most bytes
 */
export function shownBody(message: TappedMessage, most: number, exchange: Exchange, clean: Clean): string | undefined {
  const { tap, coding } = message;
  if (tap.isLost) return unshown("no room");
  const decode = decoders.get(coding);
  if (decode === undefined) return unshown("its coding");
  const decoded = tryTo(() => decode(tap.bytes));
  if (decoded === undefined) return unshown("its coding");
  if (decoded.byteLength === 0) return undefined;
  const text = tryTo(() => textOf(decoded.subarray(0, most + margin)));
  if (text === undefined) return unshown("no text");
  const whole = decoded.byteLength < most + margin ? text : withoutCutToken(text);
  const redacted = exchange.redaction?.body(whole) ?? null;
  return redacted === null ? unshown("what it holds cannot be told") : firstBytes(clean(redacted, exchange), most);
}

function firstBytes(text: string, most: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, most), { stream: true });
}

/** The beginning of a signed token is not known for one by what knows whole ones. */
function withoutCutToken(text: string): string {
  let from = text.length;
  while (from > 0 && /[\w.-]/.test(text.charAt(from - 1))) from -= 1;
  const token = text.indexOf("eyJ", from);
  return token < 0 ? text : text.slice(0, token);
}

/** A character that was cut at the end is left off. UTF-16 has zeros in it, and is no text that anybody looks into. */
function textOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  return text.includes("\0") ? undefined : text;
}

function tryTo<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
