import type { Clock, QuotaCounters } from "#model/ports.ts";

/** Counters in windows, as the gateway has them, that end with the run. */
export function memoryQuota(clock: Clock): QuotaCounters {
  const used = new Map<string, number>();
  const windowOf = (counter: string, periodMs: number, anchorMs: number): { key: string; untilMs: number } => {
    if (periodMs === 0) return { key: counter, untilMs: Infinity };
    const window = Math.floor((clock.now() - anchorMs) / periodMs);
    return { key: `${periodMs} ${window} ${counter}`, untilMs: anchorMs + (window + 1) * periodMs - clock.now() };
  };
  return {
    take: (counter, limit, periodMs, anchorMs, amount = 1) => {
      const { key, untilMs } = windowOf(counter, periodMs, anchorMs);
      const sum = (used.get(key) ?? 0) + amount;
      if (sum > limit || (amount === 0 && sum === limit)) return -untilMs;
      used.set(key, sum);
      return limit - sum;
    },
    add: (counter, limit, periodMs, anchorMs, amount) => {
      const { key, untilMs } = windowOf(counter, periodMs, anchorMs);
      const sum = (used.get(key) ?? 0) + amount;
      used.set(key, Math.min(sum, limit));
      return sum > limit ? -untilMs : limit - sum;
    },
  };
}
