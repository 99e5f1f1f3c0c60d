/** A moment as .NET's DateTime shows it. Gateways of API Management run in UTC, so local time is UTC here too. */
export interface NetDate {
  /** Milliseconds since the epoch. */
  readonly ms: number;
  /** Digits of the fraction of a second, up to seven: .NET counts in 100 ns. */
  readonly fraction: string;
  /** What .NET calls its kind: one that came with an offset has become local. */
  readonly kind: "utc" | "local" | "unspecified";
}

const iso = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7})\d*)?(Z|[+-]\d\d:\d\d)?$/;

/** Texts that Newtonsoft takes for dates: ISO 8601 with a time. Undefined for all others. */
export function parseNetDate(text: string): NetDate | undefined {
  if (text.length < 19 || text.charCodeAt(10) !== 84) return undefined;
  const found = iso.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone] = found;
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (new Date(wall).getUTCDate() !== Number(day) || Number(hour) > 23) return undefined;
  return {
    ms: wall - offsetOf(zone),
    fraction,
    kind: zone === undefined ? "unspecified" : zone === "Z" ? "utc" : "local",
  };
}

/** Milliseconds east of Greenwich. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** Specifiers that stand for a whole pattern, of the invariant culture. */
const standard: Readonly<Record<string, string>> = {
  d: "MM/dd/yyyy",
  D: "dddd, dd MMMM yyyy",
  f: "dddd, dd MMMM yyyy HH:mm",
  F: "dddd, dd MMMM yyyy HH:mm:ss",
  g: "MM/dd/yyyy HH:mm",
  G: "MM/dd/yyyy HH:mm:ss",
  m: "MMMM dd",
  M: "MMMM dd",
  o: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  O: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  s: "yyyy-MM-ddTHH:mm:ss",
  t: "HH:mm",
  T: "HH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  y: "yyyy MMMM",
  Y: "yyyy MMMM",
};

/** Runs of one letter, quoted texts, escapes, and `%` before a letter that stands alone. */
const pieces = /'([^']*)'|"([^"]*)"|\\(.)|%?(([dfFghHKmMstyz])\5*)/g;

/** @see .NET's custom date and time format strings; the invariant culture */
export function formatNetDate(date: NetDate, format: string): string {
  const pattern = format.length === 1 ? (standard[format] ?? format) : format;
  return pattern.replaceAll(
    pieces,
    (_whole: string, single?: string, double?: string, escaped?: string, run?: string) =>
      run === undefined ? (single ?? double ?? escaped ?? "") : part(date, run),
  );
}

function part({ ms, fraction, kind }: NetDate, run: string): string {
  const date = new Date(ms);
  const { length } = run;
  const number = (value: number): string => String(value).padStart(Math.min(length, 2), "0");
  switch (run[0]) {
    case "y":
      return length > 2 ? String(date.getUTCFullYear()).padStart(length, "0") : number(date.getUTCFullYear() % 100);
    case "M":
      return length > 2 ? nameOf(months, date.getUTCMonth(), length) : number(date.getUTCMonth() + 1);
    case "d":
      return length > 2 ? nameOf(days, date.getUTCDay(), length) : number(date.getUTCDate());
    case "H":
      return number(date.getUTCHours());
    case "h":
      return number(date.getUTCHours() % 12 || 12);
    case "m":
      return number(date.getUTCMinutes());
    case "s":
      return number(date.getUTCSeconds());
    case "f":
      return fraction.padEnd(7, "0").slice(0, length);
    case "F":
      return fraction.slice(0, length).replace(/0+$/, "");
    case "t":
      return (date.getUTCHours() < 12 ? "AM" : "PM").slice(0, length);
    case "K":
      return zoneOf(kind);
    case "z":
      return length > 2 ? "+00:00" : `+${"0".repeat(length)}`;
    default:
      return "A.D.";
  }
}

function zoneOf(kind: NetDate["kind"]): string {
  if (kind === "unspecified") return "";
  return kind === "utc" ? "Z" : "+00:00";
}

/** As it is written in XML and JSON: with as much of a fraction as there is. */
export function roundTrip(date: NetDate): string {
  const fraction = date.fraction.replace(/0+$/, "");
  return `${formatNetDate(date, "s")}${fraction === "" ? "" : `.${fraction}`}${zoneOf(date.kind)}`;
}

/** Three letters, or all of them. */
function nameOf(names: readonly string[], index: number, length: number): string {
  const name = names[index] as string;
  return length === 3 ? name.slice(0, 3) : name;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
