/**
 * Header fields in the order and spelling they came in: a flat list `[name, value, name, value, …]`.
 *
 * This is the shape both Node's parser and its writers use, so a request passes through without one object
 * per field. Look-ups are linear and case-insensitive: real messages have ten to thirty fields, and a scan over
 * them is cheaper than building an index.
 */
export class HeaderList {
  readonly raw: string[];

  constructor(raw: string[] = []) {
    this.raw = raw;
  }

  /** A list that can be changed without changing this one. */
  clone(): HeaderList {
    return new HeaderList(this.raw.slice());
  }

  /** First value of the field, or undefined. `lowerName` must be lower case. */
  get(lowerName: string): string | undefined {
    const at = this.#indexOf(lowerName, 0);
    return at < 0 ? undefined : this.raw[at + 1];
  }

  has(lowerName: string): boolean {
    return this.#indexOf(lowerName, 0) >= 0;
  }

  /** Every value of the field, in order; empty when absent. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    for (let at = this.#indexOf(lowerName, 0); at >= 0; at = this.#indexOf(lowerName, at + 2)) {
      values.push(this.raw[at + 1] as string);
    }
    return values;
  }

  /** Values joined with `, ` (RFC 9110 §5.3), or undefined when absent. Not for Set-Cookie. */
  joined(lowerName: string): string | undefined {
    const first = this.#indexOf(lowerName, 0);
    if (first < 0) return undefined;
    const second = this.#indexOf(lowerName, first + 2);
    return second < 0 ? this.raw[first + 1] : this.all(lowerName).join(", ");
  }

  append(name: string, value: string): void {
    this.raw.push(name, value);
  }

  /** Replaces every field of that name by one, at the place of the first; appends when there was none. */
  set(name: string, value: string): void {
    const lowerName = name.toLowerCase();
    const at = this.#indexOf(lowerName, 0);
    if (at < 0) {
      this.raw.push(name, value);
      return;
    }
    this.raw[at] = name;
    this.raw[at + 1] = value;
    this.#deleteFrom(lowerName, at + 2);
  }

  /** Removes every field of that name. Returns whether there was one. `lowerName` must be lower case. */
  delete(lowerName: string): boolean {
    return this.#deleteFrom(lowerName, 0);
  }

  #indexOf(lowerName: string, from: number): number {
    const { raw } = this;
    const length = lowerName.length;
    for (let at = from; at < raw.length; at += 2) {
      const name = raw[at] as string;
      if (name.length === length && (name === lowerName || name.toLowerCase() === lowerName)) return at;
    }
    return -1;
  }

  #deleteFrom(lowerName: string, from: number): boolean {
    let at = this.#indexOf(lowerName, from);
    if (at < 0) return false;
    const { raw } = this;
    let kept = at;
    for (; at < raw.length; at += 2) {
      const name = raw[at] as string;
      if (name.length === lowerName.length && name.toLowerCase() === lowerName) continue;
      raw[kept] = name;
      raw[kept + 1] = raw[at + 1] as string;
      kept += 2;
    }
    raw.length = kept;
    return true;
  }
}
