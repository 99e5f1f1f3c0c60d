import { Buffer } from "node:buffer";
import type { BodySource } from "#model/body.ts";

/**
 * The whole of a body; null, and the rest is not read, when it is larger.
 *
 * @throws GatewayError of the source: truncated, too slow
 */
export function readWhole(body: BodySource | null, maxBytes: number): Promise<Uint8Array | null> {
  if (body === null) return Promise.resolve(Buffer.alloc(0));
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  body.start({
    data: (chunk) => {
      size += chunk.byteLength;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        body.cancel();
        resolve(null);
      }
    },
    end: () => resolve(Buffer.concat(chunks)),
    fail: reject,
  });
  return promise;
}
