import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { traceParentOf } from "./trace-parent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const good = `00-${traceId}-${spanId}-01`;

const parse = (...fields: string[]): ReturnType<typeof traceParentOf> => traceParentOf(new HeaderList(fields));

describe("the trace of a request", () => {
  it("is what traceparent says, and whether it is sampled", () => {
    assert.deepEqual(parse("traceparent", good), { traceId, spanId, sampled: true, state: null });
    assert.equal(parse("Traceparent", `00-${traceId}-${spanId}-00`)?.sampled, false);
    assert.equal(parse("traceparent", `00-${traceId}-${spanId}-fe`)?.sampled, false);
  });

  it("is read from later versions as far as it is known", () => {
    assert.equal(parse("traceparent", `cc-${traceId}-${spanId}-01-what-comes`)?.traceId, traceId);
    assert.equal(parse("traceparent", `${good}-more`), null);
  });

  for (const bad of [
    "",
    "00",
    good.toUpperCase(),
    `ff-${traceId}-${spanId}-01`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId}-${spanId}-0`,
    `00-${traceId}-${spanId}-01.`,
    ` ${good}`,
    `${good},${good}`,
  ]) {
    it(`is none for ${JSON.stringify(bad)}`, () => assert.equal(parse("traceparent", bad), null));
  }

  it("is none for two of them", () => {
    assert.equal(parse("traceparent", good, "traceparent", good), null);
  });

  it("takes a state that is well-formed, from several fields, and drops any other as a whole", () => {
    const state = (...values: string[]): string | null | undefined =>
      parse("traceparent", good, ...values.flatMap((value) => ["tracestate", value]))?.state;
    assert.equal(
      state("rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE", "a@b=1"),
      "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,a@b=1",
    );
    for (const bad of [
      "a",
      "A=1",
      "a=1,a=2",
      "a=b=c",
      "a=é",
      "=1",
      "a= ",
      "",
      "a=1,".repeat(33).replaceAll("a", "b"),
      `a=${"x".repeat(3000)}`,
    ]) {
      assert.equal(state(bad), null, bad.slice(0, 20));
    }
  });
});
