import { GatewayError } from "#model/errors.ts";
import type { ReasonCode } from "#model/reasons.ts";

export interface Done<T> {
  readonly kind: "done";
  readonly value: T;
}

/** An expected refusal; the message is for the caller. */
export interface AccessRefused {
  readonly kind: "refused";
  readonly reason: ReasonCode;
  readonly message: string;
}

export type AccessOutcome<T> = Done<T> | AccessRefused;

export function done<T>(value: T): Done<T> {
  return { kind: "done", value };
}

export function refused(reason: ReasonCode, message: string): AccessRefused {
  return { kind: "refused", reason, message };
}

/** What the store says no to is the caller's to know; every other failure is ours. */
export async function orConflict<T>(work: () => Promise<AccessOutcome<T>>): Promise<AccessOutcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GatewayError && error.code === "store-conflict") {
      return refused("access-request-conflict", error.message);
    }
    throw error;
  }
}
