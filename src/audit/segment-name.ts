const shape = /^(\d{8,15})\.jsonl$/;

export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, "0")}.jsonl`;
}

/** The segment's number, or undefined for a file that is none. */
export function segmentNumber(name: string): number | undefined {
  const number = Number(shape.exec(name)?.[1] ?? Number.NaN);
  return number >= 1 && segmentName(number) === name ? number : undefined;
}
