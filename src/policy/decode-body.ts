import { Buffer } from "node:buffer";
import type { GatewayError } from "#model/errors.ts";
import { createDecoder, type Decoder } from "./body-codings.ts";

/** What decoding costs and fails with, of one body. */
export interface Decoding {
  /** Takes room for so many bytes more. @returns why there is none */
  readonly take: (bytes: number) => GatewayError | undefined;
  readonly malformed: () => GatewayError;
}

/** As many as libuv's pool has threads. Each may need a window of 16 MiB, so their number has to be bounded. */
const maxDecoders = 4;

let active = 0;
const waiting: (() => void)[] = [];

/**
 * Undoes the codings, the last one first. A small body may become a large one (a "zip bomb"): each piece that comes out
 * has to be given room, or it ends there.
 * @throws GatewayError (as a rejection) what `decoding` says
 */
export async function decodeBody(
  bytes: Uint8Array,
  codings: readonly string[],
  decoding: Decoding,
): Promise<Uint8Array> {
  let decoded = bytes;
  for (const coding of codings.toReversed()) decoded = await inTurn(createDecoder(coding, decoded), decoded, decoding);
  return decoded;
}

async function inTurn(decoder: Decoder, bytes: Uint8Array, decoding: Decoding): Promise<Uint8Array> {
  if (active >= maxDecoders) await new Promise<void>((resolve) => waiting.push(resolve));
  else active += 1;
  try {
    return await decode(decoder, bytes, decoding);
  } finally {
    const next = waiting.shift();
    if (next === undefined) active -= 1;
    else next();
  }
}

function decode(decoder: Decoder, bytes: Uint8Array, { take, malformed }: Decoding): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    decoder.on("data", (chunk: Uint8Array) => {
      const refused = take(chunk.byteLength);
      if (refused === undefined) return void chunks.push(chunk);
      decoder.destroy();
      reject(refused);
    });
    decoder.on("end", () => resolve(Buffer.concat(chunks)));
    decoder.on("error", () => reject(malformed()));
    decoder.end(bytes);
  });
}
