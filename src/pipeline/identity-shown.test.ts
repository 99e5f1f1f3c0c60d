import assert from "node:assert/strict";
import { it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { addAssertion } from "./identity-shown.ts";

it("asserts who calls, and neither nobody nor whose key it was", () => {
  const asserted = (principal: Principal): readonly string[] => {
    const headers = new HeaderList();
    const exchange = { principal, api: { name: "orders" } } as unknown as Exchange;
    addAssertion(headers, exchange, { for: ({ id }, audience) => `${id} for ${audience}` });
    return headers.all("x-sallyport-assertion");
  };
  const ann: Principal = { ...anonymous, id: "corp||ann", kind: "user", authMethod: "token" };
  assert.deepEqual(asserted(ann), ["corp||ann for orders"]);
  assert.deepEqual(asserted({ ...ann, authMethod: "session" }), ["corp||ann for orders"]);
  assert.deepEqual(asserted({ ...ann, authMethod: "subscription-key" }), []);
  assert.deepEqual(asserted(anonymous), []);
});
