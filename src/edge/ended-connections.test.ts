import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EndedConnections } from "#model/connection-ends.ts";
import { EndedCounts } from "./ended-connections.ts";

it("counts by reason and range of addresses, and bounds what a flood from everywhere makes of that", () => {
  const told: (readonly EndedConnections[])[] = [];
  const counts = new EndedCounts({ tell: (ended) => told.push(ended) });
  for (let last = 0; last < 200; last += 1) counts.note("tls-malformed", `192.0.2.${last}`);
  counts.note("client-gone", "192.0.2.7");
  counts.note("tls-malformed", "2001:db8:7:1::9");
  counts.note("tls-malformed", "2001:db8:7:2::");
  counts.note("tls-malformed", "");
  counts.note("proxy-refused", "unix");
  for (let net = 0; net < 255; net += 1) counts.note("tls-timeout", `10.0.${net}.1`);
  for (let net = 0; net < 255; net += 1) counts.note("client-gone", `10.1.${net}.1`);
  counts.flush();
  counts.flush();
  assert.equal(told.length, 1);
  const [ended = []] = told;
  assert.deepEqual(ended.slice(0, 5), [
    { reason: "tls-malformed", from: "192.0.2.0/24", count: 200 },
    { reason: "client-gone", from: "192.0.2.0/24", count: 1 },
    { reason: "tls-malformed", from: "2001:db8:7::/48", count: 2 },
    { reason: "tls-malformed", from: "unknown", count: 1 },
    { reason: "proxy-refused", from: "unix", count: 1 },
  ]);
  assert.equal(ended.length, 34);
  const countOf = (reason: string): number =>
    ended.filter((one) => one.reason === reason).reduce((sum, { count }) => sum + count, 0);
  assert.deepEqual([countOf("tls-timeout"), countOf("client-gone")], [255, 256]);
  assert.deepEqual(ended.at(-1), { reason: "client-gone", from: "others", count: 255 });
});

it("tells soon of the first, and rarely of those that follow", async () => {
  const told: number[] = [];
  const tell = (ended: readonly EndedConnections[]): void => void told.push(ended[0]?.count ?? 0);
  const counts = new EndedCounts({ tell, firstMs: 20, everyMs: 150 });
  counts.note("client-gone", "192.0.2.1");
  while (told.length === 0) await sleep(5);
  for (let more = 0; more < 3; more += 1) counts.note("client-gone", "192.0.2.1");
  await sleep(60);
  assert.deepEqual(told, [1]);
  while (told.length === 1) await sleep(5);
  assert.deepEqual(told, [1, 3]);
});
