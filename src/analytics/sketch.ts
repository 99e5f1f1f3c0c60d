/** A quantile is off by at most this share of itself. */
export const accuracy: number = 0.01;

const gamma = (1 + accuracy) / (1 - accuracy);
const perLog = 1 / Math.log(gamma);
/** Milliseconds; what is shorter is as good as this. */
const least = 0.001;
/** The bucket of 10,000 s, and of all that is longer: the longest is kept apart. */
export const lastBucket: number = Math.ceil(Math.log(1e10) * perLog);
const firstWidth = 64;

/**
 * Times in milliseconds, as counts in buckets whose bounds grow by a fixed factor, so that two sketches add up without
 * loss: the sketch of all is the sum of the sketches of the parts, bucket by bucket. The buckets in use stand in one
 * window, which grows to what is seen; a time costs a logarithm and an addition.
 * @see https://arxiv.org/abs/1908.10693 (DDSketch)
 */
export class Sketch {
  /** Bucket of the first count in the window. */
  #from = 0;
  #counts: Float64Array = new Float64Array(0);
  count = 0;

  add(ms: number): void {
    this.addTo(bucketOf(ms), 1);
  }

  addTo(bucket: number, count: number): void {
    let at = bucket - this.#from;
    if (at < 0 || at >= this.#counts.length) {
      this.#widen(bucket);
      at = bucket - this.#from;
    }
    this.#counts[at] = (this.#counts[at] as number) + count;
    this.count += count;
  }

  merge(other: Sketch): void {
    other.each((bucket, count) => this.addTo(bucket, count));
  }

  /** Empty again, with the room that it has. */
  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
  }

  /** Buckets that are not empty, the shortest first. */
  each(visit: (bucket: number, count: number) => void): void {
    for (let at = 0; at < this.#counts.length; at += 1) {
      const count = this.#counts[at] as number;
      if (count !== 0) visit(this.#from + at, count);
    }
  }

  /** @param share 0 to 1 @returns milliseconds; null: nothing was counted */
  quantile(share: number): number | null {
    if (this.count === 0) return null;
    let left = Math.max(1, Math.ceil(share * this.count));
    for (let at = 0; at < this.#counts.length; at += 1) {
      left -= this.#counts[at] as number;
      if (left <= 0) return timeOf(this.#from + at);
    }
    return timeOf(lastBucket);
  }

  #widen(bucket: number): void {
    const { length } = this.#counts;
    if (length === 0) {
      this.#from = Math.max(0, bucket - firstWidth / 2);
      this.#counts = new Float64Array(firstWidth);
      return;
    }
    const from = Math.max(0, Math.min(this.#from, bucket - firstWidth / 2));
    const to = Math.max(this.#from + length, bucket + firstWidth / 2);
    const wider = new Float64Array(to - from);
    wider.set(this.#counts, this.#from - from);
    this.#from = from;
    this.#counts = wider;
  }
}

function bucketOf(ms: number): number {
  if (!(ms > least)) return 0;
  return Math.min(lastBucket, Math.ceil(Math.log(ms / least) * perLog));
}

/** The middle of a bucket, as far from its one bound as from the other in shares of itself. */
function timeOf(bucket: number): number {
  return bucket === 0 ? least : (least * 2 * gamma ** bucket) / (gamma + 1);
}
