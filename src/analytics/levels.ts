/** How finely the past is kept. */
export type Level = "minute" | "hour" | "day";

export const levelMs: Readonly<Record<Level, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** How long each is kept, in milliseconds. */
export type Keep = Readonly<Record<Level, number>>;

export function floorTo(time: number, ms: number): number {
  return Math.floor(time / ms) * ms;
}

export function ceilTo(time: number, ms: number): number {
  return Math.ceil(time / ms) * ms;
}
