import type { Order } from "./acme-types.ts";

/** @see RFC 8555 §7.1.6 */
export function statusOf(
  { chain, authorizations, expires }: Order,
  now: number,
): "valid" | "invalid" | "ready" | "pending" {
  if (chain !== null) return "valid";
  if (now > expires || authorizations.some(({ status }) => status === "invalid")) return "invalid";
  return authorizations.every(({ status }) => status === "valid") ? "ready" : "pending";
}
