import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { EnvironmentInput } from "#config/table/environment.ts";
import type { ChosenEnvironment } from "./choose.ts";

const day = 86_400_000;
const warnedBefore = 14 * day;

/** When a day is over, in UTC; milliseconds since the epoch. @param text `2027-01-31` */
export function endOfDay(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) + day;
}

/**
 * What is past its last day does not load: nobody has agreed to it any more. Of environments that do not run it is a
 * warning.
 */
export function checkExpiry(
  environments: readonly Named<EnvironmentInput>[],
  running: ChosenEnvironment,
  problems: Problems,
  now: number,
): void {
  for (const { name: environment, value } of environments) {
    for (const { name, value: exception } of value.exceptions) {
      const { until } = exception;
      if (until === undefined) continue;
      const end = endOfDay(until.value);
      if (now >= end) {
        const report = running.meant && running.name === environment ? "error" : "warn";
        const message = `the exception ${name} of ${environment} ended with ${until.value}`;
        problems[report]("exception-expired", until.at, message, "remove it, or have it agreed to for longer");
      } else if (now >= end - warnedBefore) {
        const message = `the exception ${name} of ${environment} ends with ${until.value}: this will not load the day after`;
        problems.warn("exception-ending", until.at, message, "plan what comes then, or have it agreed to for longer");
      }
    }
  }
}
