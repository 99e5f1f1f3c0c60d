import { GatewayError } from "#model/errors.ts";

const maxPage = 10_000;

export function assertDigest(digest: Uint8Array): void {
  if (digest.length !== 32) throw new GatewayError("internal", 500, "a key digest has 32 bytes");
}

export function assertPage(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxPage) return;
  throw new GatewayError("internal", 500, `a page holds 1 to ${maxPage} rows`);
}

/** A lease of nonsense would be stored for ever, and would count against somebody. */
export function assertLease(windowStart: number, amount: number, limit: number): void {
  const sound = Number.isFinite(windowStart) && Number.isSafeInteger(amount) && Number.isSafeInteger(limit);
  if (sound && amount >= 0 && limit >= 0) return;
  throw new GatewayError("internal", 500, "a quota lease needs a window, and whole numbers of calls");
}
