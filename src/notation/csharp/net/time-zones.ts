import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { DateTime, DateTimeOffset, kinds } from "#notation/csharp/value/date-time.ts";
import { argument } from "#notation/csharp/value/net-exception.ts";
import { ticksPerMinute, TimeSpan } from "#notation/csharp/value/time-span.ts";
import { TimeZone } from "#notation/csharp/value/time-zone.ts";

const utc = new TimeZone("UTC");
const span = (minutes: number): TimeSpan => new TimeSpan(BigInt(minutes) * ticksPerMinute);

/** A time without a kind is one of the gateway's clock, which is UTC. */
function convert(value: DateTime, to: TimeZone): DateTime {
  return to.fromUtc(value.ticks);
}

function toUtc(value: DateTime, from: TimeZone): DateTime {
  if (value.kind === kinds.utc) {
    if (from.id !== "UTC")
      throw argument(
        "The conversion could not be completed because the supplied DateTime did not have the Kind property set correctly.",
      );
    return value;
  }
  return from.toUtc(value.ticks);
}

function offsetOf(self: TimeZone, value: DateTime | DateTimeOffset): number {
  if (value instanceof DateTimeOffset) return self.offsetAt(value.utcTicks);
  return self.offsetAt(value.kind === kinds.unspecified ? self.toUtc(value.ticks).ticks : value.ticks);
}

export const timeZoneTable: TypeTable = {
  name: "TimeZoneInfo",
  namespace: "System",
  kind: "class",
  statics: {
    "Utc: TimeZoneInfo": () => utc,
    "Local: TimeZoneInfo": () => utc,
    "FindSystemTimeZoneById(string id): TimeZoneInfo": (id: string) => new TimeZone(id),
    "ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone): DateTime": convert,
    "ConvertTimeToUtc(DateTime dateTime): DateTime": (value: DateTime) => new DateTime(value.ticks, kinds.utc),
    "ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone): DateTime": toUtc,
    "ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone): DateTime": convert,
    "ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone): DateTime": (
      value: DateTime,
      from: TimeZone,
      to: TimeZone,
    ) => convert(toUtc(value, from), to),
    "ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone): DateTimeOffset": (
      value: DateTimeOffset,
      to: TimeZone,
    ) => {
      const minutes = to.offsetAt(value.utcTicks);
      return new DateTimeOffset(value.utcTicks + BigInt(minutes) * ticksPerMinute, minutes);
    },
    "ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId): DateTime": (
      value: DateTime,
      id: string,
    ) => convert(value, new TimeZone(id)),
    "ConvertTimeBySystemTimeZoneId(DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId): DateTime":
      (value: DateTime, from: string, to: string) => convert(toUtc(value, new TimeZone(from)), new TimeZone(to)),
  },
  members: {
    "Id: string": (self: TimeZone) => self.id,
    "DisplayName: string": (self: TimeZone) => self.id,
    "StandardName: string": (self: TimeZone) => self.id,
    "BaseUtcOffset: TimeSpan": (self: TimeZone) => span(self.baseOffset),
    "GetUtcOffset(DateTime dateTime): TimeSpan": (self: TimeZone, value: DateTime) => span(offsetOf(self, value)),
    "GetUtcOffset(DateTimeOffset dateTimeOffset): TimeSpan": (self: TimeZone, value: DateTimeOffset) =>
      span(offsetOf(self, value)),
    "IsDaylightSavingTime(DateTime dateTime): bool": (self: TimeZone, value: DateTime) =>
      offsetOf(self, value) !== self.baseOffset,
  },
};
