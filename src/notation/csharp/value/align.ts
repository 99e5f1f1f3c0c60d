import { charge } from "./run.ts";

/** Text in a field: right-aligned for a positive width, left-aligned for a negative one. */
export function aligned(made: string, width: number): string {
  if (width === 0) return made;
  charge(Math.abs(width) * 2);
  return width > 0 ? made.padStart(width) : made.padEnd(-width);
}
