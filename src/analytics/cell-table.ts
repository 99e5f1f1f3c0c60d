import type { PrincipalKind } from "#model/principal.ts";
import { Cell } from "./cell.ts";
import { type Dimension, mostValues, other } from "./dimensions.ts";
import { LotWriter } from "./lot-writer.ts";
import { Names, otherNumber } from "./names.ts";
import type { Told } from "./told.ts";

/** Cells at a time; the load of the table is at most a half. */
const mostCells = 4096;
/** From here on, what clients can multiply is not told apart in new cells. */
const narrowFrom = 3072;
const slots = mostCells * 2;

export const kinds: readonly PrincipalKind[] = ["anonymous", "user", "service", "agent"];
const classes = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Between the API and the operation in a name of {@link CellTable.operations}: neither has it. */
export const separator = "\n";

/** `first` of the cell for what finds no other: no route has it. */
const allOther = -1;

/** Counts by the numbers of their values, all of it bounded. It is thrown away when it is half full. */
export class CellTable {
  readonly operations: Names = new Names(mostValues.operation);
  readonly products: Names = new Names(mostValues.product);
  readonly subscriptions: Names = new Names(mostValues.subscription);
  readonly reasons: Names = new Names(mostValues.reason);
  readonly upstreams: Names = new Names(mostValues.upstream);
  readonly agents: Names = new Names(mostValues.agent);
  readonly cells: Cell[] = [];
  readonly #slots: (Cell | undefined)[] = Array.from({ length: slots });
  #beyondCells = 0;

  /** @param digit first one of the status, or 0 @param kind its place in {@link kinds} */
  find(
    operation: number,
    digit: number,
    kind: number,
    subscription: number,
    reason: number,
    product: number,
    upstream: number,
    agent: number,
  ): Cell {
    return this.#at(
      (operation * 8 + digit) * 4 + kind,
      subscription * 1024 + reason,
      (product * 1024 + upstream) * 512 + agent,
    );
  }

  get isCrowded(): boolean {
    const isFull = [this.operations, this.products, this.subscriptions, this.upstreams, this.agents].some(
      (names) => names.isHalfFull,
    );
    return isFull || this.cells.length > mostCells / 2;
  }

  /** The cells that are given, with their values as text; they are empty then. */
  tell(cells: readonly Cell[]): Pick<Told, "names" | "rows" | "sketches"> {
    const writer = new LotWriter(cells.length);
    for (const cell of cells) {
      writer.add(cell, this.#valuesOf(cell));
      cell.clear();
    }
    return writer.finish();
  }

  /** Requests that were counted under `other` since the last time. */
  takeBeyond(): readonly (readonly [string, number])[] {
    const all: readonly (readonly [Dimension, Names])[] = [
      ["operation", this.operations],
      ["product", this.products],
      ["subscription", this.subscriptions],
      ["reason", this.reasons],
      ["upstream", this.upstreams],
      ["agent", this.agents],
    ];
    const told: (readonly [string, number])[] = [];
    for (const [dimension, names] of all) {
      if (names.beyond > 0) told.push([dimension, names.beyond]);
      names.beyond = 0;
    }
    if (this.#beyondCells > 0) told.push(["all", this.#beyondCells]);
    this.#beyondCells = 0;
    return told;
  }

  #at(first: number, second: number, third: number): Cell {
    const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
    let at = (hash ^ (hash >>> 15)) & (slots - 1);
    for (;;) {
      const cell = this.#slots[at];
      if (cell === undefined) return this.#make(at, first, second, third);
      if (cell.first === first && cell.second === second && cell.third === third) return cell;
      at = (at + 1) & (slots - 1);
    }
  }

  #make(at: number, first: number, second: number, third: number): Cell {
    const count = this.cells.length;
    if (count >= narrowFrom && first !== allOther) {
      const narrow = otherNumber * 1024 + (second % 1024);
      const rest = (Math.floor(third / (1024 * 512)) * 1024 + otherNumber) * 512 + otherNumber;
      if (second !== narrow || third !== rest) {
        this.#beyondCells += 1;
        return this.#at(first, narrow, rest);
      }
      if (count >= mostCells - 1) return this.#at(allOther, 0, 0);
    }
    const cell = new Cell(first, second, third);
    this.#slots[at] = cell;
    this.cells.push(cell);
    return cell;
  }

  /** In the order of a row. */
  #valuesOf({ first, second, third }: Cell): readonly string[] {
    if (first === allOther) return Array.from({ length: 9 }, () => other);
    const [api = "", operation = other] = this.operations.textOf(first >> 5).split(separator);
    return [
      api,
      operation,
      this.products.textOf(Math.floor(third / (1024 * 512))),
      this.subscriptions.textOf(Math.floor(second / 1024)),
      kinds[first & 3] ?? other,
      classes[(first >> 2) & 7] ?? other,
      this.reasons.textOf(second % 1024),
      this.upstreams.textOf(Math.floor(third / 512) % 1024),
      this.agents.textOf(third % 512),
    ];
  }
}
