import { GatewayError, type ErrorCode, type ErrorSource } from "#model/errors.ts";

/** A map of call names to their types extends this: `interface Calls { "session-find": { request: …; response: … } }`. */
export interface ControlCall {
  readonly request: unknown;
  readonly response: unknown;
}

export type ControlCalls<Calls> = { readonly [Name in keyof Calls]: ControlCall };

export interface RequestMessage {
  readonly call: number;
  readonly name: string;
  readonly request: unknown;
}

export type ReplyMessage =
  | { readonly reply: number; readonly response: unknown }
  | { readonly reply: number; readonly failure: Failure };

/** A {@link GatewayError} as it crosses the port: structured clone would drop its class and its fields. */
export interface Failure {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly source: ErrorSource;
  readonly expose: boolean;
  readonly retryable: boolean;
}

/** Only a GatewayError's words travel; those of any other error may hold anything, even a secret. */
export function failureOf(error: unknown): Failure {
  const known =
    error instanceof GatewayError ? error : new GatewayError("internal", 500, "the handler of a control call failed");
  const { code, status, message, source, expose, retryable } = known;
  return { code, status, message, source, expose, retryable };
}

export function errorOf(failure: Failure): GatewayError {
  const { code, status, message, source, expose, retryable } = failure;
  return new GatewayError(code, status, message, { source, expose, retryable });
}

export function controlCallFailed(message: string, cause?: unknown): GatewayError {
  return new GatewayError("control-call-failed", 503, message, { retryable: true, cause });
}

/** Other traffic on the same port is not ours to fail on. */
export function isMessage<Key extends "call" | "reply">(message: unknown, key: Key): message is Record<Key, number> {
  return typeof message === "object" && message !== null && typeof Reflect.get(message, key) === "number";
}
