import { assertionLifetimeMs } from "#model/assertion.ts";

/** When a key was made, and from when on it signs. Milliseconds since the epoch. */
export interface KeyTimes {
  readonly id: string;
  readonly usedFrom: number;
}

export interface KeySchedule {
  /** Those that are published, oldest first; the others are forgotten. */
  readonly kept: readonly string[];
  /** What signs now; null: there is none, and one that is made signs at once, as nobody knows another. */
  readonly current: string | null;
  /** A key is to be made now, which signs from then on; null: none is. */
  readonly next: number | null;
  /** When something is to be done again. */
  readonly at: number;
}

const day = 86_400_000;
const hour = 3_600_000;

/** A key is published for so long before it signs: longer than anybody keeps a key set. */
export function publishAheadMs(rotateMs: number): number {
  return Math.min(day, rotateMs / 2);
}

/** How long verifiers may keep the key set: half of that, so that a late one meets no unknown key either. */
export function keySetMaxAgeMs(rotateMs: number): number {
  return Math.min(hour, publishAheadMs(rotateMs) / 2);
}

/** One that has signed is published for so long after: until its last assertion is over, and some more for slow clocks. */
const keepAfterMs = assertionLifetimeMs + hour;

/**
 * What is to be done with the keys. A key signs until the next one does; the next one is made a while before, and signs
 * no sooner than its time of publication is over, however late it was made.
 *
 * @param keys in order of `usedFrom`
 */
export function scheduleKeys(keys: readonly KeyTimes[], now: number, rotateMs: number): KeySchedule {
  const used = keys.filter(({ usedFrom }) => usedFrom <= now);
  const current = used.at(-1);
  if (current === undefined) return { kept: keys.map(({ id }) => id), current: null, next: now, at: now };
  const ahead = publishAheadMs(rotateMs);
  const [waiting] = keys.slice(used.length);
  const dueAt = current.usedFrom + rotateMs - ahead;
  const retires = used.slice(0, -1).map((key, index) => ({ key, at: (used[index + 1]?.usedFrom ?? 0) + keepAfterMs }));
  const retired = new Set(retires.filter(({ at }) => at <= now).map(({ key }) => key.id));
  const next = waiting === undefined && now >= dueAt ? Math.max(now + ahead, current.usedFrom + rotateMs) : null;
  const times = [waiting?.usedFrom ?? next ?? dueAt, ...retires.filter(({ at }) => at > now).map(({ at }) => at)];
  return {
    kept: keys.map(({ id }) => id).filter((id) => !retired.has(id)),
    current: current.id,
    next,
    at: Math.min(...times),
  };
}
