import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identifierOf, serverNameOf } from "./identifier.ts";

describe("an ACME identifier", () => {
  it("of an address is of the type ip, and is asked for by its reverse name", () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ["api.example.com", "dns", "api.example.com"],
      ["192.0.2.1", "ip", "1.2.0.192.in-addr.arpa"],
      ["2001:db8::1", "ip", `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`],
      ["::ffff:192.0.2.1", "ip", `1.0.2.0.0.0.0.c.f.f.f.f.${"0.".repeat(20)}ip6.arpa`],
    ];
    for (const [name, type, serverName] of cases) {
      const identifier = identifierOf(name);
      assert.equal(identifier.type, type);
      assert.equal(serverNameOf(identifier), serverName);
    }
  });
});
