import { randomBytes } from "node:crypto";
import { countingUsage } from "#app/metrics/usage.ts";
import { RecordSink } from "#app/record-sink.ts";
import { UsageCounter } from "#analytics/usage-counter.ts";
import { createRecorder } from "#audit/record.ts";
import { orderRoute, servedExchange } from "#audit/testing/exchange.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { attachRingReader } from "#threads/ring-reader.ts";
import { createRing } from "#threads/ring.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";

/** More than the nearest caches hold: a request that is over was last looked at some milliseconds ago. */
const atOnce = 2000;

const clock = { now: () => Date.now(), mono: () => performance.now() };
const snapshot = {
  routes: Array.from({ length: orderRoute.id + 1 }),
  deployment: { region: "" },
} as unknown as Snapshot;
const settings = { environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] };

function complain(message: string): void {
  throw new Error(message);
}

/**
 * What a worker does for the record and analytics when a request is over: encoding, the ring, counting. By the very sinks
 * of the gateway, on this thread alone, of requests that were all made before the first of them is told.
 * @returns µs of CPU a request, the median of many rounds
 */
export function workerShare(rounds = 60, warmUpRounds = 100): number {
  const ring = createRing({ bytes: 8 * 1024 * 1024 });
  const reader = attachRingReader(ring);
  const log = { info: () => {}, warn: complain, error: complain };
  const records = new RecordSink(attachRingWriter(ring), clock, log).under(createRecorder(settings));
  const sink = countingUsage(new UsageCounter(clock.now()), snapshot, clock, records);
  const newId = createUuid7(randomBytes, clock.now);
  const round = (): number => {
    const exchanges = Array.from({ length: atOnce }, () => finished(newId()));
    const before = cpu();
    for (const exchange of exchanges) sink.finished(exchange);
    const spent = cpu() - before;
    if (reader.drain(2 * atOnce, () => {}) < atOnce) throw new Error("a record did not come out of the ring");
    return spent / atOnce;
  };
  for (let count = 0; count < warmUpRounds; count += 1) round();
  const samples = Array.from({ length: rounds }, round).toSorted((left, right) => left - right);
  return samples[Math.floor(rounds / 2)] as number;
}

function finished(id: string): Exchange {
  const path = `/orders/${id.slice(-6)}`;
  return servedExchange({ id, startedAt: clock.now(), startedMono: clock.mono() - 3.5, path, target: path, query: "" });
}

function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
