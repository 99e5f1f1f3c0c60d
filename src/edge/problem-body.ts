import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import type { Refusal } from "#model/decision.ts";
import { reasons } from "#model/reasons.ts";

export function statusOf(refusal: Refusal): number {
  return refusal.status ?? reasons[refusal.reason].status;
}

/** problem+json (RFC 9457) of a request that the edge refuses. Holds nothing the client sent. */
export function problemBody(refusal: Refusal, id: string): Buffer {
  const status = statusOf(refusal);
  const { message } = reasons[refusal.reason];
  return Buffer.from(
    JSON.stringify({
      type: `urn:sallyport:reason:${refusal.reason}`,
      title: STATUS_CODES[status] ?? "Error",
      status,
      detail: message,
      reason: refusal.reason,
      requestId: id,
      statusCode: status,
      message,
    }),
  );
}

/** Fields of the refusal, flat; the framing fields of the protocol come on top. */
export function problemHeaders(refusal: Refusal, id: string): string[] {
  return [
    "Content-Type",
    "application/problem+json",
    "Cache-Control",
    "no-store",
    "X-Request-Id",
    id,
    ...(refusal.headers ?? []),
  ];
}
