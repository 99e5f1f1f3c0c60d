import { hash } from "node:crypto";
import { dueAt, type RotationStage, rotationStage } from "#model/rotation.ts";
import type { SecretMaker, SecretRotation } from "#model/secret-rotation.ts";

/** What is known of a secret from one start to the next. It is kept sealed. All times are milliseconds since the epoch. */
export interface RotationState {
  /** SHA-256 of the secret that is in use. */
  readonly digest: string;
  /** Since when it is. */
  readonly since: number;
  /** What was told of it already. */
  readonly told: RotationStage;
  /** A new one that is not in use yet. */
  readonly fresh: FreshSecret | null;
  /** While there is a new one: the one that it takes the place of. */
  readonly inUse: string | null;
  /** The one before, which whoever made it is to drop; `nextAt`: when. */
  readonly old: KeptSecret | null;
  /** Failures one after the other. */
  readonly failures: number;
  /** Before that none is made. */
  readonly nextAt: number;
}

export interface KeptSecret {
  readonly value: string;
  /** When the next step is due. */
  readonly nextAt: number;
}

export interface FreshSecret extends KeptSecret {
  /** It was tried. */
  readonly isGood: boolean;
  /** How long the one before goes on once this one is in use. */
  readonly graceMs: number;
  readonly source: "schedule" | "asked";
}

export type Duty = "make" | "try" | "use" | "drop" | "tell" | "none";

const firstWaitMs = 60_000;
const longestWaitMs = 3_600_000;

export function digestOf(value: string): string {
  return hash("sha256", value, "hex");
}

/** Of a secret that is seen for the first time, or that somebody has changed. */
export function seenAt(value: string, now: number): RotationState {
  const nothing = { fresh: null, inUse: null, old: null, failures: 0, nextAt: 0 } as const;
  return { digest: digestOf(value), since: now, told: "young", ...nothing };
}

/**
 * Somebody has put another one in place. What a program has made, and is not in use, is still dropped, as it would be good
 * for ever, unless it is what somebody has gone back to.
 */
export function changedByHand(state: RotationState, { current, by }: SecretRotation, now: number): RotationState {
  const { old } = givenUp(state, by, now);
  return { ...seenAt(current.value, now), old: old?.value === current.value ? null : old };
}

/** Without the new one, if there is one, which whoever made it is to drop now. Keys of API Management take turns instead. */
export function givenUp(state: RotationState, by: SecretMaker | null, now: number): RotationState {
  const { fresh } = state;
  const isDropped = fresh !== null && by?.kind === "command";
  const old = isDropped ? { value: fresh.value, nextAt: now } : state.old;
  return { ...state, fresh: null, inUse: null, old: by === null ? null : old, failures: 0, nextAt: 0 };
}

/** What is to be done now; one thing after the other. */
export function dutyOf(state: RotationState, { rotation, by }: SecretRotation, now: number): Duty {
  const { fresh, old } = state;
  // The one before goes before another is made: there are never more than two.
  if (old !== null && now >= old.nextAt) return "drop";
  if (fresh !== null) return now < fresh.nextAt ? "none" : fresh.isGood ? "use" : "try";
  const stage = rotationStage(state.since, rotation, now);
  if (by !== null && stage === "due") return old === null && now >= state.nextAt ? "make" : "none";
  return by === null && stage !== "young" && stage !== state.told ? "tell" : "none";
}

/** When there may be something to do next. */
export function nextLook(
  { since, nextAt, fresh, old }: RotationState,
  { rotation }: SecretRotation,
  now: number,
): number {
  const due = dueAt(since, rotation);
  const times = [due - rotation.notice, due, nextAt, fresh?.nextAt ?? 0, old?.nextAt ?? 0];
  return Math.min(...times.filter((time) => time > now), Infinity);
}

/** A minute, then twice as long each time, at most an hour. */
export function waitMs(failures: number): number {
  return Math.min(firstWaitMs * 2 ** Math.min(failures, 10), longestWaitMs);
}
