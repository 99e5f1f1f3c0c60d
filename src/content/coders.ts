import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  type Gzip,
  type ZstdCompress,
} from "node:zlib";
import type { Compression } from "#model/compression.ts";
import type { Coding } from "./accept-encoding.ts";

export type Coder = Gzip | BrotliCompress | ZstdCompress;

/**
 * Levels by what they cost. Windows are smaller than the libraries' own: a stream of each keeps at most about 4 MiB,
 * whatever the client does. Browsers take zstd windows up to 8 MiB only. @see RFC 9659
 */
const levels: Readonly<Record<Compression["level"], Readonly<Record<Coding, number>>>> = {
  fast: { gzip: 1, br: 1, zstd: 1 },
  balanced: { gzip: 6, br: 4, zstd: 3 },
  small: { gzip: 9, br: 5, zstd: 5 },
};

const brotliWindow = 18;
const zstdWindow = 17;

/** A stream that compresses on the threads of libuv's pool, never on the event loop. */
export function createCoder(coding: Coding, level: Compression["level"]): Coder {
  const amount = levels[level][coding];
  if (coding === "gzip") return createGzip({ level: amount });
  if (coding === "br") {
    const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_LGWIN: window } = constants;
    return createBrotliCompress({ params: { [quality]: amount, [window]: brotliWindow } });
  }
  const { ZSTD_c_compressionLevel: quality, ZSTD_c_windowLog: window } = constants;
  return createZstdCompress({ params: { [quality]: amount, [window]: zstdWindow } });
}

/** What makes the coder give all it has so far, so that the reader is never left waiting for what was sent. */
export const flushKinds: Readonly<Record<Coding, number>> = {
  gzip: constants.Z_SYNC_FLUSH,
  br: constants.BROTLI_OPERATION_FLUSH,
  zstd: constants.ZSTD_e_flush,
};
