import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedaction } from "#audit/redaction/redaction.ts";
import type { Exchange } from "#model/exchange.ts";
import { noRedaction, type Redaction } from "#model/redaction.ts";
import { exchangeFor } from "#policy/policy.test-helper.ts";
import { TapRoom } from "#telemetry/insights/body-tap.ts";
import { createDiagnosing } from "#telemetry/insights/diagnosing.ts";
import { SpanIds } from "#telemetry/span-ids.ts";
import { exportingTraces } from "./exporting.ts";

const message = { headers: ["X-A"], bodyBytes: 0, maskedHeaders: [], maskedQuery: [] };
const pair = { request: message, response: message };
const diagnostic = {
  logger: "insights",
  percentage: 100,
  alwaysLogErrors: false,
  verbosity: "information",
  logClientIp: false,
  correlation: "W3C",
  operationNameFormat: "Name",
  metrics: false,
  frontend: pair,
  backend: pair,
} as const;
const clock = { now: () => 0, mono: () => 0 };

function finished(redaction: Redaction): {
  readonly told: number;
  readonly dropped: number;
  readonly recorded: number;
} {
  const exchange: Exchange = exchangeFor(["X-A", "b"]);
  exchange.facts = { ...exchange.facts, id: "0190a0b0-1234-7abc-8def-0123456789ab" };
  exchange.route = null;
  exchange.redaction = redaction;
  const snapshot = { diagnostics: [diagnostic], unroutedDiagnostic: 0, traces: null };
  createDiagnosing(snapshot, new TapRoom(0), clock)?.begin(exchange);
  let [told, dropped, recorded] = [0, 0, 0];
  const feed = {
    hasRoom: () => true,
    push: () => assert.fail("it is in no trace"),
    pushLogged: () => (told += 1),
    drop: () => (dropped += 1),
  };
  const sink = { opened: () => {}, finished: () => void (recorded += 1), strict: null };
  const ids = new SpanIds({ bytes: (count) => new Uint8Array(count).fill(7) });
  exportingTraces(feed, clock, ids, sink).finished(exchange);
  return { told, dropped, recorded };
}

describe("what is exported of an exchange", () => {
  it("goes before its record, and takes that with it in no case", () => {
    const redaction = createRedaction(noRedaction);
    assert.deepEqual(finished(redaction), { told: 1, dropped: 0, recorded: 1 });
    const broken: Redaction = {
      ...redaction,
      rules: noRedaction,
      text: () => assert.fail("broken"),
      told: () => assert.fail("broken"),
      query: () => "",
      body: () => null,
    };
    assert.deepEqual(finished(broken), { told: 0, dropped: 1, recorded: 1 });
  });
});
