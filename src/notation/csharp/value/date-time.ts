import { type DateParts, formatDate } from "./format-date.ts";
import { NetException } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { now } from "./run.ts";
import { ticksPerDay, ticksPerMillisecond, ticksPerSecond, TimeSpan } from "./time-span.ts";

export const unixEpochTicks = 621_355_968_000_000_000n;
export const maxTicks = 3_155_378_975_999_999_999n;

export const kinds = { unspecified: 0, utc: 1, local: 2 } as const;
export type Kind = 0 | 1 | 2;

function checked(ticks: bigint): bigint {
  if (ticks < 0n || ticks > maxTicks) {
    throw new NetException(
      "ArgumentOutOfRangeException",
      "The added or subtracted value results in an un-representable DateTime. (Parameter 'value')",
    );
  }
  return ticks;
}

/** Ticks of 100 ns since 0001-01-01, and what they are relative to. The gateway's local time is UTC. */
export class DateTime implements NetObject {
  readonly netType = "DateTime";
  readonly ticks: bigint;
  readonly kind: Kind;

  constructor(ticks: bigint, kind: Kind) {
    this.ticks = checked(ticks);
    this.kind = kind;
  }

  equals(other: unknown): boolean {
    return other instanceof DateTime && other.ticks === this.ticks;
  }

  compareTo(other: unknown): number {
    return compareTicks(this.ticks, (other as DateTime).ticks);
  }

  get hashKey(): string {
    return `\0date ${this.ticks}`;
  }

  add(ticks: bigint): DateTime {
    return new DateTime(this.ticks + ticks, this.kind);
  }

  get parts(): DateParts {
    return partsOf(this.ticks);
  }

  toString(): string {
    return this.format("G");
  }

  format(format: string): string {
    return formatDate(format, this.parts, { kind: this.kind, offsetMinutes: null });
  }
}

/** A point in time with its offset from UTC. */
export class DateTimeOffset implements NetObject {
  readonly netType = "DateTimeOffset";
  /** On the local clock. */
  readonly ticks: bigint;
  readonly offsetMinutes: number;

  constructor(ticks: bigint, offsetMinutes: number) {
    this.ticks = checked(ticks);
    this.offsetMinutes = offsetMinutes;
  }

  get utcTicks(): bigint {
    return this.ticks - BigInt(this.offsetMinutes) * ticksPerSecond * 60n;
  }

  equals(other: unknown): boolean {
    return other instanceof DateTimeOffset && other.utcTicks === this.utcTicks;
  }

  compareTo(other: unknown): number {
    return compareTicks(this.utcTicks, (other as DateTimeOffset).utcTicks);
  }

  get hashKey(): string {
    return `\0offset ${this.utcTicks}`;
  }

  add(ticks: bigint): DateTimeOffset {
    return new DateTimeOffset(this.ticks + ticks, this.offsetMinutes);
  }

  get parts(): DateParts {
    return partsOf(this.ticks);
  }

  toString(): string {
    return this.format("");
  }

  format(format: string): string {
    return formatDate(format === "" ? "MM/dd/yyyy HH:mm:ss zzz" : format, this.parts, {
      kind: kinds.unspecified,
      offsetMinutes: this.offsetMinutes,
    });
  }
}

function compareTicks(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function partsOf(ticks: bigint): DateParts {
  const day = new Date(Number(ticks / ticksPerDay - unixEpochTicks / ticksPerDay) * 86_400_000);
  const inDay = ticks % ticksPerDay;
  return {
    year: day.getUTCFullYear(),
    month: day.getUTCMonth() + 1,
    day: day.getUTCDate(),
    hour: Number(inDay / (ticksPerSecond * 3600n)),
    minute: Number((inDay / (ticksPerSecond * 60n)) % 60n),
    second: Number((inDay / ticksPerSecond) % 60n),
    fraction: Number(inDay % ticksPerSecond),
    weekday: day.getUTCDay(),
  };
}

/** Ticks of a day of the calendar; undefined for one that there is not. */
export function ticksOfDay(year: number, month: number, day: number): bigint | undefined {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return BigInt(date.getTime()) * ticksPerMillisecond + unixEpochTicks;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function currentTicks(): bigint {
  return ticksOfUnix(now());
}

/** @param milliseconds since 1970, with a fraction */
export function ticksOfUnix(milliseconds: number): bigint {
  return unixEpochTicks + BigInt(Math.round(milliseconds * 10_000));
}

/** To the same day of another month, or its last day. */
export function addMonths(ticks: bigint, months: number): bigint {
  const { year, month, day } = partsOf(ticks);
  const index = year * 12 + (month - 1) + months;
  const newYear = Math.floor(index / 12);
  const newMonth = (index % 12) + 1;
  if (newYear < 1 || newYear > 9999)
    throw new NetException(
      "ArgumentOutOfRangeException",
      "The added or subtracted value results in an un-representable DateTime. (Parameter 'months')",
    );
  const start = ticksOfDay(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth))) ?? 0n;
  return start + (ticks % ticksPerDay);
}

export function difference(a: bigint, b: bigint): TimeSpan {
  return new TimeSpan(a - b);
}
