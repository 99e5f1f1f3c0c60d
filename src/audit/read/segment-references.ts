import type { Buffer } from "node:buffer";
import { isShort, segmentIn, wayIn, whoIn } from "#audit/shared/reference.ts";
import type { ControlLine, Finding } from "./signed-lines.ts";

/** Judges whether the short records of a segment refer to lines of it that stand in front of them. */
export class SegmentReferences {
  readonly #segment: number;
  readonly #shared = new Set<number>();
  /** Of the next line. */
  #offset = 0;

  constructor(segment: number) {
    this.#segment = segment;
  }

  /** Called with each line. @param control it, if it is one of the chain's own */
  line(bytes: Buffer, start: number, end: number, control: ControlLine | undefined): Finding | undefined {
    const offset = this.#offset;
    this.#offset += end + 1 - start;
    if (control?.["kind"] === "shared") return this.#take(control, offset);
    if (!isShort(bytes, start, end)) return undefined;
    const isGood =
      segmentIn(bytes, start) === this.#segment &&
      this.#shared.has(whoIn(bytes, start)) &&
      this.#shared.has(wayIn(bytes, start));
    if (isGood) return undefined;
    return { problem: "reference-broken", detail: "the record refers to a line that is not in front of it" };
  }

  #take(line: ControlLine, offset: number): Finding | undefined {
    this.#shared.add(offset);
    if (line["segment"] === this.#segment && line["offset"] === offset) return undefined;
    return {
      problem: "reference-broken",
      detail: "the line says that it stands elsewhere, so that no record can refer to it",
    };
  }
}
