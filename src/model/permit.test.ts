import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "./errors.ts";
import { createPermitAuthority, type Permit } from "./permit.ts";

const code = (expected: string) => (error: unknown) => error instanceof GatewayError && error.code === expected;

describe("permit", () => {
  const exchange = {};
  const principal = {};

  it("passes where it was minted, for its exchange and principal", () => {
    const { mint, check } = createPermitAuthority();
    check(mint(exchange, principal), exchange, principal);
  });

  it("throws for anything that was not minted here, whatever it is cast to", () => {
    const { mint, check } = createPermitAuthority();
    const real = mint(exchange, principal);
    const forgeries: unknown[] = [
      undefined,
      null,
      true,
      {},
      { brand: "Permit" },
      { ...real },
      Object.create(real),
      Object.create(Object.getPrototypeOf(real) as object),
      structuredClone({ ...real }),
      new Proxy(real, {}),
      createPermitAuthority().mint(exchange, principal),
    ];
    for (const forgery of forgeries) {
      assert.throws(() => check(forgery as Permit, exchange, principal), code("permit-forged"));
    }
  });

  it("throws for another exchange or another principal", () => {
    const { mint, check } = createPermitAuthority();
    const permit = mint(exchange, principal);
    assert.throws(() => check(permit, {}, principal), code("permit-mismatch"));
    assert.throws(() => check(permit, exchange, {}), code("permit-mismatch"));
  });

  it("does not lead to its constructor", () => {
    const permit = createPermitAuthority().mint(exchange, principal);
    assert.equal(permit.constructor, undefined);
  });
});
