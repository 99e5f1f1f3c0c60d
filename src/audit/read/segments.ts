import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { segmentName, segmentNumber } from "#audit/segment-name.ts";

export interface Segment {
  readonly number: number;
  /** Its name in the folder. */
  readonly file: string;
  readonly path: string;
}

/** The segments of an audit folder, oldest first; other files are left out. A folder that is not there has none. */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .map(segmentNumber)
    .filter((number) => number !== undefined)
    .toSorted((one, other) => one - other)
    .map((number) => ({ number, file: segmentName(number), path: join(directory, segmentName(number)) }));
}

const headerBytes = 1024;

/** When the segment was begun, from its first line: milliseconds since the epoch, undefined when it does not say. */
export async function segmentBegan({ path }: Segment): Promise<number | undefined> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(headerBytes), 0, headerBytes, 0);
    const [line = ""] = buffer.toString("utf8", 0, bytesRead).split("\n", 1);
    const time = /^\{"kind":"segment",[^{}]*?"time":"([^"]{1,40})"/.exec(line)?.[1];
    const began = Date.parse(time ?? "");
    return Number.isNaN(began) ? undefined : began;
  } finally {
    await file.close();
  }
}
