import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressBytes, classifyAddress, type AddressKind } from "./address-rules.ts";

const table: readonly (readonly [AddressKind, readonly string[]])[] = [
  ["public", ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "169.253.1.1", "126.1.1.1"]],
  ["public", ["2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]],
  [
    "private",
    ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fdff::1", "fec0::1"],
  ],
  ["private", ["::ffff:10.0.0.1", "::ffff:a00:1", "64:ff9b::a00:1", "2002:a00:1::"]],
  ["loopback", ["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"]],
  ["loopback", ["64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:0:127.0.0.1"]],
  ["link-local", ["169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1", "::ffff:169.254.9.9"]],
  [
    "metadata",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "fd00:ec2::254"],
  ],
  ["metadata", ["168.63.129.16", "100.100.100.200", "192.0.0.192", "169.254.170.2"]],
  ["unspecified", ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"]],
  ["multicast", ["224.0.0.1", "239.255.255.255", "ff02::1", "::ffff:224.0.0.1"]],
  ["reserved", ["240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.0.0.1"]],
  ["reserved", ["2001:db8::1", "2001::1", "::127.0.0.1", "::2", "100::1", "64:ff9b:1::1", "4000::1", "3fff::1"]],
  [
    "invalid",
    ["localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "", "1.2.3.4.5", "1.2.3.256", "::g", "01.2.3.4"],
  ],
];

describe("classifyAddress", () => {
  for (const [kind, addresses] of table) {
    for (const address of addresses)
      it(`${address || "nothing"} is ${kind}`, () => assert.equal(classifyAddress(address), kind));
  }
});

describe("addressBytes", () => {
  it("is one form for all spellings of an address", () => {
    assert.deepEqual(addressBytes("::ffff:7f00:1"), addressBytes("127.0.0.1"));
    assert.deepEqual(addressBytes("fe80::1%eth0"), addressBytes("FE80:0:0::0001"));
    assert.equal(addressBytes("localhost"), null);
  });
});
