import type { StatusRange } from "#model/retries.ts";

export function isWithin(ranges: readonly StatusRange[], status: number): boolean {
  for (const { from, to } of ranges) if (status >= from && status <= to) return true;
  return false;
}
