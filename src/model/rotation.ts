/** How something that proves who one is, a key or another secret, is changed for a new one. In milliseconds. */
export interface Rotation {
  /** At this age it is due. */
  readonly every: number;
  /** So long the old one goes on beside the new one; less than {@link every}. 0: it ends at once. */
  readonly grace: number;
  /** So long before it is due people are told; less than {@link every}. 0: when it is due. */
  readonly notice: number;
}

/** `young`: nobody is told anything. `noticed`: it is due soon. `due`: a new one has to come. */
export type RotationStage = "young" | "noticed" | "due";

/** @param madeAt milliseconds since the epoch @returns when it is due, of the same kind */
export function dueAt(madeAt: number, { every }: Rotation): number {
  return madeAt + every;
}

/** Both times are milliseconds since the epoch. */
export function rotationStage(madeAt: number, rotation: Rotation, now: number): RotationStage {
  const due = dueAt(madeAt, rotation);
  if (now >= due) return "due";
  return now >= due - rotation.notice ? "noticed" : "young";
}
