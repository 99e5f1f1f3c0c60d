/** From the first to the last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More ranges than any reader asks for: each costs a part of its own. */
const maxRanges = 16;

/**
 * The ranges that a Range field asks for of `size` bytes.
 * @returns "whole" when the field is to be ignored: another unit, too many, or more in sum than there is (overlaps
 * that would multiply what is sent); "none" when it is malformed or no range can be satisfied
 * @see RFC 9110 §14.2
 */
export function readRanges(field: string, size: number): readonly ByteRange[] | "whole" | "none" {
  const unit = /^bytes=(.*)$/i.exec(field);
  const specs = unit?.[1]?.split(",").map((spec) => spec.trim()) ?? [];
  const written = specs.filter((spec) => spec !== "");
  if (written.length === 0 || written.length > maxRanges) return "whole";
  const ranges: ByteRange[] = [];
  let sum = 0;
  for (const spec of written) {
    const range = readRange(spec, size);
    if (range === "malformed") return "none";
    if (range === "outside") continue;
    ranges.push(range);
    sum += range.last - range.first + 1;
  }
  if (ranges.length === 0) return "none";
  return sum > size ? "whole" : ranges;
}

function readRange(spec: string, size: number): ByteRange | "malformed" | "outside" {
  const [whole, from = "", to = ""] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
  if (whole === undefined || (from === "" && to === "")) return "malformed";
  if (from === "") return lastBytes(Number(to), size);
  const first = Number(from);
  if (to !== "" && Number(to) < first) return "malformed";
  if (first >= size) return "outside";
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

function lastBytes(count: number, size: number): ByteRange | "outside" {
  return count === 0 || size === 0 ? "outside" : { first: Math.max(0, size - count), last: size - 1 };
}
