import type { IncomingMessage } from "node:http";
import { type AdminRefusal, refusal } from "./result.ts";

/** Reads a body of at most `maxBytes` as UTF-8. Its time is the server's to bound. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | AdminRefusal> {
  const tooLarge = refusal("body-too-large", { headers: ["Connection", "close"] });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(tooLarge);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        request.pause();
        resolve(tooLarge);
      }
    });
    request.once("end", () => resolve(decode(Buffer.concat(chunks))));
    request.once("error", () => resolve(refusal("client-aborted")));
    request.once("close", () => resolve(refusal("client-aborted")));
  });
}

function decode(bytes: Buffer): string | AdminRefusal {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refusal("malformed-request", { detail: "the body is not UTF-8" });
  }
}
