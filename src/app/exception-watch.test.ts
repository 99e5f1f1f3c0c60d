import assert from "node:assert/strict";
import { it } from "node:test";
import type { PolicyException } from "#model/definition.ts";
import { ExceptionWatch } from "./exception-watch.ts";

it("has the definition read again when an exception has ended, once for each", async () => {
  const at = { file: "f", line: 1, column: 1 };
  const exception = (name: string, until: string): PolicyException => ({
    name,
    place: "p",
    instead: "1",
    value: "2",
    reason: "r",
    approvedBy: "a",
    until,
    at,
  });
  let now = Date.parse("2026-12-30T23:59:59Z");
  const reloads: string[] = [];
  const exceptions = [exception("one", "2026-12-30"), exception("two", "2026-12-31"), exception("three", "2027-06-01")];
  const reload = async (why: string): Promise<void> => void reloads.push(why);
  const watch = new ExceptionWatch(() => exceptions, reload, { now: () => now });
  try {
    await watch.look();
    assert.deepEqual(reloads, []);
    now += 1000;
    await watch.look();
    await watch.look();
    assert.deepEqual(reloads, ["the exception one has ended"]);
    now += 86_400_000;
    await watch.look();
    assert.deepEqual(reloads, ["the exception one has ended", "the exception two has ended"]);
  } finally {
    watch.stop();
  }
});
