import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import { type Pebble, type PebbleOptions, startPebble } from "#test/support/pebble.ts";
import { needsCommand } from "#test/support/require.ts";
import { openTimedSite, type TimedSite } from "./timed-site.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const name = "api.sally.org";

interface Parts {
  readonly pebbles: readonly Pebble[];
  readonly site: TimedSite;
}

/** As many authorities as are wanted, all of which come to one site; the first one is asked, the second is its staging twin. */
async function open(count: number, ofStaging: PebbleOptions = {}): Promise<Parts> {
  const [httpPort, tlsPort] = (await freePorts(2)) as [number, number];
  const options = { httpPort, tlsPort, lifetime: (90 * day) / 1000 };
  const pebbles = await Promise.all(
    Array.from({ length: count }, (_, at) => startPebble(at === 0 ? options : { ...options, ...ofStaging })),
  );
  const [asked, staging] = pebbles.map(({ directory }) => directory);
  const ca = pebbles.map(({ root }) => root).join("\n");
  const issuers = [{ directory: asked as string, staging: staging ?? null, ca }];
  return { pebbles, site: await openTimedSite({ name, issuers, httpPort, tlsPort }) };
}

async function close({ pebbles, site }: Parts): Promise<void> {
  await site.stop();
  for (const pebble of pebbles) await pebble.stop();
}

function ordersOf(pebble: Pebble): number {
  return pebble.output().match(/Added order/g)?.length ?? 0;
}

describe("an authority that is away when ninety days are over, pebble", needsCommand("pebble"), () => {
  it("costs the site nothing: it serves what it has, and recovers by its own back-off", async () => {
    const parts = await open(1);
    const [pebble] = parts.pebbles as [Pebble];
    const { site } = parts;
    try {
      const root = await pebble.issuingRoot();
      await site.passUntil(() => site.managed.certificate !== null, minute / 2);
      const first = site.managed.certificate;
      await pebble.halt();
      site.skip(59 * day);
      const until = 59 * day + (await site.passUntil(() => site.managed.state.failures > 0, 2 * day));
      assert.ok(Math.abs(until - 60 * day) <= 10 * minute, `with a third left: ${until / day} days`);
      await site.passUntil(() => site.clock.now() > (first?.notBefore ?? 0) + 63 * day, 4 * day);
      const { failures, lastFailure, nextTryAt } = site.managed.state;
      // A minute, then ever later, up to six hours.
      assert.ok(failures >= 18 && failures <= 24, String(failures));
      assert.match(lastFailure?.text ?? "", /127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
      assert.equal(site.failed.length, failures);
      assert.ok((nextTryAt ?? 0) > site.clock.now() && (nextTryAt ?? 0) <= site.clock.now() + 7 * hour);
      assert.equal(site.managed.certificate, first);
      assert.equal((await site.visit(root))?.serialNumber, first?.serial);
      await pebble.resume();
      await site.passUntil(() => site.managed.certificate !== first, 7 * hour);
      assert.ok(site.clock.now() >= (nextTryAt ?? 0), "it has waited for its time");
      assert.deepEqual([site.managed.state.failures, site.managed.state.lastFailure], [0, null]);
      const now = await site.visit(await pebble.issuingRoot());
      assert.equal(now?.serialNumber, site.managed.certificate?.serial);
      assert.equal(ordersOf(pebble), 1);
    } finally {
      await close(parts);
    }
  });
});

describe("a try after a failure, two pebbles", needsCommand("pebble"), () => {
  it("goes to the staging authority first, and to the other only when that has issued; nobody is shown the rehearsal", async () => {
    const parts = await open(2);
    const [pebble, staging] = parts.pebbles as [Pebble, Pebble];
    const { site } = parts;
    try {
      site.mute = true;
      await site.passUntil(() => site.managed.state.failures === 3, 4 * minute);
      assert.deepEqual([ordersOf(pebble), ordersOf(staging)], [1, 2]);
      const { lastFailure } = site.managed.state;
      assert.match(lastFailure?.issuer ?? "", /^127\.0\.0\.1:\d+ \(staging\)$/);
      assert.match(lastFailure?.text ?? "", /^validating api\.sally\.org by http-01: /);
      assert.equal(site.failed.filter((issuer) => issuer.endsWith(" (staging)")).length, 2);
      site.mute = false;
      await site.passUntil(() => site.managed.certificate !== null, 8 * minute);
      assert.deepEqual([ordersOf(pebble), ordersOf(staging)], [2, 3]);
      assert.match(staging.output(), /Issued certificate serial/);
      assert.equal(site.served.size, 1);
      assert.equal((await site.visit(await pebble.issuingRoot()))?.subjectAltName, `DNS:${name}`);
      assert.equal(await site.visit(await staging.issuingRoot()), undefined);
      assert.equal(site.managed.state.issuer, pebble.directory);
    } finally {
      await close(parts);
    }
  });

  it("goes to the other at once where the staging authority is down, or wants an account of its own", async () => {
    const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    const parts = await open(2, { accounts: { one: hmacKey } });
    const [pebble, staging] = parts.pebbles as [Pebble, Pebble];
    const { site } = parts;
    try {
      site.mute = true;
      await site.passUntil(() => site.managed.state.failures === 2, 2 * minute);
      assert.deepEqual([ordersOf(pebble), ordersOf(staging)], [2, 0]);
      assert.match(site.logged.join("\n"), /nothing is rehearsed .*\(staging\).*wants an external account binding/);
      await staging.halt();
      site.mute = false;
      await site.passUntil(() => site.managed.certificate !== null, 4 * minute);
      assert.match(site.logged.join("\n"), /nothing is rehearsed .*\(staging\).*cannot be reached/);
    } finally {
      await close(parts);
    }
  });
});
