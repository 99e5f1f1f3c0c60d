import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { StoredRecord } from "#model/record.ts";
import { createRecorder } from "#audit/record.ts";
import { exchangeOf, servedExchange } from "#audit/testing/exchange.ts";
import { csvCell, csvHead, csvLine } from "./csv.ts";
import { ocsfOf } from "./ocsf.ts";

const recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] });

function stored(exchange: Exchange): StoredRecord {
  const text = recorder.encodeRecord(exchange, 1003.5);
  return { ...(JSON.parse(text) as StoredRecord), seq: 7, prev: "0".repeat(64), hash: "1".repeat(64) };
}

interface Event {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly action_id: number;
  readonly disposition_id: number;
  readonly status_id: number;
  readonly severity_id: number;
  readonly status_detail?: string;
  readonly time: number;
  readonly metadata: { readonly uid: string; readonly sequence: number; readonly profiles: readonly string[] };
  readonly actor: { readonly user: { readonly uid: string } };
  readonly api: { readonly operation: string };
  readonly ai_agent?: unknown;
  readonly src_endpoint: unknown;
  readonly dst_endpoint: { readonly port: number };
  readonly http_request: unknown;
  readonly trace: unknown;
  readonly unmapped: { readonly handovers: unknown };
}

/** Attributes of events by the schema of version 1.9.0, without those that nothing here could say. */
const ofAll: readonly string[] =
  "activity_id activity_name category_name category_uid class_name class_uid duration message metadata severity severity_id status status_code status_detail status_id time type_uid unmapped".split(
    " ",
  );
const ofClass: Readonly<Record<number, readonly string[]>> = {
  6003: ["actor", "api", "dst_endpoint", "http_request", "http_response", "src_endpoint"],
  4002: ["dst_endpoint", "http_request", "http_response", "src_endpoint", "tls", "traffic"],
};
const ofProfile: Readonly<Record<string, readonly string[]>> = {
  security_control: ["action", "action_id", "disposition", "disposition_id"],
  trace: ["trace"],
  host: ["actor"],
  ai_operation: ["ai_agent"],
};

const eventOf = (record: StoredRecord): Event => ocsfOf(record) as unknown as Event;

describe("ocsf", () => {
  it("makes API Activity of a call that found its operation", () => {
    const record = stored(servedExchange());
    const event = eventOf(record);
    const { class_uid, activity_id, type_uid, action_id, status_id, severity_id } = event;
    assert.deepEqual([class_uid, activity_id, type_uid, action_id, status_id, severity_id], [6003, 2, 600302, 1, 1, 1]);
    assert.equal(event.time, Date.parse(record.time));
    assert.deepEqual(event.src_endpoint, { ip: record.client });
    assert.deepEqual(event.actor.user.uid, record.principal.id);
    assert.equal(event.api.operation, record.route?.operation);
    assert.deepEqual([event.metadata.uid, event.metadata.sequence], [record.id, 7]);
    assert.equal(event.dst_endpoint.port, 9001);
    assert.deepEqual(event.unmapped.handovers, record.handovers);
  });

  it("makes HTTP Activity of a request that found none, denied", () => {
    const exchange = exchangeOf();
    exchange.refusal = refuse("route-not-found");
    const event = eventOf(stored(exchange));
    const { class_uid, activity_id, action_id, disposition_id, status_id, severity_id } = event;
    assert.deepEqual(
      [class_uid, activity_id, action_id, disposition_id, status_id, severity_id],
      [4002, 3, 2, 2, 2, 2],
    );
    assert.equal(event.status_detail, "route-not-found");
    assert.ok(event.http_request !== undefined && event.src_endpoint !== undefined, "one of them has to be there");
  });

  it("says of an intent that nothing is decided, and tells it from the record of the end", () => {
    const whole = stored(servedExchange());
    const event = eventOf({ ...whole, stage: "intent" });
    assert.deepEqual([event.status_id, event.action_id, event.disposition_id], [0, 0, 0]);
    assert.equal(Object.hasOwn(event, "http_response"), false);
    assert.deepEqual([event.metadata.uid, eventOf(whole).metadata.uid], [`${whole.id}.intent`, whole.id]);
  });

  it("names the agent that acts for somebody, and the trace", () => {
    const record = stored(servedExchange());
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const principal = { ...record.principal, actors: ["https://login.example.com||bot"] };
    const event = eventOf({ ...record, principal, traceparent });
    assert.deepEqual(event.ai_agent, { uid: "https://login.example.com||bot" });
    assert.ok(event.metadata.profiles.includes("ai_operation"));
    const times = { start_time: event.time, end_time: event.time + Math.round(record.durationMs) };
    assert.deepEqual(event.trace, {
      uid: "4bf92f3577b34da6a3ce929d0e0e4736",
      span: { uid: "00f067aa0ba902b7", ...times },
    });
  });

  it("has no attribute that its class and its profiles do not have, and captions as they are there", () => {
    const served = stored(servedExchange());
    const principal = { ...served.principal, kind: "service", actors: ["bot"] };
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { route: _route, ...unrouted } = served;
    for (const record of [
      { ...served, principal, traceparent },
      { ...unrouted, principal, traceparent },
    ]) {
      const event = ocsfOf(record) as Readonly<Record<string, unknown>> & Event;
      const { profiles, version } = event.metadata as unknown as { profiles: readonly string[]; version: string };
      assert.equal(version, "1.9.0");
      const known = new Set([ofAll, ofClass[event.class_uid], ...profiles.map((name) => ofProfile[name])].flat());
      assert.deepEqual(
        Object.keys(event).filter((name) => !known.has(name)),
        [],
      );
      const { type, type_id } = event.actor.user as unknown as { type: string; type_id: number };
      assert.deepEqual([type_id, type], [4, "Service"]);
      assert.ok(JSON.stringify(event).includes("TLS_AES_128_GCM_SHA256"), "nothing is lost");
    }
  });
});

describe("csv", () => {
  it("has a cell for each column", () => {
    const line = csvLine(stored(servedExchange()));
    assert.equal(line.split(",").length, csvHead.split(",").length);
  });

  it("quotes what would break a line, and disarms formulas", () => {
    assert.deepEqual(['a,"b"', "=HYPERLINK(1)", "-1", "x\ny", "plain"].map(csvCell), [
      '"a,""b"""',
      "'=HYPERLINK(1)",
      "'-1",
      '"x\ny"',
      "plain",
    ]);
  });
});
