import assert from "node:assert/strict";
import { it } from "node:test";
import { validTraceparent } from "./traceparent.ts";

const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

it("takes a trace context, and nothing that only resembles one", () => {
  assert.equal(validTraceparent(good), good);
  assert.equal(validTraceparent(`cc${good.slice(2)}-what-comes`), `cc${good.slice(2)}`);
  const bad = [
    undefined,
    "",
    good.toUpperCase(),
    `ff${good.slice(2)}`,
    `${good}-more`,
    `${good} `,
    `${good}, ${good}`,
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`,
  ];
  for (const value of bad) assert.equal(validTraceparent(value), undefined, String(value));
});
