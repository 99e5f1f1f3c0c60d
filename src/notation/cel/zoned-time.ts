/** The calendar and the clock of one place at one moment, as CEL counts: months and week days from 0, Sunday first. */
export interface ZonedTime {
  readonly year: number;
  readonly month: number;
  /** From 1. */
  readonly day: number;
  readonly weekDay: number;
  /** From 0. */
  readonly yearDay: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

const dayMs = 86_400_000;

/** One zone's clock. Rules mostly ask about the same second several times: its fields are worked out once. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  #second = Number.NaN;
  #fields: ZonedTime | null = null;

  /** @throws RangeError for what is no zone of the IANA database */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  at(time: Date): ZonedTime {
    const second = Math.floor(time.getTime() / 1000);
    if (this.#fields === null || second !== this.#second) {
      this.#fields = fieldsOf(this.#format.formatToParts(time));
      this.#second = second;
    }
    return this.#fields;
  }
}

function fieldsOf(parts: readonly Intl.DateTimeFormatPart[]): ZonedTime {
  const found = new Map(parts.map(({ type, value }) => [type, Number(value)]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => found.get(type) ?? Number.NaN;
  const [year, month, day] = [number("year"), number("month") - 1, number("day")];
  const midnight = Date.UTC(year, month, day);
  return {
    year,
    month,
    day,
    weekDay: new Date(midnight).getUTCDay(),
    yearDay: Math.round((midnight - Date.UTC(year, 0, 1)) / dayMs),
    hours: number("hour"),
    minutes: number("minute"),
    seconds: number("second"),
  };
}

const clocks = new Map<string, ZoneClock>();

/** Zones are written out in the definition, so there are few. @throws RangeError */
export function zoneClock(timeZone: string): ZoneClock {
  let clock = clocks.get(timeZone);
  if (clock === undefined) clocks.set(timeZone, (clock = new ZoneClock(timeZone)));
  return clock;
}
