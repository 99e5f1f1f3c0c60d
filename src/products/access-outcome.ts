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

const mostTries = 3;

/** Somebody else was quicker: what is decided anew is decided about what stands there now. */
export async function decidedAnew<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isLate = error instanceof GatewayError && error.code === "store-conflict";
      if (!isLate || tries === mostTries) throw error;
    }
  }
}
