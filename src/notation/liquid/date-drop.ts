import { Drop } from "liquidjs";
import { formatNetDate, type NetDate, parseNetDate } from "./net-date.ts";

/** A date in a template: written as .NET writes a DateTime unless the filter Date says otherwise. */
export class DateDrop extends Drop {
  readonly date: NetDate;

  constructor(date: NetDate) {
    super();
    this.date = date;
  }

  override valueOf(): string {
    return formatNetDate(this.date, "G");
  }
}

export function dateOf(value: unknown): NetDate | undefined {
  if (value instanceof DateDrop) return value.date;
  return typeof value === "string" ? (parseNetDate(value) ?? plainDate(value)) : undefined;
}

export function fromMs(ms: number): NetDate {
  return { ms, fraction: String(ms % 1000).padStart(3, "0"), kind: "utc" };
}

/** `2026-01-31`, which is no date by itself, but is where a date is asked for; and what a date is written as. */
function plainDate(text: string): NetDate | undefined {
  const written = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(text);
  if (written !== null) return parseNetDate(`${written[3]}-${written[1]}-${written[2]}T${written[4]}`);
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parseNetDate(`${text}T00:00:00`) : undefined;
}
