import { dateOf, fromMs } from "./date-drop.ts";
import { type Filter, integer, number, text } from "./filter.ts";
import { formatNetDate } from "./net-date.ts";

/** Those over numbers, and what is left. */
export const numberFilters: Readonly<Record<string, Filter>> = {
  Abs: (value) => Math.abs(number(value)),
  AtLeast: (value, [least]) => Math.max(number(value), number(least)),
  AtMost: (value, [most]) => Math.min(number(value), number(most)),
  Ceil: (value) => Math.ceil(number(value)),
  Currency: (value) => currency(number(value)),
  Date: (value, [format], { now }) => date(value, text(format), now),
  Default: (value, [other]) => (isEmpty(value) ? other : value),
  DividedBy: (value, [by]) => divide(number(value), number(by)),
  Floor: (value) => Math.floor(number(value)),
  Minus: (value, [less]) => number(value) - number(less),
  Modulo: (value, [by]) => divisor(number(by), number(value) % number(by)),
  Plus: (value, [more]) => number(value) + number(more),
  Round: (value, [places = 0]) => round(number(value), Math.min(15, Math.max(0, integer(places)))),
  Times: (value, [by]) => number(value) * number(by),
};

/** What is no date stays what it is; without a format it is written as .NET does by itself. */
function date(value: unknown, format: string, now: number): unknown {
  const found = value === "now" || value === "today" ? fromMs(now) : dateOf(value);
  return found === undefined ? value : formatNetDate(found, format === "" ? "G" : format);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === false || text(value) === "";
}

/** Integers give an integer. */
function divide(value: number, by: number): number {
  const quotient = divisor(by, value / by);
  return Number.isInteger(value) && Number.isInteger(by) ? Math.trunc(quotient) : quotient;
}

function divisor(by: number, result: number): number {
  if (by === 0) throw new RangeError("division by zero");
  return result;
}

/** A half goes to the even neighbour, as in .NET. */
function round(value: number, places: number): number {
  const scaled = value * 10 ** places;
  const below = Math.floor(scaled);
  const up = scaled - below > 0.5 || (scaled - below === 0.5 && below % 2 !== 0);
  return (below + (up ? 1 : 0)) / 10 ** places;
}

/** The sign of the invariant culture. */
function currency(value: number): string {
  const amount = `¤${Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return value < 0 ? `(${amount})` : amount;
}
