/** What an entry takes up besides its octets. @see RFC 7541 §4.1 */
const overhead = 32;
/** Both sides' tables are never larger than the default. @see RFC 9113 §6.5.2 */
export const largestTable = 4096;
const places = largestTable / overhead;

/** The fields that one direction of a connection has named and may name again by a number. At most 4 KiB of octets. */
export class DynamicTable {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #sound = new Uint8Array(places);
  #capacity = largestTable;
  #size = 0;
  #count = 0;
  /** How many have ever been added, which is the newest's number. */
  #added = 0;

  get length(): number {
    return this.#count;
  }

  /** Number of the newest entry; they are numbered from 1 as they are added. */
  get newest(): number {
    return this.#added;
  }

  /** The entry with this number has not been evicted. */
  holds(number: number): boolean {
    return number > this.#added - this.#count;
  }

  /** @param index from 0, the newest, below the length */
  name(index: number): string {
    return this.#names[this.#placeOf(index)] as string;
  }

  value(index: number): string {
    return this.#values[this.#placeOf(index)] as string;
  }

  isSound(index: number): boolean {
    return this.#sound[this.#placeOf(index)] === 1;
  }

  /** One that is larger than the table empties it, and is no error. @param sound both parts are what fields may hold */
  add(name: string, value: string, sound: boolean): void {
    const size = name.length + value.length + overhead;
    this.#shrink(this.#capacity - size);
    if (size > this.#capacity) return;
    const place = this.#added % places;
    this.#names[place] = name;
    this.#values[place] = value;
    this.#sound[place] = sound ? 1 : 0;
    this.#added += 1;
    this.#count += 1;
    this.#size += size;
  }

  /** @param capacity at most {@link largestTable} */
  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#shrink(capacity);
  }

  #placeOf(index: number): number {
    return (this.#added - 1 - index) % places;
  }

  #shrink(to: number): void {
    while (this.#size > to && this.#count > 0) {
      const place = this.#placeOf(this.#count - 1);
      this.#size -= (this.#names[place] as string).length + (this.#values[place] as string).length + overhead;
      this.#names[place] = "";
      this.#values[place] = "";
      this.#count -= 1;
    }
  }
}
