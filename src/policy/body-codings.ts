import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";
import type { BrotliDecompress, Gunzip, Inflate, InflateRaw, ZstdDecompress } from "node:zlib";
import type { HeaderList } from "#model/header-list.ts";

export type Decoder = Gunzip | BrotliDecompress | Inflate | InflateRaw | ZstdDecompress;

/** More than one is rare; each could multiply what comes out. */
const maxCodings = 2;

/** A frame says itself how much memory its decoder needs; 8 MiB is what HTTP allows. @see RFC 9659 */
const zstdWindow = 23;

/**
 * What Content-Encoding says was applied, in order, lower case; `identity` left out.
 * @see RFC 9110 §8.4
 */
export function codingsOf(headers: HeaderList): readonly string[] {
  const field = headers.joined("content-encoding");
  if (field === undefined) return none;
  return field
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
}

const none: readonly string[] = [];

export function canDecode(codings: readonly string[]): boolean {
  return codings.length <= maxCodings && codings.every((coding) => known.has(coding));
}

const known: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"]);

/** A stream that decodes on the threads of libuv's pool. `bytes` are those to be decoded. */
export function createDecoder(coding: string, bytes: Uint8Array): Decoder {
  if (coding === "br") return createBrotliDecompress();
  if (coding === "zstd") return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindow } });
  if (coding === "deflate") return hasZlibHeader(bytes) ? createInflate() : createInflateRaw();
  return createGunzip();
}

/** `deflate` means the zlib format; some send the bare stream. @see RFC 9110 §8.4.1.2, RFC 1950 §2.2 */
function hasZlibHeader([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** Fields that are about the bytes as they were coded. */
const ofCodedBytes = ["content-encoding", "content-md5", "digest", "content-digest", "repr-digest"];

/** Takes off what no longer holds of a body that was decoded or changed; a tag is of what was sent, so it gets weak. */
export function forgetCoding(headers: HeaderList): void {
  for (const name of ofCodedBytes) headers.delete(name);
  const etag = headers.get("etag");
  if (etag?.startsWith('"') === true) headers.set("ETag", `W/${etag}`);
}
