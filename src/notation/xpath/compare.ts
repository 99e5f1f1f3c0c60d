import type { Meter } from "#notation/dom/meter.ts";
import { textOf } from "#notation/dom/node.ts";
import { numberOf, read, toBoolean, toNumber, toText, type Value } from "./values.ts";

/** `=` and `!=`: a set of nodes is equal to what one of its nodes is equal to. @see XPath 1.0 §3.4 */
export function isEqual(left: Value, right: Value, isWanted: boolean, meter: Meter): boolean {
  if (typeof left === "object" && typeof right === "object") return sharesText(left, right, isWanted, meter);
  if (typeof right === "object") return isEqual(right, left, isWanted, meter);
  if (typeof left === "object" && typeof right !== "boolean") {
    const is =
      typeof right === "number" ? (text: string) => numberOf(text) === right : (text: string) => text === right;
    return left.some((node) => is(read(textOf(node, meter), meter)) === isWanted);
  }
  if (typeof left === "boolean" || typeof right === "boolean")
    return (toBoolean(left) === toBoolean(right)) === isWanted;
  if (typeof left === "number" || typeof right === "number")
    return (toNumber(left, meter) === toNumber(right, meter)) === isWanted;
  return (toText(left, meter) === toText(right, meter)) === isWanted;
}

function sharesText(
  left: Extract<Value, object>,
  right: Extract<Value, object>,
  isWanted: boolean,
  meter: Meter,
): boolean {
  const texts = new Set(right.map((node) => read(textOf(node, meter), meter)));
  if (isWanted) return left.some((node) => texts.has(read(textOf(node, meter), meter)));
  const [first] = texts;
  return texts.size > 1 ? left.length > 0 : texts.size === 1 && left.some((node) => textOf(node, meter) !== first);
}

/** `left < right`, or `<=`. */
export function isLess(left: Value, right: Value, orEqual: boolean, meter: Meter): boolean {
  const least = bound(left, Math.min, meter);
  const most = bound(right, Math.max, meter);
  return orEqual ? least <= most : least < most;
}

/** Some node will do, so the least, or the most, of all decides. */
function bound(value: Value, pick: (a: number, b: number) => number, meter: Meter): number {
  if (typeof value !== "object") return toNumber(value, meter);
  let found = Number.NaN;
  for (const node of value) {
    const number = numberOf(read(textOf(node, meter), meter));
    if (!Number.isNaN(number)) found = Number.isNaN(found) ? number : pick(found, number);
  }
  return found;
}
