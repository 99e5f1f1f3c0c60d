import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { segmentAt, segmentBegan } from "#audit/read/segments.ts";
import { readSegmentName, type SegmentForm } from "#audit/segment-name.ts";
import { type Compressed, compressSegment, dropTextIfSame, temporaryShape } from "./compress-segment.ts";

export interface CompressorOptions {
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Default 256 KiB. */
  readonly frameBytes?: number;
  /** Of a segment that stays as it is, for an hour: a disk that is full may have room then. */
  readonly onProblem: (message: string) => void;
}

const retryAfterMs = 3_600_000;

/** Compresses the closed segments of a record, one at a time. It must be the only one there. */
export class Compressor {
  readonly #options: CompressorOptions;
  /** Segments that are left alone, and until when (monotonic ms). */
  readonly #left = new Map<number, number>();

  constructor(options: CompressorOptions) {
    this.#options = options;
  }

  /** What a crash left half written goes. Call first. */
  async sweep(): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory)) {
      if (temporaryShape.test(name)) await rm(join(directory, name), { force: true });
    }
  }

  /**
   * Compresses the newest segment that is closed and is not compressed: the oldest may be about to be retired.
   * @returns null: there is none, or it went another way
   */
  async next(): Promise<Compressed | null> {
    const { directory, signal, frameBytes, onProblem } = this.#options;
    const found = await this.#find();
    if (found === undefined) return null;
    const { number: segment, isBoth } = found;
    try {
      if (!isBoth)
        return await compressSegment({
          directory,
          segment,
          ...(frameBytes && { frameBytes }),
          ...(signal && { signal }),
        });
      await dropTextIfSame(directory, segment);
      return null;
    } catch (error) {
      this.#left.set(segment, performance.now() + retryAfterMs);
      onProblem(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  async #find(): Promise<{ readonly number: number; readonly isBoth: boolean } | undefined> {
    const { directory } = this.#options;
    const forms = formsOf(await readdir(directory));
    const numbers = [...forms.keys()].toSorted((one, other) => other - one);
    for (const [at, number] of numbers.entries()) {
      const next = numbers[at - 1];
      const has = forms.get(number);
      if (next === undefined || (this.#left.get(number) ?? 0) > performance.now() || has?.has("text") !== true)
        continue;
      // The writer has not let go of it before the next one says what it is.
      const form = forms.get(next)?.has("text") === true ? "text" : "zstd";
      if ((await segmentBegan(segmentAt(directory, next, form))) !== undefined)
        return { number, isBoth: has.has("zstd") };
    }
    return undefined;
  }
}

function formsOf(names: readonly string[]): ReadonlyMap<number, ReadonlySet<SegmentForm>> {
  const forms = new Map<number, Set<SegmentForm>>();
  for (const { number, form } of names.map(readSegmentName).filter((one) => one !== undefined)) {
    forms.set(number, (forms.get(number) ?? new Set()).add(form));
  }
  return forms;
}
