/** `;rev=2` at the end of a segment: a revision of an API that is not the current one, as in API Management. */
const mark = /;rev=[1-9][0-9]{0,5}(?=\/|$)/y;

/** @returns where the mark that starts at `at` ends, -1 when there is none */
export function revisionEnd(path: string, at: number): number {
  mark.lastIndex = at;
  return mark.test(path) ? mark.lastIndex : -1;
}
