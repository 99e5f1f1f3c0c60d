import type { Cell } from "./cell.ts";
import { none } from "./dimensions.ts";
import { sketchBytesAtMost, writeSketch } from "./sketch-bytes.ts";
import { column, rowWidth, type Told } from "./told.ts";

/** One message of a worker. */
export class LotWriter {
  readonly #rows: Float64Array<ArrayBuffer>;
  readonly #names: string[] = [];
  readonly #places = new Map<string, number>();
  #bytes = new Uint8Array(64 * 1024);
  #used = 0;
  #row = 0;

  constructor(cells: number) {
    this.#rows = new Float64Array(cells * rowWidth);
  }

  add(cell: Cell, values: readonly string[]): void {
    const base = this.#row * rowWidth;
    this.#row += 1;
    const rows = this.#rows;
    for (let at = 0; at < values.length; at += 1) rows[base + at] = this.#placeOf(values[at] ?? none);
    rows[base + column.calls] = cell.calls;
    rows[base + column.denied] = cell.denied;
    rows[base + column.bytesIn] = cell.bytesIn;
    rows[base + column.bytesOut] = cell.bytesOut;
    rows[base + column.cacheHits] = cell.cacheHits;
    rows[base + column.tokens] = cell.tokens;
    rows[base + column.sumMs] = cell.sumMs;
    rows[base + column.maxMs] = cell.maxMs;
    this.#reserve();
    const end = writeSketch(cell.sketch, this.#bytes, this.#used);
    rows[base + column.sketchBytes] = end - this.#used;
    this.#used = end;
  }

  finish(): Pick<Told, "names" | "rows" | "sketches"> {
    return { names: this.#names, rows: this.#rows, sketches: this.#bytes.slice(0, this.#used) };
  }

  #reserve(): void {
    if (this.#bytes.length - this.#used >= sketchBytesAtMost) return;
    const wider = new Uint8Array(this.#bytes.length * 2);
    wider.set(this.#bytes);
    this.#bytes = wider;
  }

  #placeOf(value: string): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    this.#places.set(value, this.#names.length);
    return this.#names.push(value) - 1;
  }
}
