import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import type { Handover } from "#model/exchange.ts";
import type { FinishedTrace } from "#telemetry/finished-trace.ts";
import { SpanIds } from "#telemetry/span-ids.ts";
import { spansOf } from "./spans.ts";

const handover = (step: string, outcome: Handover["outcome"], micros: number): Handover => ({
  door: "upstream",
  step,
  outcome,
  micros,
});

it("gives each attempt at an upstream a span of its own, below that of the call", () => {
  const one = {
    trace: {
      traceId: "1".repeat(32),
      parentId: "",
      spanId: "a".repeat(16),
      upstreamSpanId: "f".repeat(16),
      state: null,
    },
    startedAt: 1000,
    ms: 50,
    method: "GET",
    status: 200,
    scheme: "http",
    host: "h",
    path: "/",
    protocol: "HTTP/1.1",
    client: "192.0.2.1",
    principal: "anonymous",
    handovers: [
      // Of a call that a policy has made again: its spans are not told apart.
      handover("attempt", "retried", 1000),
      handover("attempt", "retried", 5000),
      handover("attempt", "retried", 7000),
      handover("forward", "passed", 40_000),
    ],
    upstream: { name: "orders", address: "10.0.0.7:80", url: "http://orders", method: "GET", tries: 3, status: 200 },
  } as unknown as FinishedTrace;
  const [whole, call, ...attempts] = spansOf(one, new SpanIds({ bytes: (count) => randomBytes(count) }));
  assert.deepEqual([whole?.["spanId"], call?.["parentSpanId"], call?.["kind"]], ["a".repeat(16), "a".repeat(16), 1]);
  assert.equal((call?.["events"] as readonly unknown[] | undefined)?.length, 1);
  assert.deepEqual(
    attempts.map((span) => [span["spanId"], span["parentSpanId"], span["kind"], span["status"]]),
    ["f".repeat(16), "0".repeat(16), "0".repeat(15) + "1"].map((id, at) => [
      id,
      call?.["spanId"],
      3,
      at < 2 ? { code: 2 } : undefined,
    ]),
  );
  const times = attempts.map((span) => [span["startTimeUnixNano"], span["endTimeUnixNano"]]);
  assert.equal(times[0]?.[1], times[1]?.[0]);
  assert.equal(times[1]?.[1], times[2]?.[0]);
  assert.equal(times[2]?.[1], call?.["endTimeUnixNano"]);
});
