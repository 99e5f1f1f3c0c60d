import type { StatusRange } from "#model/retries.ts";
import { parseCheckPath } from "#config/checks/paths.ts";
import { parseLinearPattern, parseMethod } from "#config/checks/words.ts";
import { flag } from "#config/shapes/choice.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { statusRange } from "#config/shapes/status-ranges.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface HealthInput {
  readonly path: string | undefined;
  readonly method: string;
  readonly headers: readonly Named<string>[];
  readonly body: string | undefined;
  readonly status: readonly StatusRange[];
  readonly contains: string | undefined;
  readonly matches: Located<string> | undefined;
  readonly interval: number;
  readonly timeout: number;
  readonly passes: number;
  readonly fails: number;
  readonly port: number | undefined;
}

export interface PassiveHealthInput {
  readonly maxFails: number;
  readonly failDuration: number;
  readonly status: readonly StatusRange[];
  readonly latency: number;
  readonly requests: number;
}

export interface CircuitBreakerInput {
  readonly failures: number | undefined;
  readonly percent: number | undefined;
  readonly minRequests: number;
  readonly interval: number;
  readonly status: readonly StatusRange[];
  readonly errors: boolean;
  readonly trip: number;
  readonly acceptRetryAfter: boolean;
}

export interface OutliersInput {
  readonly consecutive: number;
  readonly deviations: number;
  readonly interval: number;
  readonly minRequests: number;
  readonly minTargets: number;
  readonly ejection: number;
  readonly longest: number;
  readonly maxPercent: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const serverErrors: readonly StatusRange[] = [{ from: 500, to: 599 }];

const statuses: Shape<readonly StatusRange[]> = oneOrMore(statusRange);
const fieldName = { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$", fix: "write the name of a header field" };
const fieldValue = text("the value of a header field", (value) =>
  /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) ? { value } : { problem: "this cannot stand in a header" },
);

export const healthShape: ObjectShape<HealthInput> = object<HealthInput>("health", {
  path: { shape: text("a path", parseCheckPath), about: "Path that is asked for.", required: true },
  method: { shape: text("a method", parseMethod), about: "Method of the check.", default: "GET" },
  headers: {
    shape: record("headers", fieldValue, fieldName),
    about: "Header fields of the check, Host among them.",
    default: [],
  },
  body: { shape: anyText, about: "Body of the check; none is sent when absent." },
  status: { shape: statuses, about: "Healthy statuses.", default: [{ from: 200, to: 399 }] },
  contains: { shape: anyText, about: "Text that the body of a healthy answer holds." },
  matches: {
    shape: located(text("a pattern", parseLinearPattern)),
    about: "RE2 pattern that the body of a healthy answer matches somewhere.",
  },
  interval: { shape: duration(second, hour), about: "Time between two checks, more or less.", default: 30 * second },
  timeout: { shape: duration(100, minute), about: "Time for the whole answer.", default: 5 * second },
  passes: { shape: integer(1, 100), about: "Good checks in a row until a target is up again.", default: 1 },
  fails: { shape: integer(1, 100), about: "Failed checks in a row until it is down.", default: 2 },
  port: { shape: integer(1, 65_535), about: "Port of the check; the target's own when absent." },
});

export const passiveHealthShape: ObjectShape<PassiveHealthInput> = object<PassiveHealthInput>("passiveHealth", {
  maxFails: { shape: integer(1, 1000), about: "Failures that take a target out.", default: 1 },
  failDuration: { shape: duration(100, hour), about: "How long each is remembered.", default: 10 * second },
  status: { shape: statuses, about: "Statuses that are failures.", default: [] },
  latency: { shape: duration(0, 10 * minute), about: "Slower answers are failures; 0: none is.", default: 0 },
  requests: {
    shape: integer(0, 1_000_000),
    about: "Requests of a worker under way that a target takes; 0: any number.",
    default: 0,
  },
});

export const circuitBreakerShape: ObjectShape<CircuitBreakerInput> = object<CircuitBreakerInput>("circuitBreaker", {
  failures: { shape: integer(1, 10_000), about: "Failures in the interval that open it." },
  percent: { shape: integer(1, 100), about: "Share of failures in the interval that opens it." },
  minRequests: { shape: integer(1, 10_000), about: "percent: not with fewer requests.", default: 10 },
  interval: { shape: duration(second, hour), about: "Time that is looked back at.", default: minute },
  status: { shape: statuses, about: "Statuses that are failures.", default: serverErrors },
  errors: { shape: flag, about: "Requests without an answer are failures too.", default: true },
  trip: { shape: duration(second, 24 * hour), about: "How long it stays open.", default: minute },
  acceptRetryAfter: { shape: flag, about: "Retry-After of a failure says how long instead.", default: false },
});

export const outliersShape: ObjectShape<OutliersInput> = object<OutliersInput>("outliers", {
  consecutive: { shape: integer(0, 1000), about: "Failures (5xx, no answer) in a row; 0: not looked at.", default: 5 },
  deviations: {
    shape: integer(0, 10),
    about: "Standard deviations below the mean success rate; 0: not looked at.",
    default: 2,
  },
  interval: { shape: duration(second, hour), about: "How often success rates are compared.", default: 10 * second },
  minRequests: { shape: integer(1, 100_000), about: "For a target's success rate to count.", default: 100 },
  minTargets: { shape: integer(2, 1000), about: "Targets with such a rate.", default: 5 },
  ejection: { shape: duration(second, hour), about: "Times the ejections so far.", default: 30 * second },
  longest: { shape: duration(second, 24 * hour), about: "Longest ejection.", default: 5 * minute },
  maxPercent: { shape: integer(1, 99), about: "Share of the targets that may be out; one always may.", default: 10 },
});
