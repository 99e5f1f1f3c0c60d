import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import {
  addMonths,
  currentTicks,
  DateTime,
  DateTimeOffset,
  daysInMonth,
  difference,
  isLeapYear,
  type Kind,
  kinds,
  maxTicks,
  ticksOfDay,
  unixEpochTicks,
} from "#notation/csharp/value/date-time.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argument, argumentNull, NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetArray } from "#notation/csharp/value/net-array.ts";
import type { Double } from "#notation/csharp/value/numbers.ts";
import { asDateTime, asDateTimeOffset, notADate, readDate, type ReadDate } from "#notation/csharp/value/parse-date.ts";
import { readExact } from "#notation/csharp/value/parse-exact.ts";
import {
  ticksPerDay,
  ticksPerHour,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
  TimeSpan,
} from "#notation/csharp/value/time-span.ts";
import { dateTimeKindTable, dayOfWeekTable } from "./enums.ts";
import { comparisonOperators } from "./time.ts";

const kindFacts = { id: "DateTimeKind", table: dateTimeKindTable };
const dayFacts = { id: "DayOfWeek", table: dayOfWeekTable };
const zero = new DateTime(0n, kinds.unspecified);
const zeroOffset = new DateTimeOffset(0n, 0);

const notRepresentable = (): NetException =>
  new NetException(
    "ArgumentOutOfRangeException",
    "Year, Month, and Day parameters describe an un-representable DateTime.",
  );

export function ticksOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
): bigint {
  const start = ticksOfDay(year, month, day);
  if (
    start === undefined ||
    hour < 0 ||
    hour > 23 ||
    minute < 0 ||
    minute > 59 ||
    second < 0 ||
    second > 59 ||
    millisecond < 0 ||
    millisecond > 999
  ) {
    throw notRepresentable();
  }
  return (
    start +
    BigInt(hour) * ticksPerHour +
    BigInt(minute) * ticksPerMinute +
    BigInt(second) * ticksPerSecond +
    BigInt(millisecond) * ticksPerMillisecond
  );
}

function read(text: string | null): ReadDate {
  if (text === null) throw argumentNull("s");
  const found = readDate(text);
  if (found === undefined) throw notADate(text);
  return found;
}

function exact(text: string | null, format: string | NetArray | null): ReadDate {
  if (text === null) throw argumentNull("s");
  const formats = typeof format === "string" ? [format] : ((format?.items ?? []) as readonly string[]);
  for (const each of formats) {
    const found = readExact(text, each);
    if (found !== undefined) return found;
  }
  throw notADate(text);
}

function attempt<T>(result: Ref<T>, fallback: T, make: () => T): boolean {
  result.value = fallback;
  try {
    result.value = make();
    return true;
  } catch (error) {
    if (error instanceof NetException) return false;
    throw error;
  }
}

type Style = EnumValue;
type Point = DateTime | DateTimeOffset;

function units(value: Double, unit: bigint): bigint {
  // Whole units are exact; a fraction is kept to the tick.
  if (Number.isInteger(value.value)) return BigInt(value.value) * unit;
  const ticks = value.value * Number(unit);
  if (!Number.isFinite(ticks)) throw argument("Value to add was out of range. (Parameter 'value')");
  return BigInt(Math.round(ticks));
}

const adding = (unit: bigint) => (self: Point, value: Double) => self.add(units(value, unit));

function withTicks(self: Point, ticks: bigint): Point {
  return self instanceof DateTime ? new DateTime(ticks, self.kind) : new DateTimeOffset(ticks, self.offsetMinutes);
}

/** Members of both DateTime and DateTimeOffset. */
function shared(type: string): NonNullable<TypeTable["members"]> {
  return {
    "Year: int": (self: Point) => self.parts.year,
    "Month: int": (self: Point) => self.parts.month,
    "Day: int": (self: Point) => self.parts.day,
    "Hour: int": (self: Point) => self.parts.hour,
    "Minute: int": (self: Point) => self.parts.minute,
    "Second: int": (self: Point) => self.parts.second,
    "Millisecond: int": (self: Point) => Math.trunc(self.parts.fraction / 10_000),
    "Ticks: long": (self: Point) => self.ticks,
    "DayOfWeek: DayOfWeek": (self: Point) => new EnumValue(dayFacts, self.parts.weekday),
    "DayOfYear: int": (self: Point) =>
      Number(self.ticks / ticksPerDay - ticksOf(self.parts.year, 1, 1) / ticksPerDay) + 1,
    "TimeOfDay: TimeSpan": (self: Point) => new TimeSpan(self.ticks % ticksPerDay),
    [`AddDays(double value): ${type}`]: adding(ticksPerDay),
    [`AddHours(double value): ${type}`]: adding(ticksPerHour),
    [`AddMinutes(double value): ${type}`]: adding(ticksPerMinute),
    [`AddSeconds(double value): ${type}`]: adding(ticksPerSecond),
    [`AddMilliseconds(double value): ${type}`]: adding(ticksPerMillisecond),
    [`AddTicks(long value): ${type}`]: (self: Point, ticks: bigint) => self.add(ticks),
    [`AddMonths(int months): ${type}`]: (self: Point, months: number) => withTicks(self, addMonths(self.ticks, months)),
    [`AddYears(int years): ${type}`]: (self: Point, years: number) =>
      withTicks(self, addMonths(self.ticks, years * 12)),
    [`Add(TimeSpan value): ${type}`]: (self: Point, span: TimeSpan) => self.add(span.ticks),
    [`Subtract(TimeSpan value): ${type}`]: (self: Point, span: TimeSpan) => self.add(-span.ticks),
    [`CompareTo(${type} value): int`]: (self: Point, other: Point) => self.compareTo(other),
    [`Equals(${type} value): bool`]: (self: Point, other: Point) => self.equals(other),
    "ToString(string format): string": (self: Point, format: string | null) => self.format(format ?? ""),
    "ToString(IFormatProvider provider): string": (self: Point) => self.toString(),
    "ToString(string format, IFormatProvider provider): string": (self: Point, format: string | null) =>
      self.format(format ?? ""),
  };
}

export const dateTimeTable: TypeTable = {
  name: "DateTime",
  namespace: "System",
  kind: "struct",
  implements: ["IComparable", "IComparable<DateTime>", "IFormattable", "IConvertible"],
  zero: () => zero,
  construct: {
    "(long ticks)": (ticks: bigint) => new DateTime(ticks, kinds.unspecified),
    "(long ticks, DateTimeKind kind)": (ticks: bigint, kind: EnumValue) => new DateTime(ticks, kind.value as Kind),
    "(int year, int month, int day)": (year: number, month: number, day: number) =>
      new DateTime(ticksOf(year, month, day), kinds.unspecified),
    "(int year, int month, int day, int hour, int minute, int second)": (...parts: number[]) =>
      new DateTime(ticksOf(...(parts as [number, number, number])), kinds.unspecified),
    "(int year, int month, int day, int hour, int minute, int second, int millisecond)": (...parts: number[]) =>
      new DateTime(ticksOf(...(parts as [number, number, number])), kinds.unspecified),
    "(int year, int month, int day, int hour, int minute, int second, DateTimeKind kind)": (
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      kind: EnumValue,
    ) => new DateTime(ticksOf(year, month, day, hour, minute, second), kind.value as Kind),
    "(int year, int month, int day, int hour, int minute, int second, int millisecond, DateTimeKind kind)": (
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      millisecond: number,
      kind: EnumValue,
    ) => new DateTime(ticksOf(year, month, day, hour, minute, second, millisecond), kind.value as Kind),
  },
  statics: {
    "Now: DateTime": () => new DateTime(currentTicks(), kinds.local),
    "UtcNow: DateTime": () => new DateTime(currentTicks(), kinds.utc),
    "Today: DateTime": () => new DateTime((currentTicks() / ticksPerDay) * ticksPerDay, kinds.local),
    "MinValue: DateTime": () => zero,
    "MaxValue: DateTime": () => new DateTime(maxTicks, kinds.unspecified),
    "UnixEpoch: DateTime": () => new DateTime(unixEpochTicks, kinds.utc),
    "Parse(string s): DateTime": (text: string | null) => asDateTime(read(text), 0),
    "Parse(string s, IFormatProvider provider): DateTime": (text: string | null) => asDateTime(read(text), 0),
    "Parse(string s, IFormatProvider provider, DateTimeStyles styles): DateTime": (
      text: string | null,
      _provider: unknown,
      style: Style,
    ) => asDateTime(read(text), style.value),
    "ParseExact(string s, string format, IFormatProvider provider): DateTime": (
      text: string | null,
      format: string | null,
    ) => asDateTime(exact(text, format), 0),
    "ParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style): DateTime": (
      text: string | null,
      format: string | null,
      _provider: unknown,
      style: Style,
    ) => asDateTime(exact(text, format), style.value),
    "ParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style): DateTime": (
      text: string | null,
      formats: NetArray | null,
      _provider: unknown,
      style: Style,
    ) => asDateTime(exact(text, formats), style.value),
    "TryParse(string s, out DateTime result): bool": (text: string | null, result: Ref<DateTime>) =>
      attempt(result, zero, () => asDateTime(read(text), 0)),
    "TryParse(string s, IFormatProvider provider, DateTimeStyles styles, out DateTime result): bool": (
      text: string | null,
      _provider: unknown,
      style: Style,
      result: Ref<DateTime>,
    ) => attempt(result, zero, () => asDateTime(read(text), style.value)),
    "TryParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style, out DateTime result): bool":
      (text: string | null, format: string | null, _provider: unknown, style: Style, result: Ref<DateTime>) =>
        attempt(result, zero, () => asDateTime(exact(text, format), style.value)),
    "TryParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style, out DateTime result): bool":
      (text: string | null, formats: NetArray | null, _provider: unknown, style: Style, result: Ref<DateTime>) =>
        attempt(result, zero, () => asDateTime(exact(text, formats), style.value)),
    "SpecifyKind(DateTime value, DateTimeKind kind): DateTime": (value: DateTime, kind: EnumValue) =>
      new DateTime(value.ticks, kind.value as Kind),
    "DaysInMonth(int year, int month): int": (year: number, month: number) => {
      if (month < 1 || month > 12) throw notRepresentable();
      return daysInMonth(year, month);
    },
    "IsLeapYear(int year): bool": isLeapYear,
    "Compare(DateTime t1, DateTime t2): int": (a: DateTime, b: DateTime) => a.compareTo(b),
    "FromFileTimeUtc(long fileTime): DateTime": (ticks: bigint) =>
      new DateTime(ticks + 504_911_232_000_000_000n, kinds.utc),
  },
  members: {
    ...shared("DateTime"),
    "Date: DateTime": (self: DateTime) => new DateTime((self.ticks / ticksPerDay) * ticksPerDay, self.kind),
    "Kind: DateTimeKind": (self: DateTime) => new EnumValue(kindFacts, self.kind),
    "Subtract(DateTime value): TimeSpan": (self: DateTime, other: DateTime) => difference(self.ticks, other.ticks),
    "ToUniversalTime(): DateTime": (self: DateTime) => new DateTime(self.ticks, kinds.utc),
    "ToLocalTime(): DateTime": (self: DateTime) => new DateTime(self.ticks, kinds.local),
    "ToShortDateString(): string": (self: DateTime) => self.format("d"),
    "ToLongDateString(): string": (self: DateTime) => self.format("D"),
    "ToShortTimeString(): string": (self: DateTime) => self.format("t"),
    "ToLongTimeString(): string": (self: DateTime) => self.format("T"),
    "ToFileTimeUtc(): long": (self: DateTime) => self.ticks - 504_911_232_000_000_000n,
    "IsDaylightSavingTime(): bool": () => false,
  },
  operators: {
    ...comparisonOperators("DateTime"),
    "+(DateTime, TimeSpan): DateTime": (a: DateTime, b: TimeSpan) => a.add(b.ticks),
    "-(DateTime, TimeSpan): DateTime": (a: DateTime, b: TimeSpan) => a.add(-b.ticks),
    "-(DateTime, DateTime): TimeSpan": (a: DateTime, b: DateTime) => difference(a.ticks, b.ticks),
  },
};

function minutes(span: TimeSpan): number {
  if (span.ticks % ticksPerMinute !== 0n)
    throw argument("Offset must be specified in whole minutes. (Parameter 'offset')");
  return Number(span.ticks / ticksPerMinute);
}

function seconds(self: DateTimeOffset, unit: bigint): bigint {
  const ticks = self.utcTicks - unixEpochTicks;
  // Downwards, also before 1970.
  return ticks >= 0n || ticks % unit === 0n ? ticks / unit : ticks / unit - 1n;
}

export const dateTimeOffsetTable: TypeTable = {
  name: "DateTimeOffset",
  namespace: "System",
  kind: "struct",
  implements: ["IComparable", "IComparable<DateTimeOffset>", "IFormattable"],
  zero: () => zeroOffset,
  construct: {
    "(DateTime dateTime)": (value: DateTime) => new DateTimeOffset(value.ticks, 0),
    "(DateTime dateTime, TimeSpan offset)": (value: DateTime, offset: TimeSpan) => {
      if (value.kind === kinds.utc && offset.ticks !== 0n)
        throw argument("The UTC Offset for Utc DateTime instances must be 0. (Parameter 'offset')");
      return new DateTimeOffset(value.ticks, minutes(offset));
    },
    "(long ticks, TimeSpan offset)": (ticks: bigint, offset: TimeSpan) => new DateTimeOffset(ticks, minutes(offset)),
    "(int year, int month, int day, int hour, int minute, int second, TimeSpan offset)": (
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      offset: TimeSpan,
    ) => new DateTimeOffset(ticksOf(year, month, day, hour, minute, second), minutes(offset)),
    "(int year, int month, int day, int hour, int minute, int second, int millisecond, TimeSpan offset)": (
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      millisecond: number,
      offset: TimeSpan,
    ) => new DateTimeOffset(ticksOf(year, month, day, hour, minute, second, millisecond), minutes(offset)),
  },
  statics: {
    "Now: DateTimeOffset": () => new DateTimeOffset(currentTicks(), 0),
    "UtcNow: DateTimeOffset": () => new DateTimeOffset(currentTicks(), 0),
    "MinValue: DateTimeOffset": () => zeroOffset,
    "MaxValue: DateTimeOffset": () => new DateTimeOffset(maxTicks, 0),
    "UnixEpoch: DateTimeOffset": () => new DateTimeOffset(unixEpochTicks, 0),
    "FromUnixTimeSeconds(long seconds): DateTimeOffset": (value: bigint) =>
      new DateTimeOffset(unixEpochTicks + value * ticksPerSecond, 0),
    "FromUnixTimeMilliseconds(long milliseconds): DateTimeOffset": (value: bigint) =>
      new DateTimeOffset(unixEpochTicks + value * ticksPerMillisecond, 0),
    "Parse(string input): DateTimeOffset": (text: string | null) => asDateTimeOffset(read(text), 0),
    "Parse(string input, IFormatProvider formatProvider): DateTimeOffset": (text: string | null) =>
      asDateTimeOffset(read(text), 0),
    "Parse(string input, IFormatProvider formatProvider, DateTimeStyles styles): DateTimeOffset": (
      text: string | null,
      _provider: unknown,
      style: Style,
    ) => asDateTimeOffset(read(text), style.value),
    "ParseExact(string input, string format, IFormatProvider formatProvider): DateTimeOffset": (
      text: string | null,
      format: string | null,
    ) => asDateTimeOffset(exact(text, format), 0),
    "ParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles): DateTimeOffset": (
      text: string | null,
      format: string | null,
      _provider: unknown,
      style: Style,
    ) => asDateTimeOffset(exact(text, format), style.value),
    "TryParse(string input, out DateTimeOffset result): bool": (text: string | null, result: Ref<DateTimeOffset>) =>
      attempt(result, zeroOffset, () => asDateTimeOffset(read(text), 0)),
    "TryParse(string input, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result): bool": (
      text: string | null,
      _provider: unknown,
      style: Style,
      result: Ref<DateTimeOffset>,
    ) => attempt(result, zeroOffset, () => asDateTimeOffset(read(text), style.value)),
  },
  members: {
    ...shared("DateTimeOffset"),
    "Date: DateTime": (self: DateTimeOffset) =>
      new DateTime((self.ticks / ticksPerDay) * ticksPerDay, kinds.unspecified),
    "DateTime: DateTime": (self: DateTimeOffset) => new DateTime(self.ticks, kinds.unspecified),
    "UtcDateTime: DateTime": (self: DateTimeOffset) => new DateTime(self.utcTicks, kinds.utc),
    "LocalDateTime: DateTime": (self: DateTimeOffset) => new DateTime(self.utcTicks, kinds.local),
    "UtcTicks: long": (self: DateTimeOffset) => self.utcTicks,
    "Offset: TimeSpan": (self: DateTimeOffset) => new TimeSpan(BigInt(self.offsetMinutes) * ticksPerMinute),
    "ToUnixTimeSeconds(): long": (self: DateTimeOffset) => seconds(self, ticksPerSecond),
    "ToUnixTimeMilliseconds(): long": (self: DateTimeOffset) => seconds(self, ticksPerMillisecond),
    "ToUniversalTime(): DateTimeOffset": (self: DateTimeOffset) => new DateTimeOffset(self.utcTicks, 0),
    "ToLocalTime(): DateTimeOffset": (self: DateTimeOffset) => new DateTimeOffset(self.utcTicks, 0),
    "ToOffset(TimeSpan offset): DateTimeOffset": (self: DateTimeOffset, offset: TimeSpan) =>
      new DateTimeOffset(self.utcTicks + offset.ticks, minutes(offset)),
    "Subtract(DateTimeOffset value): TimeSpan": (self: DateTimeOffset, other: DateTimeOffset) =>
      difference(self.utcTicks, other.utcTicks),
  },
  operators: {
    ...comparisonOperators("DateTimeOffset"),
    "implicit(DateTime): DateTimeOffset": (value: DateTime) => new DateTimeOffset(value.ticks, 0),
    "+(DateTimeOffset, TimeSpan): DateTimeOffset": (a: DateTimeOffset, b: TimeSpan) => a.add(b.ticks),
    "-(DateTimeOffset, TimeSpan): DateTimeOffset": (a: DateTimeOffset, b: TimeSpan) => a.add(-b.ticks),
    "-(DateTimeOffset, DateTimeOffset): TimeSpan": (a: DateTimeOffset, b: DateTimeOffset) =>
      difference(a.utcTicks, b.utcTicks),
  },
};
