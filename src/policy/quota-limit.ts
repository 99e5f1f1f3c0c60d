import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { QuotaCounters } from "#model/ports.ts";
import { secondsUntil } from "./limit-report.ts";

/** The message of the reason speaks of it. */
const callVolume = "call volume";

/** A quota of calls, of bytes or of both, under one counter's name. */
export interface QuotaLimit {
  readonly calls: number | undefined;
  /** Bytes of both bodies. */
  readonly bandwidth: number | undefined;
  readonly period: number;
  readonly anchorMs: number;
}

/**
 * Takes `amount` calls, and asks whether bytes are left: those of this request are known at its end and count then.
 * @param amount 0 only looks
 */
export function takeQuota(
  quota: QuotaCounters,
  limit: QuotaLimit,
  counter: string,
  amount: number,
  exchange: Exchange,
): Outcome | Promise<Outcome> {
  const { bandwidth, period, anchorMs } = limit;
  if (bandwidth === undefined) return takeCalls(quota, limit, counter, amount);
  const bytes = `${counter}|bytes`;
  const left = quota.take(bytes, bandwidth, period, anchorMs, 0);
  const goOn = (found: number): Outcome | Promise<Outcome> => {
    if (found < 0) return exceeded(found, "bandwidth");
    exchange.whenOver(() => {
      forget(quota.add(bytes, bandwidth, period, anchorMs, exchange.bytesIn + exchange.bytesOut));
    });
    return takeCalls(quota, limit, counter, amount);
  };
  return typeof left === "number" ? goOn(left) : left.then(goOn);
}

function takeCalls(
  quota: QuotaCounters,
  { calls, period, anchorMs }: QuotaLimit,
  counter: string,
  amount: number,
): Outcome | Promise<Outcome> {
  if (calls === undefined) return undefined;
  const left = quota.take(counter, calls, period, anchorMs, amount);
  return typeof left === "number" ? outcomeOf(left) : left.then(outcomeOf);
}

/** Nobody waits for what counts at the end. The next request meets the store, and is refused where that is down. */
export function forget(counted: number | Promise<number>): void {
  if (counted instanceof Promise) counted.catch(() => {});
}

function outcomeOf(left: number): Outcome {
  return left >= 0 ? undefined : exceeded(left, callVolume);
}

function exceeded(left: number, what: string): Outcome {
  if (left === -Infinity)
    return refuse("quota-exceeded", what === callVolume ? {} : { message: `Out of ${what} quota.` });
  const seconds = secondsUntil(left);
  return refuse("quota-exceeded", {
    message: `Out of ${what} quota. Quota will be replenished in ${clockText(seconds)}.`,
    headers: ["Retry-After", String(seconds)],
  });
}

/** `[d.]hh:mm:ss` */
function clockText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const time = parts.map((part) => String(part).padStart(2, "0")).join(":");
  const days = Math.floor(seconds / 86_400);
  return days === 0 ? time : `${days}.${time}`;
}
