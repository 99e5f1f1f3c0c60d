import type { Settings } from "./draft.ts";
import type { Information } from "./information.ts";
import { isoSeconds } from "./iso-duration.ts";

export interface BreakerReading {
  readonly settings: Settings | undefined;
  readonly problems: readonly string[];
}

/** The circuit breaker of a backend. One rule is what a backend can have, in API Management as here. */
export function readCircuitBreaker(breaker: Information): BreakerReading {
  const [rule, ...others] = breaker.inners("rules");
  if (rule === undefined) return { settings: undefined, problems: [] };
  const problems =
    others.length === 0 ? [] : [`has ${others.length + 1} circuit breaker rules: the first is carried over`];
  const condition = rule.inner("failureCondition");
  const interval = secondsBetween(condition.text("interval"), 1, 3600);
  const trip = secondsBetween(rule.text("tripDuration"), 1, 86_400);
  const failures = whole(condition.number("count"), 10_000);
  const percent = whole(condition.number("percentage"), 100);
  const status = condition.inners("statusCodeRanges").flatMap(rangeOf);
  const reasons = condition.texts("errorReasons");
  if (interval === undefined || trip === undefined || (failures === undefined && percent === undefined)) {
    const message = "has a circuit breaker outside the bounds of one here (interval 1s to 1h, trip 1s to 24h)";
    return { settings: undefined, problems: [...problems, message] };
  }
  if (status.length === 0) problems.push("has a circuit breaker without statuses: 5xx counts as a failure here");
  if (reasons.length > 0)
    problems.push(`has errorReasons ${reasons.join(", ")}: here, every request without an answer`);
  const settings = {
    ...(failures === undefined ? { percent } : { failures }),
    interval: `${interval}s`,
    ...(status.length === 0 ? {} : { status }),
    errors: reasons.length > 0,
    trip: `${trip}s`,
    ...(rule.flag("acceptRetryAfter") === true ? { acceptRetryAfter: true } : {}),
  };
  return { settings, problems };
}

function secondsBetween(text: string | undefined, from: number, to: number): number | undefined {
  const seconds = text === undefined ? undefined : isoSeconds(text);
  return seconds === undefined || seconds < from || seconds > to ? undefined : seconds;
}

function whole(value: number | undefined, most: number): number | undefined {
  return value === undefined || !Number.isInteger(value) || value < 1 || value > most ? undefined : value;
}

function rangeOf(range: Information): readonly string[] {
  const [from, to] = [range.number("min"), range.number("max")];
  if (from === undefined || to === undefined) return [];
  return [from === to ? String(from) : `${from}-${to}`];
}
