import { customText } from "./format-date-parts.ts";
import { badFormat } from "./net-exception.ts";

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Ticks within the second. */
  readonly fraction: number;
  /** 0: Sunday. */
  readonly weekday: number;
}

/** What `K` and `z` say. `kind`: 0 unspecified, 1 UTC, 2 local; `offsetMinutes` of a DateTimeOffset. */
export interface Zone {
  readonly kind: number;
  readonly offsetMinutes: number | null;
}

export const monthNames: readonly string[] =
  "January February March April May June July August September October November December".split(" ");
export const dayNames: readonly string[] = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Standard formats of the invariant culture. */
const standard: Readonly<Record<string, string>> = {
  d: "MM/dd/yyyy",
  D: "dddd, dd MMMM yyyy",
  t: "HH:mm",
  T: "HH:mm:ss",
  f: "dddd, dd MMMM yyyy HH:mm",
  F: "dddd, dd MMMM yyyy HH:mm:ss",
  U: "dddd, dd MMMM yyyy HH:mm:ss",
  g: "MM/dd/yyyy HH:mm",
  G: "MM/dd/yyyy HH:mm:ss",
  m: "MMMM dd",
  M: "MMMM dd",
  o: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  O: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  s: "yyyy-MM-dd'T'HH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  y: "yyyy MMMM",
  Y: "yyyy MMMM",
};

export function formatDate(format: string, parts: DateParts, zone: Zone): string {
  const given = format === "" ? "G" : format;
  const pattern = given.length === 1 ? standard[given] : given;
  if (pattern === undefined) throw badFormat();
  return customText(pattern, (letter, count) => datePart(letter, count, parts, zone));
}

function datePart(letter: string, count: number, parts: DateParts, zone: Zone): string {
  const padded = (value: number): string => String(value).padStart(Math.min(count, 2), "0");
  const fraction = String(parts.fraction).padStart(7, "0").slice(0, count);
  switch (letter) {
    case "d":
      if (count <= 2) return padded(parts.day);
      return named(dayNames[parts.weekday], count);
    case "M":
      return count <= 2 ? padded(parts.month) : named(monthNames[parts.month - 1], count);
    case "y":
      return count <= 2 ? padded(parts.year % 100) : String(parts.year).padStart(count, "0");
    case "h":
      return padded(parts.hour % 12 === 0 ? 12 : parts.hour % 12);
    case "H":
      return padded(parts.hour);
    case "m":
      return padded(parts.minute);
    case "s":
      return padded(parts.second);
    case "f":
      if (count > 7) throw badFormat();
      return fraction;
    case "F":
      if (count > 7) throw badFormat();
      return fraction.replace(/0+$/, "");
    case "t":
      return (parts.hour < 12 ? "AM" : "PM").slice(0, count);
    case "g":
      return "A.D.";
    case "z":
      return offsetText(zone.offsetMinutes ?? 0, count);
    case "K":
      return (zone.offsetMinutes === null ? kindText(zone.kind) : offsetText(zone.offsetMinutes, 3)).repeat(count);
    default:
      return letter.repeat(count);
  }
}

function named(name: string | undefined, count: number): string {
  return count === 3 ? (name ?? "").slice(0, 3) : (name ?? "");
}

function kindText(kind: number): string {
  return kind === 1 ? "Z" : kind === 2 ? "+00:00" : "";
}

function offsetText(minutes: number, count: number): string {
  const sign = minutes < 0 ? "-" : "+";
  const hours = Math.trunc(Math.abs(minutes) / 60);
  if (count === 1) return `${sign}${hours}`;
  const two = `${sign}${String(hours).padStart(2, "0")}`;
  return count === 2 ? two : `${two}:${String(Math.abs(minutes) % 60).padStart(2, "0")}`;
}
