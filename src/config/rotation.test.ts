import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const day = 86_400_000;

/** Of a product, and of a subscription to it. */
async function rotations(ofProduct: string, ofSubscription: string) {
  const { definition, diagnostics } = await loadText(
    `version: 1
apis: { a: { path: /a } }
products: { p: { apis: [a], rotation: ${ofProduct} } }
subscriptions: { s: { product: p, key: { env: KEY }, rotation: ${ofSubscription} } }
`,
    { variables: { KEY: "sp_0123456789abcdef" } },
  );
  const problems = diagnostics.map(
    ({ code, at, message, fix }) => `${code} ${at.line}:${at.column} ${message}: ${fix}`,
  );
  return [definition?.products[0]?.rotation, definition?.subscriptions[0]?.rotation, problems];
}

describe("rotation", () => {
  it("is read from a product and a subscription, in whole or by its period alone", async () => {
    assert.deepEqual(await rotations("{ every: 90d, grace: 10d, notice: 7d }", "8d"), [
      { every: 90 * day, grace: 10 * day, notice: 7 * day },
      { every: 8 * day, grace: 2 * day, notice: 2 * day },
      [],
    ]);
  });

  it("leaves room between its periods, and says so at the place", async () => {
    const [, , problems] = await rotations("{ every: 10d, grace: 10d, notice: 11d }", "{ grace: 1d }");
    assert.deepEqual(problems, [
      "rotation-invalid 3:60 grace of 10d is not shorter than every of 10d: write a shorter one, or leave it out: 60h",
      "rotation-invalid 3:73 notice of 11d is not shorter than every of 10d: write a shorter one, or leave it out: 60h",
      "key-missing 4:64 a rotation lacks every: add every: … (At this age it is due)",
    ]);
  });

  it("has bounds", async () => {
    const [, , problems] = await rotations("59m", "3651d");
    assert.deepEqual(
      (problems as readonly string[]).map((problem) => problem.split(" ")[0]),
      ["value-invalid", "value-invalid"],
    );
  });
});
