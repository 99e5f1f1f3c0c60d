import { dayNames, monthNames } from "./format-date.ts";
import { ticksOfDay } from "./date-time.ts";
import type { ReadDate } from "./parse-date.ts";
import { ticksPerHour, ticksPerMinute, ticksPerSecond } from "./time-span.ts";

interface Found {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  fraction: string;
  isAfternoon: boolean | null;
  offsetMinutes: number | null;
  isZulu: boolean;
}

const standard: Readonly<Record<string, string>> = {
  d: "MM/dd/yyyy",
  G: "MM/dd/yyyy HH:mm:ss",
  g: "MM/dd/yyyy HH:mm",
  o: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  O: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  s: "yyyy-MM-ddTHH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ss'Z'",
};

/** DateTime.ParseExact; undefined where the text is not in the format. */
export function readExact(text: string, given: string): ReadDate | undefined {
  const format = given.length === 1 ? (standard[given] ?? given) : given;
  const found: Found = {
    year: 1,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    fraction: "",
    isAfternoon: null,
    offsetMinutes: null,
    isZulu: false,
  };
  let at = 0;
  for (let index = 0; index < format.length;) {
    const char = format[index] as string;
    if (char === "'" || char === '"') {
      const end = format.indexOf(char, index + 1);
      const literal = format.slice(index + 1, end === -1 ? undefined : end);
      if (!text.startsWith(literal, at)) return undefined;
      at += literal.length;
      index = end === -1 ? format.length : end + 1;
      continue;
    }
    if (char === "%") {
      index++;
      continue;
    }
    if (char === "\\" || !/[dMyhHmsfFtzKg]/.test(char)) {
      const literal = char === "\\" ? (format[index + 1] ?? "") : char;
      if (text[at] !== literal) return undefined;
      at++;
      index += char === "\\" ? 2 : 1;
      continue;
    }
    let count = 1;
    while (format[index + count] === char) count++;
    const length = readPart(found, char, count, text.slice(at));
    if (length === undefined) return undefined;
    at += length;
    index += count;
  }
  return at === text.length ? finished(found) : undefined;
}

function readPart(found: Found, letter: string, count: number, rest: string): number | undefined {
  switch (letter) {
    case "y":
      return digits(rest, count <= 2 ? count : 4, count <= 2 ? 2 : Math.max(count, 4), (value) => {
        found.year = count > 2 ? value : value < 50 ? 2000 + value : 1900 + value;
      });
    case "M":
      return count > 2
        ? name(rest, monthNames, count, (value) => (found.month = value + 1))
        : digits(rest, count, 2, (value) => (found.month = value));
    case "d":
      return count > 2
        ? name(rest, dayNames, count, () => undefined)
        : digits(rest, count, 2, (value) => (found.day = value));
    case "H":
    case "h":
      return digits(rest, count, 2, (value) => (found.hour = value));
    case "m":
      return digits(rest, count, 2, (value) => (found.minute = value));
    case "s":
      return digits(rest, count, 2, (value) => (found.second = value));
    case "f":
    case "F":
      return fraction(found, letter === "F", count, rest);
    case "t":
      return half(found, rest, count);
    default:
      return offset(found, letter, rest);
  }
}

function digits(rest: string, min: number, max: number, use: (value: number) => unknown): number | undefined {
  const read = /^\d+/.exec(rest)?.[0].slice(0, max) ?? "";
  if (read.length < Math.min(min, max)) return undefined;
  use(Number(read));
  return read.length;
}

function name(
  rest: string,
  names: readonly string[],
  count: number,
  use: (value: number) => unknown,
): number | undefined {
  const lower = rest.toLowerCase();
  const wanted = names.map((each) => (count === 3 ? each.slice(0, 3) : each).toLowerCase());
  const index = wanted.findIndex((each) => lower.startsWith(each));
  if (index === -1) return undefined;
  use(index);
  return wanted[index]?.length;
}

function fraction(found: Found, isOptional: boolean, count: number, rest: string): number | undefined {
  const read = /^\d*/.exec(rest)?.[0].slice(0, count) ?? "";
  if (read.length < count && !isOptional) return undefined;
  found.fraction = read;
  return read.length;
}

function half(found: Found, rest: string, count: number): number | undefined {
  const read = rest.slice(0, Math.min(count, 2)).toUpperCase();
  if (!/^[AP]M?$/.test(read)) return undefined;
  found.isAfternoon = read.startsWith("P");
  return read.length;
}

function offset(found: Found, letter: string, rest: string): number | undefined {
  if (letter === "K" && rest.startsWith("Z")) {
    found.isZulu = true;
    found.offsetMinutes = 0;
    return 1;
  }
  const read = /^([+-])(\d{1,2})(?::?(\d{2}))?/.exec(rest);
  if (read === null) return letter === "K" ? 0 : undefined;
  found.offsetMinutes = (read[1] === "-" ? -1 : 1) * (Number(read[2]) * 60 + Number(read[3] ?? 0));
  return read[0].length;
}

function finished(found: Found): ReadDate | undefined {
  const start = ticksOfDay(found.year, found.month, found.day);
  const hour = found.isAfternoon === null ? found.hour : (found.hour % 12) + (found.isAfternoon ? 12 : 0);
  if (start === undefined || hour > 23 || found.minute > 59 || found.second > 59) return undefined;
  const ticks =
    start +
    BigInt(hour) * ticksPerHour +
    BigInt(found.minute) * ticksPerMinute +
    BigInt(found.second) * ticksPerSecond +
    BigInt(found.fraction.padEnd(7, "0"));
  return { ticks, offsetMinutes: found.offsetMinutes, isZulu: found.isZulu };
}
