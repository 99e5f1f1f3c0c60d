import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { it } from "node:test";
import { DpopNonces } from "./dpop-nonces.ts";
import { ManualClock } from "./testing/doubles.ts";

const digest = (text: string): Uint8Array => createHash("sha256").update(`key ${text}`).digest();

it("nonces are the same on all workers, good for one to two minutes, and others under another key", () => {
  const [clock, late] = [new ManualClock(), new ManualClock()];
  const [one, other] = [new DpopNonces(clock, digest), new DpopNonces(late, digest)];
  const nonce = one.current();
  assert.match(nonce, /^[\w-]{22}$/);
  assert.equal(other.standing(nonce), "current");
  clock.advance(60_000);
  assert.equal(one.standing(nonce), "passing");
  // The other worker's clock is behind.
  assert.equal(other.standing(one.current()), "current");
  clock.advance(60_000);
  for (const old of [nonce, undefined, "", { nonce }]) assert.equal(one.standing(old), "unknown");
  const stranger = new DpopNonces(clock, (text) => createHash("sha256").update(text).digest());
  assert.equal(stranger.standing(one.current()), "unknown");
});
