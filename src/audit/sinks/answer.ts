import { GatewayError } from "#model/errors.ts";
import type { EgressResponse } from "#model/ports.ts";
import type { Delivered } from "./delivery.ts";

const payloadTooLarge = 413;
const longestAskedMs = 300_000;

/** A record is not given up for any answer: whatever is wrong can be put right, there or here. */
export function deliveredBy({ status, headers }: Pick<EgressResponse, "status" | "headers">): Delivered {
  if (status >= 200 && status < 300) return { outcome: "taken", rejected: 0, why: null };
  const why = `the receiver answered ${status}`;
  if (status === payloadTooLarge) return { outcome: "too-large", why };
  // Seconds; a date is for those who can wait that long.
  const asked = headers.get("retry-after");
  const isAsked = asked !== undefined && /^\d{1,6}$/.test(asked);
  return { outcome: "retry", why, ...(isAsked && { afterMs: Math.min(Number(asked) * 1000, longestAskedMs) }) };
}

/** The code alone: a message may have the URL, and its path may be somebody's secret. */
export function failedWith(error: unknown): Delivered {
  if (error instanceof GatewayError) return { outcome: "retry", why: error.code };
  return { outcome: "retry", why: (error as NodeJS.ErrnoException | null)?.code ?? "it failed" };
}
