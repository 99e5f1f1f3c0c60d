import { JArray, JObject, JProperty, JValue } from "#notation/csharp/json/token.ts";
import { DateTime, DateTimeOffset, unixEpochTicks } from "#notation/csharp/value/date-time.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { NetSet } from "#notation/csharp/value/net-set.ts";
import { plainNumber } from "#notation/csharp/value/plain-number.ts";
import { ticksPerMillisecond, ticksPerSecond } from "#notation/csharp/value/time-span.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { TupleValue } from "#notation/csharp/value/tuple.ts";
import { DateDrop } from "#notation/liquid/date-drop.ts";
import { KeyedMembers, Members } from "#notation/liquid/member.ts";
import type { NetDate } from "#notation/liquid/net-date.ts";

/**
 * What a template sees of a value of C#: trees of JSON by their members, items and scalars, as it sees a body; lists,
 * dictionaries, numbers and dates as such; everything else as its text.
 * @param inner the same for what is in it
 */
export function netForLiquid(value: NetObject, inner: (member: unknown) => unknown): unknown {
  if (value instanceof JObject) return members(value.properties().map(({ name, value: member }) => [name, member]));
  if (value instanceof JArray) return value.items.map(inner);
  if (value instanceof JValue) return inner(value.value);
  if (value instanceof JProperty) return members([[value.name, value.value]]);
  if (value instanceof NetDictionary) {
    return members(Array.from(value, (pair) => [toText((pair as KeyValuePair).key), (pair as KeyValuePair).value]));
  }
  if (value instanceof KeyValuePair) {
    return new Members([
      ["Key", inner(value.key)],
      ["Value", inner(value.value)],
    ]);
  }
  if (value instanceof NetList || value instanceof NetArray || value instanceof TupleValue)
    return value.items.map(inner);
  if (value instanceof NetSet) return Array.from(value, inner);
  if (value instanceof DateTime || value instanceof DateTimeOffset) return new DateDrop(dateOf(value));
  const number = plainNumber(value);
  return number === value ? toText(value) : inner(number);

  function members(entries: readonly (readonly [string, unknown])[]): KeyedMembers {
    return new KeyedMembers(entries.map(([name, member]) => [name, inner(member)] as const));
  }
}

const kindNames = ["unspecified", "utc", "local"] as const;

function dateOf(value: DateTime | DateTimeOffset): NetDate {
  const ticks = (value instanceof DateTime ? value.ticks : value.utcTicks) - unixEpochTicks;
  const fraction = ((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
  return {
    ms: Number((ticks - fraction) / ticksPerMillisecond),
    fraction: String(fraction).padStart(7, "0"),
    kind: value instanceof DateTime ? kindNames[value.kind] : "utc",
  };
}
