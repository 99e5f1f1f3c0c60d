import type { TokenVerdict } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";

/** A token that is not accepted, with the reason a client may see and a detail for the record only. */
export type RefusedToken = Extract<TokenVerdict, { readonly ok: false }>;

/** `detail` must hold no part of the token but what {@link quoted} has bounded. */
export function refuseToken(reason: ReasonCode, detail: string): RefusedToken {
  return { ok: false, reason, detail };
}

/** A value the client chose, made fit for the record: bounded and without control characters. */
export function quoted(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 64)) : typeof value;
}
