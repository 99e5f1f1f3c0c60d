import { dayNames, monthNames } from "./format-date.ts";
import { DateTime, DateTimeOffset, currentTicks, kinds, ticksOfDay } from "./date-time.ts";
import { badFormat } from "./net-exception.ts";
import { ticksPerDay, ticksPerHour, ticksPerMinute, ticksPerSecond } from "./time-span.ts";

/** DateTimeStyles that matter here. */
export const dateStyles = { adjustToUniversal: 16, assumeLocal: 32, assumeUniversal: 64, roundtripKind: 128 } as const;

/** What a text says: the time on its own clock, and the offset where it gives one (null: none; 0 with `isZulu`: Z). */
export interface ReadDate {
  readonly ticks: bigint;
  readonly offsetMinutes: number | null;
  readonly isZulu: boolean;
}

const maxLength = 100;
const time = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?`;
const zone = String.raw`\s*(Z|z|GMT|UTC|[+-]\d{1,2}(?::?\d{2})?)?`;
const iso = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)${time}${zone})?$`);
const slashed = new RegExp(String.raw`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:\s+${time}${zone})?$`);
const yearFirst = new RegExp(String.raw`^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:\s+${time}${zone})?$`);
const worded = new RegExp(
  String.raw`^(?:([A-Za-z]{3,9}),?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9})[\s,-]+(\d{4})(?:\s+${time}${zone})?$`,
);
const american = new RegExp(
  String.raw`^(?:([A-Za-z]{3,9}),?\s+)?([A-Za-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})(?:\s+${time}${zone})?$`,
);
const timeOnly = new RegExp(String.raw`^${time}${zone}$`);

/** The forms that DateTime.Parse takes under the invariant culture, as far as they occur; undefined for others. */
export function readDate(given: string): ReadDate | undefined {
  const text = given.trim();
  if (text.length > maxLength) return undefined;
  const found = iso.exec(text) ?? yearFirst.exec(text);
  if (found !== null) return whole(Number(found[1]), Number(found[2]), Number(found[3]), found.slice(4));
  const local = slashed.exec(text);
  if (local !== null) return whole(fullYear(Number(local[3])), Number(local[1]), Number(local[2]), local.slice(4));
  const words = worded.exec(text);
  if (words !== null && isDayName(words[1]))
    return whole(Number(words[4]), monthOf(words[3]), Number(words[2]), words.slice(5));
  const us = american.exec(text);
  if (us !== null && isDayName(us[1])) return whole(Number(us[4]), monthOf(us[2]), Number(us[3]), us.slice(5));
  const clock = timeOnly.exec(text);
  if (clock === null) return undefined;
  return withTime((currentTicks() / ticksPerDay) * ticksPerDay, clock.slice(1));
}

function fullYear(year: number): number {
  return year >= 100 ? year : year < 50 ? 2000 + year : 1900 + year;
}

function isDayName(name: string | undefined): boolean {
  return (
    name === undefined ||
    dayNames.some(
      (day) => day.toLowerCase() === name.toLowerCase() || day.slice(0, 3).toLowerCase() === name.toLowerCase(),
    )
  );
}

function monthOf(name: string | undefined): number {
  const wanted = (name ?? "").toLowerCase();
  return (
    monthNames.findIndex((month) => month.toLowerCase() === wanted || month.slice(0, 3).toLowerCase() === wanted) + 1
  );
}

function whole(year: number, month: number, day: number, rest: readonly (string | undefined)[]): ReadDate | undefined {
  const start = ticksOfDay(year, month, day);
  return start === undefined ? undefined : withTime(start, rest);
}

function withTime(start: bigint, rest: readonly (string | undefined)[]): ReadDate | undefined {
  const [hours = "0", minutes = "0", seconds = "0", fraction = "", half, offset] = rest;
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
  }
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const ticks =
    start +
    BigInt(hour) * ticksPerHour +
    BigInt(minutes) * ticksPerMinute +
    BigInt(seconds) * ticksPerSecond +
    BigInt(fraction.slice(0, 7).padEnd(7, "0"));
  if (offset === undefined) return { ticks, offsetMinutes: null, isZulu: false };
  const isZulu = /^[A-Za-z]/.test(offset);
  return { ticks, offsetMinutes: isZulu ? 0 : minutesOf(offset), isZulu };
}

function minutesOf(offset: string): number {
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(offset) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

export function notADate(text: string): Error {
  return badFormat(`String '${text.slice(0, 100)}' was not recognized as a valid DateTime.`);
}

/** DateTime.Parse: a text with an offset comes out in local time, which is UTC here. */
export function asDateTime({ ticks, offsetMinutes, isZulu }: ReadDate, style: number): DateTime {
  const utc = ticks - BigInt(offsetMinutes ?? 0) * ticksPerMinute;
  if (offsetMinutes !== null) {
    if ((style & dateStyles.adjustToUniversal) !== 0) return new DateTime(utc, kinds.utc);
    if ((style & dateStyles.roundtripKind) !== 0 && isZulu) return new DateTime(utc, kinds.utc);
    return new DateTime(utc, kinds.local);
  }
  if ((style & dateStyles.assumeUniversal) !== 0) {
    return new DateTime(ticks, (style & dateStyles.adjustToUniversal) === 0 ? kinds.local : kinds.utc);
  }
  if ((style & dateStyles.assumeLocal) !== 0) {
    return new DateTime(ticks, (style & dateStyles.adjustToUniversal) === 0 ? kinds.local : kinds.utc);
  }
  return new DateTime(ticks, kinds.unspecified);
}

export function asDateTimeOffset({ ticks, offsetMinutes }: ReadDate, style: number): DateTimeOffset {
  const made = new DateTimeOffset(ticks, offsetMinutes ?? 0);
  if ((style & dateStyles.adjustToUniversal) === 0) return made;
  return new DateTimeOffset(made.utcTicks, 0);
}
