import type { HeaderList } from "./header-list.ts";
import type { ReasonCode } from "./reasons.ts";

/** Which door had the word. */
export type Door = "edge" | "identity" | "policy" | "upstream" | "outbound";

/**
 * A request is refused. An expected outcome, therefore a value and not an exception. The pipeline renders it
 * as problem+json with the status and message of the reason, unless the refusal carries its own.
 */
export interface Refusal {
  readonly kind: "refusal";
  readonly reason: ReasonCode;
  /** Default: the reason's status. */
  readonly status?: number;
  /** Default: the reason's message. Shown to the client. */
  readonly message?: string;
  /** Extra response fields, flat `[name, value, …]`: `Retry-After`, `WWW-Authenticate`, `Allow`. */
  readonly headers?: readonly string[];
  /** What goes to the client instead of the problem document: the denial of another auth service. */
  readonly answer?: Answer;
  /** `answer` is this gateway's own wording of an error: on-error runs, and may change it. */
  readonly answerIsError?: true;
  /** HTML for clients that prefer it to problem+json. */
  readonly page?: string;
  /** What policies see in `context.LastError` instead of the message, and of the reason; not for the client. */
  readonly lastError?: { readonly message: string; readonly name?: string };
  /** With this approval the same request would be let through: the client is told how to ask for it. */
  readonly approval?: string;
  /** For the record and `explain` only, never for the client: the values the decision saw. No secrets. */
  readonly detail?: string;
}

/** A policy answers in the upstream's place (`return-response`, `mock-response`, a preflight). */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly statusText?: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array | null;
  /** The outbound section goes on with it, as with a response of the upstream (`cache-lookup`). Else no later section runs. */
  readonly outbound?: true;
}

/** What a step says: undefined goes on; anything else ends the section. */
export type Outcome = undefined | Refusal | Answer;

/** A step that finished at once costs no promise: the runner awaits only what returned one. */
export type StepResult = Outcome | Promise<Outcome>;

export function refuse(reason: ReasonCode, more: Omit<Refusal, "kind" | "reason"> = {}): Refusal {
  return { kind: "refusal", reason, ...more };
}
