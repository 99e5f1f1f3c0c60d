import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { headerOf, type SeenAnswer } from "./seen-answer.ts";

/** What a few bytes say may be a thousand times as many. */
const mostBytes = 4 * 2 ** 20;

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, { maxOutputLength: mostBytes }),
  "x-gzip": (bytes) => gunzipSync(bytes, { maxOutputLength: mostBytes }),
  deflate: (bytes) => inflateSync(bytes, { maxOutputLength: mostBytes }),
  br: (bytes) => brotliDecompressSync(bytes, { maxOutputLength: mostBytes }),
  zstd: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: mostBytes }),
};

/** The body without its coding; null: it is not whole, or its coding is not known. */
export function decoded(answer: SeenAnswer): Uint8Array | null {
  if (answer.isCut) return null;
  const coding = (headerOf(answer, "content-encoding") ?? "").trim().toLowerCase();
  if (coding === "" || coding === "identity" || answer.body.byteLength === 0) return answer.body;
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  try {
    return decode === undefined ? null : decode(answer.body);
  } catch {
    return null;
  }
}
