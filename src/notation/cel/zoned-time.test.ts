import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCel } from "./check.ts";
import { compileCel } from "./compile.ts";
import { Activation } from "./activation.ts";
import { exchangeFor } from "./exchange.test-helper.ts";

const at = (time: string, source: string): unknown =>
  compileCel(source)(new Activation(exchangeFor(), { now: () => Date.parse(time), mono: () => 0 }));

describe("time zones in CEL", () => {
  it("reads the clock of the zone, in summer and in winter", () => {
    assert.equal(at("2026-07-01T06:30:00Z", 'now.getHours("Europe/Berlin")'), 8n);
    assert.equal(at("2026-01-01T06:30:00Z", 'now.getHours("Europe/Berlin")'), 7n);
    assert.equal(at("2026-01-01T06:30:00Z", 'now.getMinutes("Asia/Kolkata")'), 0n);
  });

  it("reads the calendar of the zone, which may be in another day and year", () => {
    const newYear = "2026-01-01T00:30:00Z";
    assert.equal(at(newYear, 'now.getFullYear("America/New_York")'), 2025n);
    assert.equal(at(newYear, 'now.getMonth("America/New_York")'), 11n);
    assert.equal(at(newYear, 'now.getDate("America/New_York")'), 31n);
    assert.equal(at(newYear, 'now.getDayOfYear("America/New_York")'), 364n);
    assert.equal(at(newYear, 'now.getDayOfWeek("America/New_York")'), 3n, "a Wednesday");
    assert.equal(at(newYear, 'now.getDayOfWeek("UTC")'), 4n);
  });

  it("does not pass through the process's own zone, whose clock may jump at that hour", () => {
    const before = process.env["TZ"];
    process.env["TZ"] = "America/New_York";
    try {
      // 02:30 in Berlin on the day on which New York has no 02:30.
      assert.equal(at("2026-03-08T01:30:00Z", 'now.getHours("Europe/Berlin")'), 2n);
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });

  it("wants a zone that exists, written out", () => {
    assert.match(checkCel('now.getHours("Mars/Olympus") > 1', "bool")?.message ?? "", /no time zone 'Mars\/Olympus'/);
    assert.match(checkCel("now.getHours(request.host) > 1", "bool")?.message ?? "", /written out/);
    assert.match(checkCel('request.host.getHours("UTC") > 1', "bool")?.message ?? "", /is for timestamps/);
    assert.equal(checkCel("now.getHours() > 1", "bool"), undefined, "without a zone it is UTC");
  });
});
