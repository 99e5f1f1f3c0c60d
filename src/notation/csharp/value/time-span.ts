import { customText } from "./format-date-parts.ts";
import { badFormat, overflow } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";

export const ticksPerMillisecond = 10_000n;
export const ticksPerSecond = 10_000_000n;
export const ticksPerMinute: bigint = ticksPerSecond * 60n;
export const ticksPerHour: bigint = ticksPerMinute * 60n;
export const ticksPerDay: bigint = ticksPerHour * 24n;

/** A length of time in ticks of 100 ns. */
export class TimeSpan implements NetObject {
  readonly netType = "TimeSpan";
  readonly ticks: bigint;

  constructor(ticks: bigint) {
    if (BigInt.asIntN(64, ticks) !== ticks) throw overflow("");
    this.ticks = ticks;
  }

  equals(other: unknown): boolean {
    return other instanceof TimeSpan && other.ticks === this.ticks;
  }

  compareTo(other: unknown): number {
    const { ticks } = other as TimeSpan;
    return this.ticks < ticks ? -1 : this.ticks > ticks ? 1 : 0;
  }

  get hashKey(): string {
    return `\0span ${this.ticks}`;
  }

  get parts(): {
    readonly days: number;
    readonly hours: number;
    readonly minutes: number;
    readonly seconds: number;
    readonly fraction: number;
  } {
    return {
      days: Number(this.ticks / ticksPerDay),
      hours: Number((this.ticks / ticksPerHour) % 24n),
      minutes: Number((this.ticks / ticksPerMinute) % 60n),
      seconds: Number((this.ticks / ticksPerSecond) % 60n),
      fraction: Number(this.ticks % ticksPerSecond),
    };
  }

  /** `[-][d.]hh:mm:ss[.fffffff]` */
  toString(): string {
    return this.format("c");
  }

  format(format: string): string {
    const { days, hours, minutes, seconds, fraction } = absolute(this.parts);
    const sign = this.ticks < 0n ? "-" : "";
    const rest = String(fraction).padStart(7, "0");
    switch (format) {
      case "":
      case "c":
      case "t":
      case "T":
        return `${sign}${days === 0 ? "" : `${days}.`}${two(hours)}:${two(minutes)}:${two(seconds)}${fraction === 0 ? "" : `.${rest}`}`;
      case "g":
        return `${sign}${days === 0 ? "" : `${days}:`}${hours}:${two(minutes)}:${two(seconds)}${fraction === 0 ? "" : `.${rest.replace(/0+$/, "")}`}`;
      case "G":
        return `${sign}${days}:${two(hours)}:${two(minutes)}:${two(seconds)}.${rest}`;
      default:
        if (format.length === 1 && format !== "%") throw badFormat();
        return spanText(format, { d: days, h: hours, m: minutes, s: seconds }, rest);
    }
  }
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function absolute(parts: TimeSpan["parts"]): TimeSpan["parts"] {
  return {
    days: Math.abs(parts.days),
    hours: Math.abs(parts.hours),
    minutes: Math.abs(parts.minutes),
    seconds: Math.abs(parts.seconds),
    fraction: Math.abs(parts.fraction),
  };
}

function spanText(format: string, parts: Readonly<Record<string, number>>, fraction: string): string {
  return customText(format, (letter, count) => {
    const value = parts[letter];
    if (value !== undefined) return String(value).padStart(count, "0");
    if (letter === "f") return fraction.slice(0, count);
    if (letter === "F") return fraction.slice(0, count).replace(/0+$/, "");
    throw badFormat();
  });
}

/** A number of units as a time span. .NET Framework and Core before 3 round to milliseconds; this keeps the ticks. */
export function spanOf(value: number, unit: bigint): TimeSpan {
  const ticks = value * Number(unit);
  if (!Number.isFinite(ticks) || Math.abs(ticks) > 9.3e18) throw overflow("");
  return new TimeSpan(Number.isInteger(value) ? BigInt(value) * unit : BigInt(Math.trunc(ticks)));
}

/** A colon behind the days is one only where hours, minutes and seconds follow. */
const shape =
  /^\s*(-)?(?:(\d{1,8})(?:\.|:(?=\d{1,2}:\d{1,2}:)))?(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?)\s*$/;

/** `[-][d.]hh:mm[:ss[.fffffff]]`, or a number of days. */
export function parseTimeSpan(text: string): TimeSpan {
  const whole = /^\s*(-?\d{1,8})\s*$/.exec(text);
  if (whole !== null) return new TimeSpan(BigInt(whole[1] as string) * ticksPerDay);
  const found = shape.exec(text);
  if (found === null) throw badFormat("String was not recognized as a valid TimeSpan.");
  const [, sign, days = "0", hours = "0", minutes = "0", seconds = "0", fraction = ""] = found;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) throw overflow("");
  const ticks =
    BigInt(days) * ticksPerDay +
    BigInt(hours) * ticksPerHour +
    BigInt(minutes) * ticksPerMinute +
    BigInt(seconds) * ticksPerSecond +
    BigInt(fraction.padEnd(7, "0"));
  return new TimeSpan(sign === undefined ? ticks : -ticks);
}
