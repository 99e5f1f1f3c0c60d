import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";

/** Most that is kept of a body whose length is not told beforehand. */
const maxBytes = 1024 * 1024;

/** The whole of a body. @throws GatewayError `client-length-required`, and what the body fails with */
export function collectBody(body: BodySource): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const sink: BodySink = {
      data: (chunk) => {
        length += chunk.length;
        if (length <= maxBytes) chunks.push(chunk);
        else {
          body.cancel();
          const message = `a body without a length has more than ${maxBytes} bytes`;
          reject(new GatewayError("client-length-required", 411, message, { source: "client" }));
        }
      },
      end: () => resolve(Buffer.concat(chunks)),
      fail: reject,
    };
    body.start(sink);
  });
}
