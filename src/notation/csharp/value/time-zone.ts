import { NetException } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { DateTime, kinds, unixEpochTicks } from "./date-time.ts";
import { ticksPerMillisecond, ticksPerMinute } from "./time-span.ts";

/** Windows' names of zones that occur, for those of the tz database. */
const windows: Readonly<Record<string, string>> = {
  UTC: "UTC",
  "GMT Standard Time": "Europe/London",
  "Greenwich Standard Time": "Atlantic/Reykjavik",
  "W. Europe Standard Time": "Europe/Berlin",
  "Central Europe Standard Time": "Europe/Budapest",
  "Romance Standard Time": "Europe/Paris",
  "Central European Standard Time": "Europe/Warsaw",
  "E. Europe Standard Time": "Europe/Chisinau",
  "FLE Standard Time": "Europe/Kiev",
  "GTB Standard Time": "Europe/Bucharest",
  "Turkey Standard Time": "Europe/Istanbul",
  "Russian Standard Time": "Europe/Moscow",
  "Israel Standard Time": "Asia/Jerusalem",
  "Egypt Standard Time": "Africa/Cairo",
  "South Africa Standard Time": "Africa/Johannesburg",
  "W. Central Africa Standard Time": "Africa/Lagos",
  "E. Africa Standard Time": "Africa/Nairobi",
  "Arab Standard Time": "Asia/Riyadh",
  "Arabian Standard Time": "Asia/Dubai",
  "Pakistan Standard Time": "Asia/Karachi",
  "India Standard Time": "Asia/Kolkata",
  "Bangladesh Standard Time": "Asia/Dhaka",
  "SE Asia Standard Time": "Asia/Bangkok",
  "China Standard Time": "Asia/Shanghai",
  "Singapore Standard Time": "Asia/Singapore",
  "Taipei Standard Time": "Asia/Taipei",
  "Tokyo Standard Time": "Asia/Tokyo",
  "Korea Standard Time": "Asia/Seoul",
  "W. Australia Standard Time": "Australia/Perth",
  "Cen. Australia Standard Time": "Australia/Adelaide",
  "AUS Central Standard Time": "Australia/Darwin",
  "E. Australia Standard Time": "Australia/Brisbane",
  "AUS Eastern Standard Time": "Australia/Sydney",
  "New Zealand Standard Time": "Pacific/Auckland",
  "Hawaiian Standard Time": "Pacific/Honolulu",
  "Alaskan Standard Time": "America/Anchorage",
  "Pacific Standard Time": "America/Los_Angeles",
  "US Mountain Standard Time": "America/Phoenix",
  "Mountain Standard Time": "America/Denver",
  "Central Standard Time": "America/Chicago",
  "Central Standard Time (Mexico)": "America/Mexico_City",
  "Eastern Standard Time": "America/New_York",
  "US Eastern Standard Time": "America/Indianapolis",
  "SA Pacific Standard Time": "America/Bogota",
  "Atlantic Standard Time": "America/Halifax",
  "Newfoundland Standard Time": "America/St_Johns",
  "E. South America Standard Time": "America/Sao_Paulo",
  "Argentina Standard Time": "America/Buenos_Aires",
  "Pacific SA Standard Time": "America/Santiago",
};

/** TimeZoneInfo over the zones of the runtime. */
export class TimeZone implements NetObject {
  readonly netType = "TimeZoneInfo";
  readonly id: string;
  /** Null: UTC, which every thread has and few ask for; the first format of a thread takes 10 ms. */
  readonly #parts: Intl.DateTimeFormat | null = null;

  constructor(id: string) {
    this.id = id;
    if (id === "UTC") return;
    try {
      this.#parts = new Intl.DateTimeFormat("en-US", { timeZone: windows[id] ?? id, timeZoneName: "longOffset" });
    } catch {
      throw new NetException(
        "TimeZoneNotFoundException",
        `The time zone ID '${id}' was not found on the local computer.`,
      );
    }
  }

  /** Minutes east of UTC at a point in time. */
  offsetAt(utcTicks: bigint): number {
    if (this.#parts === null) return 0;
    const date = new Date(Number((utcTicks - unixEpochTicks) / ticksPerMillisecond));
    const name = this.#parts.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d{1,2}):?(\d{2})?/.exec(name) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  }

  /** Without daylight saving: the lower offset of January and July. */
  get baseOffset(): number {
    const year = new Date().getUTCFullYear();
    const at = (month: number): number =>
      this.offsetAt(unixEpochTicks + BigInt(Date.UTC(year, month, 1)) * ticksPerMillisecond);
    return Math.min(at(0), at(6));
  }

  fromUtc(utcTicks: bigint): DateTime {
    const local = utcTicks + BigInt(this.offsetAt(utcTicks)) * ticksPerMinute;
    return new DateTime(local, this.id === "UTC" ? kinds.utc : kinds.unspecified);
  }

  /** Of a time that the clock shows twice the later one is taken, as .NET does: standard time. */
  toUtc(localTicks: bigint): DateTime {
    const guess = localTicks - BigInt(this.baseOffset) * ticksPerMinute;
    const offset = this.offsetAt(guess);
    const utc = localTicks - BigInt(offset) * ticksPerMinute;
    return new DateTime(this.offsetAt(utc) === offset ? utc : guess, kinds.utc);
  }

  equals(other: unknown): boolean {
    return other instanceof TimeZone && other.id === this.id;
  }

  toString(): string {
    return this.id;
  }
}
