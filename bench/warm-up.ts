/** A figure that falls by less than this share is as low as it gets. */
const noise = 0.03;

/**
 * Takes a figure again and again until it has stopped falling: a runtime with a compiler needs tens of seconds, a proxy
 * in C none, and a fixed time would be unfair to one of them.
 * @param most turns at the most
 */
export async function warmUp(take: () => Promise<number>, most: number): Promise<readonly number[]> {
  const figures: number[] = [];
  while (figures.length < most && !isSettled(figures)) figures.push(await take());
  return figures;
}

/** Whether the last two are no lower than what was there before, but for noise. */
export function isSettled(figures: readonly number[]): boolean {
  if (figures.length < 4) return false;
  const last = Math.min(...figures.slice(-2));
  const before = Math.min(...figures.slice(0, -2));
  return last >= before * (1 - noise);
}
