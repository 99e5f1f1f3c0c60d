import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSegmentName, type SegmentForm, segmentName } from "#audit/segment-name.ts";
import { readRange } from "./read-range.ts";
import { withSegment } from "./segment-text.ts";

export interface Segment {
  readonly number: number;
  readonly form: SegmentForm;
  /** Its name in the folder. */
  readonly file: string;
  readonly path: string;
}

/**
 * The segments of an audit folder, oldest first, each once; other files are left out. A folder that is not there has
 * none.
 */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const forms = await formsOf(directory, new Map());
  const numbers = [...forms.keys()];
  const span = numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1;
  // A folder is not listed at one moment: one that changed its form meanwhile may be missing in both.
  if (span !== numbers.length) await formsOf(directory, forms);
  return [...forms]
    .map(([number, form]) => segmentAt(directory, number, form))
    .toSorted((one, other) => one.number - other.number);
}

export function segmentAt(directory: string, number: number, form: SegmentForm): Segment {
  const file = segmentName(number, form);
  return { number, form, file, path: join(directory, file) };
}

/** Where there are both forms the lines as they were written count: the other one was not finished with. */
async function formsOf(directory: string, forms: Map<number, SegmentForm>): Promise<Map<number, SegmentForm>> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const { number, form } of names.map(readSegmentName).filter((one) => one !== undefined)) {
    if (form === "text" || !forms.has(number)) forms.set(number, form);
  }
  return forms;
}

const headerBytes = 1024;

/** When the segment was begun, from its first line: milliseconds since the epoch, undefined when it does not say. */
export async function segmentBegan(segment: Segment): Promise<number | undefined> {
  const bytes = await withSegment(segment, (text) => readRange(text, 0, headerBytes));
  const [line = ""] = bytes.toString("utf8").split("\n", 1);
  const time = /^\{"kind":"segment",[^{}]*?"time":"([^"]{1,40})"/.exec(line)?.[1];
  const began = Date.parse(time ?? "");
  return Number.isNaN(began) ? undefined : began;
}
