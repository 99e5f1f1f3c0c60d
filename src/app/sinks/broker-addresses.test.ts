import assert from "node:assert/strict";
import { it } from "node:test";
import { brokerAddresses } from "./broker-addresses.ts";

const own = [
  { host: "127.0.0.1", port: 9443, admin: true },
  { host: "0.0.0.0", port: 8443 },
];
const refused = { code: "egress-refused" };

it("lets the definition's brokers be anywhere but where the admin API is", async () => {
  const addressesOf = brokerAddresses(own, false);
  assert.deepEqual(await addressesOf("10.0.0.7", 9093, true), [{ address: "10.0.0.7", family: 4 }]);
  assert.deepEqual(await addressesOf("::1", 9093, true), [{ address: "::1", family: 6 }]);
  const [first] = await addressesOf("localhost", 9093, true);
  assert.ok(["127.0.0.1", "::1"].includes(first?.address ?? ""));
  await assert.rejects(addressesOf("localhost", 9443, true), refused);
});

it("follows a cluster to no metadata service, to nothing on this machine, and to no listener of the gateway", async () => {
  const addressesOf = brokerAddresses(own, false);
  const bad = [
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "127.0.0.1",
    "::1",
    "localhost",
    "0.0.0.0",
    "::ffff:7f00:1",
  ];
  for (const host of bad) await assert.rejects(addressesOf(host, 9093, false), refused, host);
  assert.deepEqual(await addressesOf("10.0.0.8", 9093, false), [{ address: "10.0.0.8", family: 4 }]);
});

it("follows a cluster on this machine to this machine alone", async () => {
  const addressesOf = brokerAddresses(own, true);
  assert.deepEqual(await addressesOf("127.0.0.1", 9094, false), [{ address: "127.0.0.1", family: 4 }]);
  assert.deepEqual(await addressesOf("localhost", 9094, false), [{ address: "127.0.0.1", family: 4 }]);
  for (const [host, port] of [
    ["127.0.0.1", 9443],
    ["127.0.0.1", 8443],
    ["10.0.0.8", 9094],
    ["kafka.example", 9094],
    ["169.254.169.254", 80],
  ] as const) {
    await assert.rejects(addressesOf(host, port, false), refused, `${host}:${port}`);
  }
});
