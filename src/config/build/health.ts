import type { Backend } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";

type HealthParts = Pick<
  Backend,
  "health" | "passiveHealth" | "circuitBreaker" | "outliers" | "slowStartMs" | "maxActive"
>;

export function buildHealth({ name, at, value }: Named<BackendInput>, problems: Problems): HealthParts {
  const { circuitBreaker: breaker, passiveHealth } = value;
  if (breaker !== undefined && breaker.failures === undefined && breaker.percent === undefined) {
    const fix = "write failures: 5, or percent: 50";
    problems.error("key-missing", at, `the circuit breaker of ${name} does not say when it opens`, fix);
  }
  return {
    health: active(value, problems),
    passiveHealth: passive(value),
    circuitBreaker: breakerOf(value),
    outliers: outliersOf(value),
    slowStartMs: value.slowStart,
    maxActive: passiveHealth === undefined || passiveHealth.requests === 0 ? 1_000_000 : passiveHealth.requests,
  };
}

function active({ health }: BackendInput, problems: Problems): Backend["health"] {
  if (health?.path === undefined) return null;
  const { path, method, headers, body, status, contains, matches, interval, timeout, passes, fails, port } = health;
  if (contains !== undefined && matches !== undefined) {
    problems.error("value-invalid", matches.at, "a check has both contains and matches", "keep one of them");
  }
  return {
    path,
    method,
    headers: headers.flatMap(({ name, value }) => [name, value]),
    requestBody: body ?? null,
    statuses: status,
    body: bodyOf(contains, matches?.value),
    intervalMs: interval,
    timeoutMs: timeout,
    passes,
    fails,
    port: port ?? null,
  };
}

function bodyOf(contains: string | undefined, matches: string | undefined): NonNullable<Backend["health"]>["body"] {
  if (contains !== undefined) return { kind: "contains", text: contains };
  return matches === undefined ? null : { kind: "matches", text: matches };
}

function passive({ passiveHealth }: BackendInput): Backend["passiveHealth"] {
  if (passiveHealth === undefined) return null;
  const { maxFails, failDuration, status, latency } = passiveHealth;
  return { maxFails, failDurationMs: failDuration, statuses: status, latencyMs: latency };
}

function breakerOf({ circuitBreaker }: BackendInput): Backend["circuitBreaker"] {
  if (circuitBreaker === undefined) return null;
  const { failures, percent, minRequests, interval, status, errors, trip, acceptRetryAfter } = circuitBreaker;
  return {
    failures: failures ?? 0,
    percent: percent ?? 0,
    minRequests,
    intervalMs: interval,
    statuses: status,
    onErrors: errors,
    tripMs: trip,
    acceptRetryAfter,
  };
}

function outliersOf({ outliers }: BackendInput): Backend["outliers"] {
  if (outliers === undefined) return null;
  const { consecutive, deviations, interval, minRequests, minTargets, ejection, longest, maxPercent } = outliers;
  return {
    consecutive,
    deviations,
    intervalMs: interval,
    minRequests,
    minTargets,
    ejectionMs: ejection,
    longestMs: longest,
    maxPercent,
  };
}
