import type { Buffer } from "node:buffer";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { segmentDamage } from "./segment-damage.ts";

/** Text of one frame: a candidate block of the search index is in one or two of them. */
export const usualFrameBytes: number = 256 * 1024;
/** What a frame may expand to at most, and may ask of the decoder as a window (2^20). */
export const maxFrameBytes: number = 1024 * 1024;
const maxWindowLog = 20;

/**
 * Lines of the record are half hashes and ids, which nothing compresses: higher levels take three times the time and
 * give nothing.
 */
const level = 1;

export function compressFrame(text: Uint8Array): Buffer {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants;
  return zstdCompressSync(text, {
    chunkSize: usualFrameBytes,
    params: { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1 },
  });
}

/**
 * @param size of the text, which the index names
 * @throws GatewayError `segment-damaged`; `segment-oversized` when there is more text than that, of which no more is made
 */
export function expandFrame(frame: Uint8Array, size: number): Buffer {
  const text = expand(frame, size);
  if (text.length === size) return text;
  throw segmentDamage("segment-damaged", `a frame holds ${text.length} bytes of text where ${size} belong`);
}

function expand(frame: Uint8Array, size: number): Buffer {
  try {
    return zstdDecompressSync(frame, {
      chunkSize: Math.max(64, size),
      maxOutputLength: size,
      params: { [constants.ZSTD_d_windowLogMax]: maxWindowLog },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE" || code === "ZSTD_error_frameParameter_windowTooLarge") {
      throw segmentDamage("segment-oversized", `a frame expands to more than the ${size} bytes that it stands for`);
    }
    throw segmentDamage("segment-damaged", `a frame cannot be expanded: ${code}`);
  }
}
