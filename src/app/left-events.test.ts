import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ControlEvent } from "#model/control-events.ts";
import type { EventRecorder } from "#model/ports.ts";
import { leaveEvent, LeftEvents } from "./left-events.ts";

const log = { info: () => {}, warn: () => {}, error: () => {} };

describe("events that the command line leaves", () => {
  it("come into the record once there is a gateway, and stay until they are in it", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-events-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await leaveEvent(folder, { event: "backup.made", details: { files: 3, bytes: 10 } });
    const taken: ControlEvent[] = [];
    let isBroken = true;
    const events: EventRecorder = {
      record: async (...more) => {
        if (isBroken) throw new Error("the disk is full");
        taken.push(...more);
      },
      tell: () => {},
    };
    const left = new LeftEvents(folder, events, log);
    await left.look();
    assert.equal(readdirSync(join(folder, "events")).length, 1);
    isBroken = false;
    writeFileSync(join(folder, "events", "nonsense.json"), '{"event":"no.such","details":{}}');
    await left.look();
    await left.close();
    assert.deepEqual(readdirSync(join(folder, "events")), []);
    assert.deepEqual(
      taken.map(({ event, details }) => [event, details]),
      [["backup.made", { files: 3, bytes: 10 }]],
    );
    assert.match(taken[0]?.by?.id ?? "", /^unix\|\|\d+$/);
  });
});
