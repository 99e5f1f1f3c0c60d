import type { RenewalWindow } from "#edge/acme/renewal-info.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export interface Lifetime {
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What the authority wishes, and the moment in its window that was drawn for this certificate. */
export interface PlannedRenewal {
  readonly window: RenewalWindow;
  readonly at: number;
}

/** An authority that always wants the newest certificate renewed would be asked for another at every look. */
const leastAge = 6 * hour;

/**
 * When to renew: when the authority wishes, else with a third of the lifetime left. With a twentieth left the
 * authority's wish no longer counts: a site that goes dark helps nobody.
 */
export function renewAt({ notBefore, notAfter }: Lifetime, planned: PlannedRenewal | null): number {
  const lifetime = notAfter - notBefore;
  const latest = notAfter - lifetime / 20;
  return planned === null ? notAfter - lifetime / 3 : Math.min(Math.max(planned.at, notBefore + leastAge), latest);
}

/**
 * Draws a moment of the window, all of them equally likely; a plan stays while its window does.
 *
 * @param fraction from 0 to 1, random
 * @see RFC 9773 §4.2
 */
export function planRenewal(window: RenewalWindow, before: PlannedRenewal | null, fraction: number): PlannedRenewal {
  const same = before !== null && before.window.start === window.start && before.window.end === window.end;
  const at = same ? before.at : Math.round(window.start + (window.end - window.start) * fraction);
  return { window, at };
}

const first = minute;
const longest = 6 * hour;
/** Then it is given up until somebody does something about it. */
const patience = 30 * day;

/**
 * When to try again: after a minute, then ever later up to six hours, and for thirty days.
 *
 * @param failures tries that have failed in a row, this one included
 * @param since when the first of them failed
 * @param wanted milliseconds that the authority asks to wait
 * @param fraction from 0 to 1, random: nodes that failed together do not come back together
 * @returns null when it is given up
 */
export function nextTryAt(
  failures: number,
  since: number,
  now: number,
  wanted: number,
  fraction: number,
): number | null {
  if (now - since >= patience) return null;
  const delay = Math.min(first * 2 ** Math.min(failures - 1, 20), longest);
  return now + Math.max(Math.round(delay * (0.9 + 0.2 * fraction)), wanted);
}
