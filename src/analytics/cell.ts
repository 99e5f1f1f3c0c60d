import { Sketch } from "./sketch.ts";

/** What was counted of requests that are alike in every dimension, since it was last told. */
export class Cell {
  /** Keys: route, class of status and kind of principal; subscription and reason; product, upstream and agent. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
  calls = 0;
  denied = 0;
  bytesIn = 0;
  bytesOut = 0;
  cacheHits = 0;
  tokens = 0;
  sumMs = 0;
  maxMs = 0;
  readonly sketch: Sketch = new Sketch();

  constructor(first: number, second: number, third: number) {
    this.first = first;
    this.second = second;
    this.third = third;
  }

  clear(): void {
    this.calls = 0;
    this.denied = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.cacheHits = 0;
    this.tokens = 0;
    this.sumMs = 0;
    this.maxMs = 0;
    this.sketch.clear();
  }
}
