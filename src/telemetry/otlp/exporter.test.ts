import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import type { Egress, EgressRequest } from "#model/ports.ts";
import type { OtlpSettings } from "#model/trace.ts";
import { OtlpExporter } from "./exporter.ts";
import { rejectedOf } from "./rejected.ts";

const settings: OtlpSettings = {
  endpoint: "http://127.0.0.1:4318",
  protocol: "http/json",
  compression: "none",
  headers: [],
  timeoutMs: 1000,
  ca: null,
  traces: null,
  metricsMs: null,
  resource: [],
};

/** Answers with one status after the other; 0: it cannot be reached. */
function egressOf(statuses: number[], body: string = ""): Egress & { readonly asked: EgressRequest[] } {
  const asked: EgressRequest[] = [];
  return {
    asked,
    fetch: async (request) => {
      asked.push(request);
      const status = statuses.shift() ?? 200;
      if (status === 0) throw new Error("nobody there");
      return { status, headers: new HeaderList(["Retry-After", "0"]), body: new TextEncoder().encode(body) };
    },
  };
}

const send = (egress: Egress, signal: AbortSignal = new AbortController().signal): ReturnType<OtlpExporter["send"]> =>
  new OtlpExporter(settings, egress, signal).send("traces", { resourceSpans: [] }, 5);

describe("what is sent to a receiver", () => {
  it("is tried again while it may be, and lost when that does not help", async () => {
    const passing = egressOf([503, 429, 200]);
    assert.deepEqual(await send(passing), { lost: 0, why: null });
    assert.equal(passing.asked.length, 3);
    const away = egressOf([503, 503, 503, 503, 503]);
    assert.equal((await send(away)).lost, 5);
    assert.equal(away.asked.length, 4);
  });

  it("is not tried again when it was refused, or when the gateway stops", async () => {
    const refused = egressOf([401]);
    assert.deepEqual(await send(refused), { lost: 5, why: "the receiver answered 401" });
    assert.equal(refused.asked.length, 1);
    const stopped = egressOf([0, 0]);
    assert.equal((await send(stopped, AbortSignal.abort())).lost, 5);
    assert.equal(stopped.asked.length, 1);
  });

  it("is lost as far as the receiver says so", async () => {
    assert.equal((await send(egressOf([], '{"partialSuccess":{"rejectedSpans":"3"}}'))).lost, 3);
    assert.equal((await send(egressOf([], "{}"))).lost, 0);
    assert.equal((await send(egressOf([], "nonsense"))).lost, 0);
    assert.equal(rejectedOf(Uint8Array.of(0x0a, 3, 0x08, 0x96, 1), false), 150);
    for (const bytes of [[], [0x0a], [0x0a, 200, 8, 1], [0x12, 2, 8, 1], [0x0a, 2, 0x12, 0]]) {
      assert.equal(rejectedOf(Uint8Array.from(bytes), false), 0);
    }
  });
});
