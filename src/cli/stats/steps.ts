const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const steps = [1, 2, 5, 15, 30].map((count) => count * minute);
const longer = [1, 2, 6, 12].map((count) => count * hour);
const all = [...steps, ...longer, day, 7 * day, 28 * day];
const columns = 40;

/** The step that draws a time in at most so many characters, as the admin API takes it. */
export function stepOf(seconds: number): string {
  return `${(all.find((step) => seconds / step <= columns) ?? 28 * day) / minute}m`;
}
