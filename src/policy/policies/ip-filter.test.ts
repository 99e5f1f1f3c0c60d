import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const addresses = {
  address: ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"],
  addressRange: [{ from: "198.51.100.250", to: "198.51.101.5" }],
};

function passes(action: string, clientAddress: string): boolean {
  const outcome = run(policy("ip-filter", { action, ...addresses }), exchangeFor([], { clientAddress }));
  if (outcome !== undefined) assert.equal(outcome.kind === "refusal" && outcome.reason, "address-not-allowed");
  return outcome === undefined;
}

describe("ip-filter", () => {
  const inside = ["10.255.255.255", "192.0.2.7", "198.51.100.250", "198.51.101.5", "2001:db8:1::9", "::ffff:10.1.2.3"];
  const outside = [
    "11.0.0.0",
    "192.0.2.8",
    "198.51.100.249",
    "198.51.101.6",
    "2001:db9::1",
    "::ffff:11.0.0.1",
    "9.99.99.99",
  ];

  for (const address of inside)
    it(`has ${address} inside`, () =>
      assert.deepEqual([passes("allow", address), passes("forbid", address)], [true, false]));
  for (const address of outside)
    it(`has ${address} outside`, () =>
      assert.deepEqual([passes("allow", address), passes("forbid", address)], [false, true]));

  it("refuses an address that cannot be read, whatever the action", () => {
    for (const unknown of ["", "unix", "1.2.3", "010.0.0.1"]) {
      assert.deepEqual([passes("allow", unknown), passes("forbid", unknown)], [false, false]);
    }
  });
});
