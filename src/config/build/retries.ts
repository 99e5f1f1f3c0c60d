import type { Retries } from "#model/retries.ts";
import type { RetriesInput } from "#config/table/retries.ts";

export function buildRetries(input: RetriesInput): Retries {
  const { count, on, methods, perTryTimeout, backOff, budget, bodySize } = input;
  return {
    count,
    methods,
    on: {
      reset: on.includes("reset"),
      timeout: on.includes("timeout"),
      statuses: on.filter((one) => typeof one === "object"),
    },
    perTryTimeoutMs: perTryTimeout,
    backOff: { firstMs: backOff.first, longestMs: backOff.longest },
    bodyBytes: bodySize,
    budget: { percent: budget.percent, minPerSecond: budget.minPerSecond, windowMs: budget.window },
  };
}
