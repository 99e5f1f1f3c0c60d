import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { describe, it } from "node:test";
import { parseAddress, parseRange } from "./address.ts";

describe("parseAddress", () => {
  it("reads every way of writing one address as the same number", () => {
    assert.equal(parseAddress("1.2.3.4"), 0xffff_0102_0304n);
    assert.equal(parseAddress("::ffff:1.2.3.4"), 0xffff_0102_0304n);
    assert.equal(parseAddress("0:0:0:0:0:FFFF:102:304"), 0xffff_0102_0304n);
    assert.equal(parseAddress("::"), 0n);
    assert.equal(parseAddress("1::"), 1n << 112n);
    assert.equal(parseAddress("fe80::1%eth0"), parseAddress("fe80::1"));
  });

  it("refuses what is none", () => {
    for (const text of ["", "1.2.3", "1.2.3.256", "01.2.3.4", "1:2", "g::", "1.2.3.4 "]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});

describe("parseRange", () => {
  it("agrees with the platform's own list at the edges of every prefix", () => {
    for (const [base, family, width] of [
      ["203.0.113.77", "ipv4", 32],
      ["2001:db8::beef", "ipv6", 128],
    ] as const) {
      for (let prefix = 0; prefix <= width; prefix += 1) {
        const range = parseRange(`${base}/${prefix}`);
        const list = new BlockList();
        list.addSubnet(base, prefix, family);
        for (const probe of [
          "203.0.113.76",
          "203.0.113.77",
          "203.0.113.255",
          "204.0.0.0",
          "2001:db8::beee",
          "2001:db8::1:0",
          "::1",
        ]) {
          if ((probe.includes(":") ? "ipv6" : "ipv4") !== family) continue;
          const number = parseAddress(probe) as bigint;
          assert.ok(range);
          assert.equal(
            number >= range.from && number <= range.to,
            list.check(probe, family),
            `${base}/${prefix} ${probe}`,
          );
        }
      }
    }
  });
});
