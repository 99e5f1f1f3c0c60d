/** Lines as they were written, or the same text in frames of zstd: `zstd/frame-index.ts`. */
export type SegmentForm = "text" | "zstd";

const endings: Readonly<Record<SegmentForm, string>> = { text: ".jsonl", zstd: ".jsonl.zst" };
const shape = /^(\d{8,15})(\.jsonl(?:\.zst)?)$/;

export function segmentName(segment: number, form: SegmentForm = "text"): string {
  return `${String(segment).padStart(8, "0")}${endings[form]}`;
}

/** The segment's number, whatever its form, or undefined for a file that is none. */
export function segmentNumber(name: string): number | undefined {
  return readSegmentName(name)?.number;
}

export function readSegmentName(name: string): { readonly number: number; readonly form: SegmentForm } | undefined {
  const [, digits = "", ending] = shape.exec(name) ?? [];
  const number = Number(digits);
  const form = ending === endings.zstd ? "zstd" : "text";
  return number >= 1 && segmentName(number, form) === name ? { number, form } : undefined;
}

/** The numbers of the segments among files, oldest first; one that is there in both forms counts once. */
export function numbersOf(names: readonly string[]): readonly number[] {
  const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
  return [...new Set(numbers)].toSorted((one, other) => one - other);
}
