import type { ReasonCode } from "#model/reasons.ts";

export interface AdminAnswer {
  readonly kind: "answer";
  readonly status: 200;
  readonly contentType: string;
  readonly body: string;
  /** Flat: name, value. */
  readonly headers: readonly string[];
  /** For the record: what was done to what. */
  readonly detail?: string | undefined;
}

export interface AdminRefusal {
  readonly kind: "refusal";
  readonly reason: ReasonCode;
  /** Default: the reason's. Shown to the caller. */
  readonly message?: string;
  /** Members of the problem beside the usual ones. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: readonly string[];
  /** For the record. */
  readonly detail?: string | undefined;
}

export type AdminResult = AdminAnswer | AdminRefusal;

export function answer(
  value: unknown,
  more: { readonly headers?: readonly string[]; readonly detail?: string } = {},
): AdminAnswer {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  const { headers = [], detail } = more;
  return { kind: "answer", status: 200, contentType: "application/json", body, headers, detail };
}

export function refusal(reason: ReasonCode, more: Omit<AdminRefusal, "kind" | "reason"> = {}): AdminRefusal {
  return { kind: "refusal", reason, ...more };
}
