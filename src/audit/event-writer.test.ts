import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { controlEvents, type EventDetailName } from "#model/control-events.ts";
import { type EventRecord, recordSchema } from "#model/record.ts";
import { noRedaction } from "#model/redaction.ts";
import { writeEvent } from "./event-writer.ts";
import { createRedaction } from "./redaction/redaction.ts";
import { person } from "./testing/exchange.ts";

const origin = { environment: "prod", node: "gw-1", configHash: "c".repeat(64) };
const moment = { id: "019ca8f4-d200-7000-8000-00000000002a", at: Date.parse("2026-03-01T12:00:00.123Z") };

describe("the line of an event", () => {
  it("says who has done what to the gateway, and nothing that its type does not have", () => {
    const details = { subscription: "team", slot: "primary", comment: "not of this type", until: null } as const;
    const line = writeEvent({ event: "key.regenerated", details, by: person, request: "r-1" }, moment, origin);
    assert.ok(line.startsWith('{"id":"') && !line.includes("\n"));
    assert.deepEqual(JSON.parse(line), {
      id: moment.id,
      schema: recordSchema,
      time: "2026-03-01T12:00:00.123Z",
      ...origin,
      event: "key.regenerated",
      request: "r-1",
      principal: {
        kind: "user",
        id: person.id,
        issuer: person.issuer,
        subject: "jane",
        tenant: "t1",
        groups: ["engineering", "on-call"],
        authMethod: "token",
      },
      tokenId: "jti-1",
      tokenDigest: "3q2-7wAA",
      clientId: "orders-cli",
      unlinked: true,
      details: { subscription: "team", slot: "primary" },
    });
  });

  it("keeps out of words what the definition says, and never who did it", () => {
    const redaction = createRedaction({ ...noRedaction, patterns: ["email"] });
    const by = {
      ...person,
      id: "ann@mail.example",
      grants: [{ approval: "a", id: "1", reason: "for bob@mail.example", until: 0 }],
    };
    const details = { reason: "asked by bob@mail.example", comment: "eve@mail.example", grantee: "ann@mail.example" };
    const line = writeEvent({ event: "access.request", details, by }, moment, { ...origin, redaction });
    assert.doesNotMatch(line, /bob|eve@/);
    const { principal, details: told } = JSON.parse(line) as EventRecord;
    assert.deepEqual([principal.id, told["grantee"]], ["ann@mail.example", "ann@mail.example"]);
    assert.equal(told["reason"], "asked by [redacted]");
  });

  it("is the gateway's own when nobody has done it", () => {
    const { principal, details } = JSON.parse(
      writeEvent({ event: "gateway.stopping", details: {} }, moment, origin),
    ) as EventRecord;
    assert.deepEqual([principal.id, details], ["urn:sallyport:gateway||itself", {}]);
  });

  it("fits whatever it is told, for every type", () => {
    for (const unit of ["\u0001", "日", "\ud800", '"', "\n"]) {
      const long = unit.repeat(20_000);
      const by = { ...person, id: long, subject: long, issuer: long, groups: Array.from({ length: 99 }, () => long) };
      for (const [event, type] of Object.entries(controlEvents)) {
        const details = Object.fromEntries(
          Object.keys(type.details).map((name) => [
            name,
            name === "changes" ? Array.from({ length: 99 }, () => long) : long,
          ]),
        ) as Record<EventDetailName, string>;
        const line = writeEvent(
          { event: event as keyof typeof controlEvents, details, by, request: long },
          moment,
          origin,
        );
        assert.ok(Buffer.byteLength(line) <= 16 * 1024, `${event} ${Buffer.byteLength(line)}`);
        assert.ok(!line.includes("\n"));
        assert.equal((JSON.parse(line) as EventRecord).event, event);
      }
    }
  });
});
