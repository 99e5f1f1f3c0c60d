import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { argumentNull, NetException } from "#notation/csharp/value/net-exception.ts";
import { Double } from "#notation/csharp/value/numbers.ts";
import {
  parseTimeSpan,
  spanOf,
  ticksPerDay,
  ticksPerHour,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
  TimeSpan,
} from "#notation/csharp/value/time-span.ts";

const total = (unit: bigint) => (self: TimeSpan) => new Double(Number(self.ticks) / Number(unit));
const from = (unit: bigint) => (value: Double) => spanOf(value.value, unit);
const zero = new TimeSpan(0n);

function parse(text: string | null): TimeSpan {
  if (text === null) throw argumentNull("s");
  return parseTimeSpan(text);
}

function made(days: number, hours: number, minutes: number, seconds: number, milliseconds = 0): TimeSpan {
  return new TimeSpan(
    BigInt(days) * ticksPerDay +
      BigInt(hours) * ticksPerHour +
      BigInt(minutes) * ticksPerMinute +
      BigInt(seconds) * ticksPerSecond +
      BigInt(milliseconds) * ticksPerMillisecond,
  );
}

const comparisons: readonly (readonly [op: string, test: (order: number) => boolean])[] = [
  ["==", (order) => order === 0],
  ["!=", (order) => order !== 0],
  ["<", (order) => order < 0],
  [">", (order) => order > 0],
  ["<=", (order) => order <= 0],
  [">=", (order) => order >= 0],
];

/** The six comparisons of a type whose values know their order. */
export function comparisonOperators(type: string): Record<string, (a: unknown, b: unknown) => boolean> {
  return Object.fromEntries(
    comparisons.map(([op, test]) => [
      `${op}(${type}, ${type}): bool`,
      (a: unknown, b: unknown) => test(compareValues(a, b)),
    ]),
  );
}

const scaled = (self: TimeSpan, by: number): TimeSpan => new TimeSpan(BigInt(Math.round(Number(self.ticks) * by)));

export const timeSpanTable: TypeTable = {
  name: "TimeSpan",
  namespace: "System",
  kind: "struct",
  implements: ["IComparable", "IComparable<TimeSpan>", "IFormattable"],
  zero: () => zero,
  construct: {
    "(long ticks)": (ticks: bigint) => new TimeSpan(ticks),
    "(int hours, int minutes, int seconds)": (hours: number, minutes: number, seconds: number) =>
      made(0, hours, minutes, seconds),
    "(int days, int hours, int minutes, int seconds)": (
      days: number,
      hours: number,
      minutes: number,
      seconds: number,
    ) => made(days, hours, minutes, seconds),
    "(int days, int hours, int minutes, int seconds, int milliseconds)": made,
  },
  statics: {
    "Zero: TimeSpan": () => zero,
    "MinValue: TimeSpan": () => new TimeSpan(-(2n ** 63n)),
    "MaxValue: TimeSpan": () => new TimeSpan(2n ** 63n - 1n),
    "TicksPerDay: long": () => ticksPerDay,
    "TicksPerHour: long": () => ticksPerHour,
    "TicksPerMinute: long": () => ticksPerMinute,
    "TicksPerSecond: long": () => ticksPerSecond,
    "TicksPerMillisecond: long": () => ticksPerMillisecond,
    "FromDays(double value): TimeSpan": from(ticksPerDay),
    "FromHours(double value): TimeSpan": from(ticksPerHour),
    "FromMinutes(double value): TimeSpan": from(ticksPerMinute),
    "FromSeconds(double value): TimeSpan": from(ticksPerSecond),
    "FromMilliseconds(double value): TimeSpan": from(ticksPerMillisecond),
    "FromTicks(long value): TimeSpan": (ticks: bigint) => new TimeSpan(ticks),
    "Parse(string s): TimeSpan": parse,
    "Parse(string s, IFormatProvider provider): TimeSpan": (text: string | null) => parse(text),
    "TryParse(string s, out TimeSpan result): bool": (text: string | null, result: Ref<TimeSpan>) => {
      result.value = zero;
      try {
        result.value = parse(text);
        return true;
      } catch (error) {
        if (error instanceof NetException) return false;
        throw error;
      }
    },
    "Compare(TimeSpan t1, TimeSpan t2): int": (a: TimeSpan, b: TimeSpan) => a.compareTo(b),
  },
  members: {
    "Days: int": (self: TimeSpan) => self.parts.days,
    "Hours: int": (self: TimeSpan) => self.parts.hours,
    "Minutes: int": (self: TimeSpan) => self.parts.minutes,
    "Seconds: int": (self: TimeSpan) => self.parts.seconds,
    "Milliseconds: int": (self: TimeSpan) => Math.trunc(self.parts.fraction / 10_000),
    "Ticks: long": (self: TimeSpan) => self.ticks,
    "TotalDays: double": total(ticksPerDay),
    "TotalHours: double": total(ticksPerHour),
    "TotalMinutes: double": total(ticksPerMinute),
    "TotalSeconds: double": total(ticksPerSecond),
    "TotalMilliseconds: double": total(ticksPerMillisecond),
    "Add(TimeSpan ts): TimeSpan": (self: TimeSpan, other: TimeSpan) => new TimeSpan(self.ticks + other.ticks),
    "Subtract(TimeSpan ts): TimeSpan": (self: TimeSpan, other: TimeSpan) => new TimeSpan(self.ticks - other.ticks),
    "Negate(): TimeSpan": (self: TimeSpan) => new TimeSpan(-self.ticks),
    "Duration(): TimeSpan": (self: TimeSpan) => (self.ticks < 0n ? new TimeSpan(-self.ticks) : self),
    "Multiply(double factor): TimeSpan": (self: TimeSpan, by: Double) => scaled(self, by.value),
    "Divide(double divisor): TimeSpan": (self: TimeSpan, by: Double) => scaled(self, 1 / by.value),
    "CompareTo(TimeSpan value): int": (self: TimeSpan, other: TimeSpan) => self.compareTo(other),
    "ToString(string format): string": (self: TimeSpan, format: string | null) => self.format(format ?? "c"),
    "ToString(string format, IFormatProvider provider): string": (self: TimeSpan, format: string | null) =>
      self.format(format ?? "c"),
  },
  operators: {
    ...comparisonOperators("TimeSpan"),
    "+(TimeSpan, TimeSpan): TimeSpan": (a: TimeSpan, b: TimeSpan) => new TimeSpan(a.ticks + b.ticks),
    "-(TimeSpan, TimeSpan): TimeSpan": (a: TimeSpan, b: TimeSpan) => new TimeSpan(a.ticks - b.ticks),
    "-(TimeSpan): TimeSpan": (a: TimeSpan) => new TimeSpan(-a.ticks),
    "*(TimeSpan, double): TimeSpan": (a: TimeSpan, by: unknown) => scaled(a, Number(rawNumber(by))),
    "*(double, TimeSpan): TimeSpan": (by: unknown, a: TimeSpan) => scaled(a, Number(rawNumber(by))),
    "/(TimeSpan, double): TimeSpan": (a: TimeSpan, by: unknown) => scaled(a, 1 / Number(rawNumber(by))),
    "/(TimeSpan, TimeSpan): double": (a: TimeSpan, b: TimeSpan) => new Double(Number(a.ticks) / Number(b.ticks)),
  },
};
