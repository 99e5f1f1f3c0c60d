import type { ControlEvent } from "#model/control-events.ts";
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
  /** What was done: in the record before the caller is answered. */
  readonly events?: readonly AdminEvent[];
}

/** Whoever calls has done it. */
export type AdminEvent = Pick<ControlEvent, "event" | "details">;

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
  more: Partial<Pick<AdminAnswer, "headers" | "detail" | "events">> = {},
): AdminAnswer {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  const { headers = [], detail, events = [] } = more;
  return { kind: "answer", status: 200, contentType: "application/json", body, headers, detail, events };
}

export function refusal(reason: ReasonCode, more: Omit<AdminRefusal, "kind" | "reason"> = {}): AdminRefusal {
  return { kind: "refusal", reason, ...more };
}
