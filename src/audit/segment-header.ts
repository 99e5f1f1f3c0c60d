import { GatewayError } from "#model/errors.ts";
import { withSegmentBytes } from "./segment-bytes.ts";
import { segmentName } from "./segment-name.ts";

/** What the first line of a segment says of itself; its chain is not looked at. */
export interface SegmentHeader {
  readonly schema?: unknown;
  readonly tree?: unknown;
  readonly time?: unknown;
}

/** The tree of 2^50 lines is told in 4 KB. */
export const headerBytes = 8192;

/** Undefined for a line that is no segment's first. */
export function readHeader(line: string): SegmentHeader | undefined {
  if (!line.startsWith('{"kind":"segment"')) return undefined;
  try {
    return JSON.parse(line) as SegmentHeader;
  } catch {
    return undefined;
  }
}

/** Lines were chained without a tree at first, and cannot be told apart from damaged ones. */
export function isOlderForm({ tree }: SegmentHeader): boolean {
  return tree === undefined;
}

export const olderFormFix = "move the folder elsewhere, where it stays readable, and a new record is begun";

/** @throws GatewayError `audit-unavailable` */
export function refuseOlderForm(directory: string, segment: number): void {
  const header = readHeader(firstLine(directory, segment));
  if (header === undefined || !isOlderForm(header)) return;
  const message = `${segmentName(segment)} of ${directory} is of an older form of the record: ${olderFormFix}`;
  throw new GatewayError("audit-unavailable", 503, message, { source: "store" });
}

export function firstLine(directory: string, segment: number): string {
  const bytes = withSegmentBytes(directory, segment, (text) => text.read(0, headerBytes));
  const [line = ""] = bytes.toString("utf8").split("\n", 1);
  return line;
}
