/** Longer is not waited for: an authority cannot put a renewal off for good. */
const most = 24 * 3_600_000;

/** Milliseconds of a `Retry-After` field, seconds or a date; 0 when there is none that can be read. @see RFC 9110 §10.2.3 */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), most) : 0;
}
