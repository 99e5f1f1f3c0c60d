import { type Filter, integer, list, text } from "./filter.ts";
import { memberOf } from "./member.ts";

/** Those over lists; a text is a list of its characters where DotLiquid takes it for one. */
export const listFilters: Readonly<Record<string, Filter>> = {
  Compact: (value) => list(value).filter((item) => item !== null && item !== undefined),
  First: (value) => list(value)[0],
  Join: (value, [by = " "], { charge }) => join(list(value), text(by), charge),
  Last: (value) => list(value).at(-1),
  Map: (value, [name]) => list(value).map((item) => memberOf(item, text(name))),
  Size: (value) => (Array.isArray(value) ? value.length : text(value).length),
  Slice: (value, [from, length = 1]) => slice(value, integer(from), integer(length)),
  Sort: (value, [name]) => list(value).toSorted((one, other) => compare(key(one, name), key(other, name))),
  Uniq: (value) => unique(list(value)),
};

function join(items: readonly unknown[], by: string, charge: (units: number) => void): string {
  const texts = items.map(text);
  charge(texts.reduce((units, { length }) => units + length + by.length, 0));
  return texts.join(by);
}

function slice(value: unknown, from: number, length: number): unknown {
  const whole = Array.isArray(value) ? (value as readonly unknown[]) : text(value);
  const start = from < 0 ? Math.max(0, whole.length + from) : from;
  return whole.slice(start, start + Math.max(0, length));
}

function key(item: unknown, name: unknown): unknown {
  return name === undefined ? item : memberOf(item, text(name));
}

/** Null first; numbers as numbers. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const [left, right] = [text(one), text(other)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function unique(items: readonly unknown[]): readonly unknown[] {
  const seen = new Set<unknown>();
  return items.filter((item) => {
    const same = typeof item === "object" && item !== null ? JSON.stringify(item) : item;
    return seen.has(same) ? false : seen.add(same);
  });
}
